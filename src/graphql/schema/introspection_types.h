// What every schema has besides the database's types: the scalars of the specification, the introspection types and the directives.
//
// In:  a Schema under construction. Out: the same with Boolean, Float, ID, Int, String; __Schema, __Type, __Field, __InputValue,
// __EnumValue,
// __Directive, __TypeKind, __DirectiveLocation; the directives cached, include, skip.
// Source: GraphQL specification, September 2025, sections 3.5, 3.13, 4.2.
#pragma once
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::schema {

// Adds types and directives. A scalar that is there already (a column type made it) is kept. The caller sorts `types` afterwards.
void add_introspection_types(Schema &schema);

// The fields no type lists: __typename on every object type, __schema and __type on the query root. Null: none of these.
// The introspection types must have been added.
const Field *meta_field(const Schema &schema, const NamedType &parent, const std::string &field_name);

} // namespace gqlsvl::graphql::schema
