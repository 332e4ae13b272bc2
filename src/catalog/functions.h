// The functions that owners made fields of the API: the rows of gqlsvl.function_field, with what pg_proc says of each.
//
// Always: read by the catalog snapshot. Left out are functions that are gone, that the role may not execute, and those that were changed
// so that they do not fit any more (gqlsvl.check() names these). Whether the role sees the tables they lead to is the schema's concern.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

// The function of a signature such as public.search_orders(text); invalid: there is none. Calls Postgres: for use inside pg::call.
Oid function_of(const char *signature);

void load_functions(Model &model); // into model.function_table and model.functions; their types into model.types

// Whether load_functions would read something else now.
bool functions_changed(const Model &model);

bool same_functions(const Model &a, const Model &b); // types are compared by OID

} // namespace gqlsvl::catalog
