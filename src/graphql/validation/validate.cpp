#include "graphql/validation/validate.h"
#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

void walk_rules(Context &context) {
  std::vector<Rule> rules;
  for (auto make :
       {rule_known_root_types, rule_unique_variable_names, rule_variables_are_input_types, rule_fields_on_correct_type, rule_scalar_leafs,
        rule_known_argument_names, rule_unique_argument_names, rule_required_arguments, rule_known_fragment_types,
        rule_fragments_on_objects, rule_possible_fragment_spreads, rule_values_of_correct_type, rule_input_field_names,
        rule_unique_input_field_names, rule_required_input_fields, rule_known_directives, rule_directive_locations, rule_unique_directives})
    rules.push_back(make(context));
  VariableUses uses(context);
  std::vector<Listener *> listeners{&uses};
  for (const Rule &rule : rules) listeners.push_back(rule.get());
  Walk(context, listeners).document();
  rule_variables_defined(context, uses);
  rule_variable_usages_allowed(context, uses);
  rule_variables_used(context, uses);
}

} // namespace

Errors validate(const schema::Schema &schema, const language::Document &document, const ValidationLimits &limits) {
  Context context(schema, document, limits);
  rule_unique_operation_names(context);
  rule_lone_anonymous_operation(context);
  rule_unique_fragment_names(context);
  rule_known_fragment_names(context);
  rule_no_unused_fragments(context);
  const std::size_t before_limits = context.errors.size();
  rule_no_fragment_cycles(context);
  if (context.errors.size() == before_limits) rule_document_limits(context);
  // What follows recurses through fragments: only when that is known to end soon.
  if (context.full() || context.errors.size() > before_limits) return std::move(context.errors);
  rule_single_root_field(context);
  walk_rules(context);
  rule_overlapping_fields(context);
  return std::move(context.errors);
}

} // namespace gqlsvl::graphql::validation
