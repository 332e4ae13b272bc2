// Keeps a Model true at the least cost: reads again only what a change may have touched.
//
// In:  a Model of the current role, and the changes heard since it was read. Out: the same Model when it still says what the catalogs say
// (statistics, indexes, temporary tables, policies and tables of others change nothing in it); else a new one.
// Always: the answer is that of load_model at this moment.
#pragma once
#include "catalog/model.h"
#include "catalog/watch.h"

namespace gqlsvl::catalog {

std::shared_ptr<const Model> refresh_model(const std::shared_ptr<const Model> &model, const Changes &changes);

} // namespace gqlsvl::catalog
