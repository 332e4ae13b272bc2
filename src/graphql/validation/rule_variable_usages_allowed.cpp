#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

// IsVariableUsageAllowed, and (as Hasura) a single variable where a list is expected.
bool is_allowed(const language::VariableDefinition &variable, const VariableUse &use) {
  if (!use.type) return true;
  schema::TypeRef expected = *use.type;
  const bool has_value = variable.default_value && variable.default_value->kind != language::ValueKind::Null;
  if (expected.non_null && !variable.type.non_null) {
    if (!has_value && !use.has_default) return false;
    expected.non_null = false;
  }
  if (!expected.list) return !variable.type.of && variable.type.name == expected.type->name;
  const language::TypeReference &item = variable.type.of ? *variable.type.of : variable.type;
  const bool item_fits = !item.of && item.name == expected.type->name;
  return item_fits && (item.non_null || !expected.item_non_null || !variable.type.of);
}

} // namespace

void rule_variable_usages_allowed(Context &context, const VariableUses &uses) {
  for (const language::Operation &operation : context.document.operations) {
    std::unordered_map<std::string_view, const language::VariableDefinition *> definitions;
    for (const language::VariableDefinition &variable : operation.variables) definitions.emplace(variable.name, &variable);
    for (const VariableUse *use : uses.of(operation)) {
      auto found = definitions.find(use->variable);
      if (found == definitions.end() || is_allowed(*found->second, *use)) continue;
      context.report_at(use->path,
                        "variable '" + use->variable + "' is declared as '" + found->second->type.to_string() + "', but used where '" +
                            use->type->to_string() + "' is expected",
                        use->at);
    }
  }
}

} // namespace gqlsvl::graphql::validation
