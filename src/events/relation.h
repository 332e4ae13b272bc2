// The extension's own relations, found by name in its schema (the schema cannot be moved: relocatable = false).
#pragma once
#include "pg/boundary.h"

extern "C" {
#include "catalog/namespace.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::events {

// Postgres code: call it inside pg::call.
inline Oid relation_named(const char *name) {
  Oid relation = get_relname_relid(name, get_namespace_oid("gqlsvl", false));
  if (!OidIsValid(relation)) elog(ERROR, "relation gqlsvl.%s does not exist", name);
  return relation;
}

} // namespace gqlsvl::events
