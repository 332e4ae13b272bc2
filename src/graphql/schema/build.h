// The GraphQL schema of one role, generated from the catalogs.
//
// In:  catalog/model.h. Out: every type, field and argument of docs/dialect.md, sections 1 to 5.
// Always: valid under the GraphQL specification: names that are no GraphQL names are left out, no type is empty, no two share a name.
#pragma once
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::schema {

std::shared_ptr<const Schema> build_schema(std::shared_ptr<const catalog::Model> model);

} // namespace gqlsvl::graphql::schema
