// The SQL functions of the GraphQL part: gqlsvl.resolve, gqlsvl.explain, gqlsvl.schema_sdl.
#include "graphql/execute/documents.h"
#include "graphql/execute/explain.h"
#include "graphql/execute/run.h"
#include "graphql/execute/schema_cache.h"
#include "graphql/schema/sdl.h"

#include "pg/boundary.h"

namespace {

using gqlsvl::graphql::execute::RunRequest;

std::string_view text_argument(FunctionCallInfo fcinfo, int index) {
  if (PG_ARGISNULL(index)) return {};
  const text *value = PG_GETARG_TEXT_PP(index);
  return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

RunRequest request_of(FunctionCallInfo fcinfo) {
  RunRequest request;
  gqlsvl::pg::call([&] {
    request.query = text_argument(fcinfo, 0);
    request.variables = text_argument(fcinfo, 1);
    request.operation_name = text_argument(fcinfo, 2);
  });
  return request;
}

Datum text_result(const std::string &json) {
  return gqlsvl::pg::call([&] { return PointerGetDatum(cstring_to_text_with_len(json.data(), static_cast<int>(json.size()))); });
}

} // namespace

GQLSVL_FUNCTION(gqlsvl_resolve) { return text_result(gqlsvl::graphql::execute::run(request_of(fcinfo)).json); }

GQLSVL_FUNCTION(gqlsvl_explain) {
  const bool analyze = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
  RunRequest request = request_of(fcinfo);
  request.allow_subscription = true; // its query can be shown
  return text_result(gqlsvl::graphql::execute::explain(request, analyze));
}

GQLSVL_FUNCTION(gqlsvl_schema_sdl) { return text_result(gqlsvl::graphql::schema::sdl(*gqlsvl::graphql::execute::current_schema())); }

GQLSVL_FUNCTION(gqlsvl_document_hash) {
  const std::string_view document = gqlsvl::pg::call([&] { return text_argument(fcinfo, 0); });
  return text_result(gqlsvl::graphql::execute::hash_of(document));
}

GQLSVL_FUNCTION(gqlsvl_normal_document) {
  const std::string_view document = gqlsvl::pg::call([&] { return text_argument(fcinfo, 0); });
  gqlsvl::graphql::GraphQLError error;
  const std::optional<std::string> normal = gqlsvl::graphql::execute::normal_form(document, error);
  if (normal) return text_result(*normal);
  throw gqlsvl::Error(gqlsvl::sqlstate::invalid_parameter, error.message,
                      "Line " + std::to_string(error.locations.at(0).line) + ", column " + std::to_string(error.locations.at(0).column) +
                          ".",
                      "A document has operations and fragments, as clients send them.");
}

// Whether the caller's schema has a root field of this name.
GQLSVL_FUNCTION(gqlsvl_has_root_field) {
  const auto schema = gqlsvl::graphql::execute::current_schema();
  const std::string name(gqlsvl::pg::call([&] { return text_argument(fcinfo, 0); }));
  bool found = false;
  for (const auto *root : {schema->query, schema->mutation, schema->subscription}) found = found || (root && root->field(name));
  PG_RETURN_BOOL(found);
}
