// A value of the syntax tree -> GraphQL text.
//
// Out: one line that parses to an equal value. Used for default values in introspection and to compare arguments.
#pragma once
#include "graphql/language/ast.h"

namespace gqlsvl::graphql::language {

std::string print(const Value &value);

// Equal for values that mean the same: the fields of objects are sorted by name.
std::string print_canonical(const Value &value);

} // namespace gqlsvl::graphql::language
