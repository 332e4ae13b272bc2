#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

void rule_unique_operation_names(Context &context) {
  std::unordered_set<std::string_view> seen;
  for (const language::Operation &operation : context.document.operations)
    if (!operation.name.empty() && !seen.insert(operation.name).second)
      context.report("multiple definitions of operation '" + operation.name + "'", operation.at);
}

} // namespace gqlsvl::graphql::validation
