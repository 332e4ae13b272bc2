#include "graphql/execute/ready.h"

#include "graphql/execute/schema_cache.h"

#include "pg/server.h"

namespace gqlsvl::graphql::execute {

namespace {

using language::OperationKind;

GraphQLError simple_error(const std::string &message, const std::string &code, const std::string &path = "$") {
  GraphQLError error;
  error.message = message;
  error.code = code;
  error.path = path;
  return error;
}

std::optional<GraphQLError> refuse(const RunRequest &request, const language::Operation &operation, const schema::Schema &schema) {
  if (operation.kind == OperationKind::Subscription && !request.allow_subscription)
    return simple_error("subscriptions are not supported over HTTP, use websockets instead", unexpected_payload);
  if (operation.kind == OperationKind::Mutation && request.read_only)
    return simple_error("mutations are not possible in a read-only request", "not-supported");
  if (operation.kind == OperationKind::Mutation && !schema.mutation) return simple_error("no mutations exist", "validation-failed");
  if (operation.kind == OperationKind::Subscription && !schema.subscription)
    return simple_error("no subscriptions exist", "validation-failed");
  return std::nullopt;
}

// Variables of the request as a tree; null pointer: none. False: `errors` has grown.
bool read_variables(std::string_view text, std::optional<json::Value> &variables, Errors &errors) {
  if (text.empty()) return true;
  json::ParseError problem;
  variables = json::parse(text, problem);
  if (variables && (variables->is_object() || variables->is_null())) return true;
  errors.push_back(
      simple_error(variables ? "variables must be a JSON object"
                             : "variables are not valid JSON: " + problem.message + " (at byte " + std::to_string(problem.byte) + ")",
                   "validation-failed", "$.variables"));
  return false;
}

} // namespace

std::optional<Ready> make_ready(const RunRequest &request, Errors &errors) {
  const std::shared_ptr<const schema::Schema> schema = current_schema();
  Ready ready;
  ready.parsed = parsed_document(GetUserId(), schema, request.query, request.operation_name, errors);
  if (!ready.parsed) return std::nullopt;
  const ParsedDocument &parsed = *ready.parsed;
  std::optional<json::Value> given;
  if (std::optional<GraphQLError> refused = refuse(request, *parsed.operation, *schema)) {
    errors.push_back(std::move(*refused));
    return std::nullopt;
  }
  if (!read_variables(request.variables, given, errors)) return std::nullopt;
  std::optional<validation::Variables> variables =
      validation::coerce_variables(*schema, parsed.document, *parsed.operation, given ? &*given : nullptr, errors);
  if (!variables) return std::nullopt;
  ready.variables = std::move(*variables);
  GraphQLError error;
  ready.prepared = ready.parsed->prepare(ready.variables, error);
  if (ready.prepared) return ready;
  errors.push_back(std::move(error));
  return std::nullopt;
}

} // namespace gqlsvl::graphql::execute
