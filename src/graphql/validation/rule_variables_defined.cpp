#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

void rule_variables_defined(Context &context, const VariableUses &uses) {
  for (const language::Operation &operation : context.document.operations) {
    std::unordered_set<std::string_view> defined;
    for (const language::VariableDefinition &variable : operation.variables) defined.insert(variable.name);
    for (const VariableUse *use : uses.of(operation))
      if (!defined.count(use->variable)) context.report_at(use->path, "unbound variable \"" + use->variable + "\"", use->at);
  }
}

} // namespace gqlsvl::graphql::validation
