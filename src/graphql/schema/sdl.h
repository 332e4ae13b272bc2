// A schema as a type-system document: what gqlsvl.schema_sdl returns.
//
// In:  a schema. Out: its text in the schema definition language, types by name, without what every GraphQL schema has (introspection, Int,
// String, @skip ...). Always: a GraphQL tool that reads it gets the schema that introspection shows.
// Source: GraphQL specification, September 2025, section 3.
#pragma once
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::schema {

std::string sdl(const Schema &schema);

} // namespace gqlsvl::graphql::schema
