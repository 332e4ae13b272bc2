// The part of checking variables that depends on where they are used: `limit: $n` must not be negative, `_eq: $id` must not be null.
//
// In:  coerced variables of a valid operation. Out: errors at $.variables.<name>. Places that @skip or @include leave out do not count.
#pragma once
#include "graphql/validation/variables.h"

namespace gqlsvl::graphql::validation {

void check_variable_places(const schema::Schema &schema, const language::Document &document, const language::Operation &operation,
                           const Variables &variables, Errors &errors);

} // namespace gqlsvl::graphql::validation
