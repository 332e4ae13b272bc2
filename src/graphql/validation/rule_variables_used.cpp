#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

void rule_variables_used(Context &context, const VariableUses &uses) {
  if (context.limits.lenient) return;
  for (const language::Operation &operation : context.document.operations) {
    std::unordered_set<std::string_view> used;
    for (const VariableUse *use : uses.of(operation)) used.insert(use->variable);
    for (const language::VariableDefinition &variable : operation.variables)
      if (!used.count(variable.name))
        context.report_strict("$.variables." + variable.name, "variable '" + variable.name + "' is never used", variable.at);
  }
}

} // namespace gqlsvl::graphql::validation
