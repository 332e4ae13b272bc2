// The tables whose rows are the values of an enum (gqlsvl.set_enum_table).
//
// In:  model.overrides. Out: model.enum_tables, with what their rows say now; a table that is no longer fit to be one is left out.
// Always: read by the catalog snapshot, and without rights of the role on the table: the values are part of the schema of whoever sees a
// column that refers to them, as the labels of a Postgres enum are. A change of the rows is heard as a change of the table: its trigger
// "!gqlsvl_enum" sends a relcache invalidation, at commit.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

void load_enum_tables(Model &model);

// Whether one of the relations is an enum table of the model that says something else now.
bool enum_tables_changed(const Model &model, const std::vector<Oid> &relations);

} // namespace gqlsvl::catalog
