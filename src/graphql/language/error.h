// One entry of a response's "errors", in the dialect's shape (docs/dialect.md, section 10) plus `locations`.
#pragma once
#include "graphql/language/ast.h"

namespace gqlsvl::graphql {

struct GraphQLError {
  std::string message;
  std::string code = "validation-failed"; // extensions.code
  std::string path = "$";                 // extensions.path, e.g. $.selectionSet.orders.args.where
  std::vector<language::Location> locations;
  std::string detail, hint, sqlstate; // extensions; written only when not empty
};

using Errors = std::vector<GraphQLError>;

// {"errors":[{"message":..,"locations":[..],"extensions":{"path":..,"code":..}}]}; no "data" key, as in Hasura.
std::string errors_response(const Errors &errors);

} // namespace gqlsvl::graphql
