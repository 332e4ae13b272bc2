// The current role's GraphQL schema, kept per backend until the catalogs it was read from change.
//
// Always: the schema is the one of the newest committed catalogs, plus what the current transaction changed itself, for as long as it does;
// a change that arrives meanwhile is looked at before the schema is given out. A change that the schema does not show leaves it as it is
// (the same pointer, so plans made for it stay). At most a few roles are kept. Each build is told at DEBUG1.
#pragma once
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::execute {

std::shared_ptr<const schema::Schema> current_schema();

} // namespace gqlsvl::graphql::execute
