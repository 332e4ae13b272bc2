#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

void rule_lone_anonymous_operation(Context &context) {
  if (context.document.operations.size() < 2) return;
  for (const language::Operation &operation : context.document.operations)
    if (operation.name.empty()) context.report("an anonymous operation must be the only operation of the document", operation.at);
}

} // namespace gqlsvl::graphql::validation
