#include "graphql/validation/operation.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

const language::Operation *choose_operation(const language::Document &document, const std::string &operation_name, GraphQLError &error) {
  error = GraphQLError{};
  const auto &operations = document.operations;
  if (operation_name.empty()) {
    if (operations.size() == 1) return &operations.front();
    error.message = "exactly one operation has to be present in the document when operationName is not specified";
    return nullptr;
  }
  const bool anonymous = std::any_of(operations.begin(), operations.end(), [](const auto &o) { return o.name.empty(); });
  if (anonymous) {
    error.message = "operationName cannot be used when an anonymous operation exists in the document";
    return nullptr;
  }
  for (const language::Operation &operation : operations)
    if (operation.name == operation_name) return &operation;
  error.message = "no such operation found in the document: \"" + operation_name + "\"";
  return nullptr;
}

} // namespace gqlsvl::graphql::validation
