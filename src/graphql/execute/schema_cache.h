// The current role's GraphQL schema, kept per backend until the catalogs it was read from change.
//
// Always: the schema is the one of the newest committed catalogs, plus what the current transaction changed itself; a change that arrives
// during the build makes it start again. At most a few roles are kept.
#pragma once
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::execute {

std::shared_ptr<const schema::Schema> current_schema();

} // namespace gqlsvl::graphql::execute
