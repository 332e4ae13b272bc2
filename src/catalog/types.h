// Types for load.cpp: pg_type rows, enum labels and the operators that compare values.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

// The type with what it is made of (element, base), added to `model` once.
const Type *load_type(Model &model, Oid oid);

std::vector<std::string> enum_labels(Oid type); // in their order

} // namespace gqlsvl::catalog
