// Reads the catalogs into a Model for the current role.
//
// In:  the current role, gqlsvl.schemas. Out: the Model, or an Error.
// Always: reads by the catalog snapshot (syscache and systable scans), so a REPEATABLE READ caller never sees an old schema; holds no lock
// and no buffer when it returns. An interrupt ends it.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

std::shared_ptr<const Model> load_model();

// One relation as load_model reads it, for model.audience; its types are added to `model`. Null: not exposed, or no right on it.
std::unique_ptr<const Table> load_table(Model &model, Oid relation);

} // namespace gqlsvl::catalog
