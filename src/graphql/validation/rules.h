// The rules, each in the file of its name: rule_<name>.cpp. Section numbers are those of the specification of September 2025;
// 5.1.1 (executable definitions only) is the parser's.
#pragma once
#include "graphql/validation/variable_uses.h"

#include <memory>

namespace gqlsvl::graphql::validation {

// Of the document as a whole; no types needed.
void rule_unique_operation_names(Context &context);   // 5.2.2.1
void rule_lone_anonymous_operation(Context &context); // 5.2.3.1
void rule_unique_fragment_names(Context &context);    // 5.5.1.1
void rule_known_fragment_names(Context &context);     // 5.5.2.1
void rule_no_unused_fragments(Context &context);      // 5.5.1.4
void rule_no_fragment_cycles(Context &context);       // 5.5.2.2
void rule_document_limits(Context &context);          // ours: sizes after expanding fragments; needs: no cycles
void rule_single_root_field(Context &context);        // 5.2.4.1; needs: limits hold
void rule_overlapping_fields(Context &context);       // 5.3.2; needs: limits hold

// Of single nodes, told by the walk.
using Rule = std::unique_ptr<Listener>;
Rule rule_known_root_types(Context &context);          // 5.2.1.1: the operation's kind exists
Rule rule_fields_on_correct_type(Context &context);    // 5.3.1
Rule rule_scalar_leafs(Context &context);              // 5.3.3
Rule rule_known_argument_names(Context &context);      // 5.4.1
Rule rule_unique_argument_names(Context &context);     // 5.4.2
Rule rule_required_arguments(Context &context);        // 5.4.3
Rule rule_known_fragment_types(Context &context);      // 5.5.1.2
Rule rule_fragments_on_objects(Context &context);      // 5.5.1.3
Rule rule_possible_fragment_spreads(Context &context); // 5.5.2.3
Rule rule_values_of_correct_type(Context &context);    // 5.6.1
Rule rule_input_field_names(Context &context);         // 5.6.2
Rule rule_unique_input_field_names(Context &context);  // 5.6.3
Rule rule_required_input_fields(Context &context);     // 5.6.4
Rule rule_known_directives(Context &context);          // 5.7.1
Rule rule_directive_locations(Context &context);       // 5.7.2
Rule rule_unique_directives(Context &context);         // 5.7.3
Rule rule_unique_variable_names(Context &context);     // 5.8.1
Rule rule_variables_are_input_types(Context &context); // 5.8.2

// Of the variables' uses, after the walk.
void rule_variables_defined(Context &context, const VariableUses &uses);       // 5.8.3
void rule_variables_used(Context &context, const VariableUses &uses);          // 5.8.4
void rule_variable_usages_allowed(Context &context, const VariableUses &uses); // 5.8.5

} // namespace gqlsvl::graphql::validation
