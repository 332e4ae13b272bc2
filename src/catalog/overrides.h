// The rows of gqlsvl.override: what owners of tables want otherwise than the automatic API has it.
//
// Always: read by the catalog snapshot, as the catalogs are, and without rights of the role on the table. A row that names a column or
// table that is gone is kept, and means nothing until there is one again.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

void load_overrides(Model &model); // into model.override_table and model.overrides

} // namespace gqlsvl::catalog
