// The rows of gqlsvl.table_option that apply to the model's role: limits on what a table offers (gqlsvl.set_table_option).
//
// In:  model.audience. Out: model.option_table and model.options. What a row for the role itself says goes before what one for all roles
// (role NULL) says. Always: read by the catalog snapshot, and without rights of the role on gqlsvl.table_option.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

void load_table_options(Model &model);

} // namespace gqlsvl::catalog
