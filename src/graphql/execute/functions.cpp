// The SQL functions of the GraphQL part: gqlsvl.resolve.
#include "graphql/execute/run.h"

#include "pg/boundary.h"

namespace {

std::string_view text_argument(FunctionCallInfo fcinfo, int index) {
  if (PG_ARGISNULL(index)) return {};
  const text *value = PG_GETARG_TEXT_PP(index);
  return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

} // namespace

GQLSVL_FUNCTION(gqlsvl_resolve) {
  gqlsvl::graphql::execute::RunRequest request;
  gqlsvl::pg::call([&] {
    request.query = text_argument(fcinfo, 0);
    request.variables = text_argument(fcinfo, 1);
    request.operation_name = text_argument(fcinfo, 2);
  });
  const gqlsvl::graphql::execute::RunResult result = gqlsvl::graphql::execute::run(request);
  return gqlsvl::pg::call(
      [&] { return PointerGetDatum(cstring_to_text_with_len(result.json.data(), static_cast<int>(result.json.size()))); });
}
