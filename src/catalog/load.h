// Reads the catalogs into a Model for the current role, and tells when what was read is no longer true.
//
// In:  the current role, gqlsvl.schemas. Out: the Model, or an Error.
// Always: reads by the catalog snapshot (syscache and systable scans), so a REPEATABLE READ caller never sees an old schema; holds no lock
// and no buffer when it returns. An interrupt ends it.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

std::shared_ptr<const Model> load_model();

// Moves whenever something that a Model was read from may have changed, for this backend. Never 0.
std::uint64_t generation();

// Registers the invalidation callbacks; safe to call again.
void watch_catalogs();

} // namespace gqlsvl::catalog
