// Who the current role is, as far as rights go, which of gqlsvl.schemas it may use, and whether it asks for a back end.
#pragma once
#include "catalog/model.h"

namespace gqlsvl::catalog {

Audience current_audience(); // Error 22023: gqlsvl.schemas is no list of names

} // namespace gqlsvl::catalog
