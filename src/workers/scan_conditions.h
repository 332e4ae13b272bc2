// What the conditions of a scan ask of one column.
//
// In:  a scan node of a started plan. Out: the equality that narrows it best: one value before a list of them, before a value that varies
//   with parameters other rows set; conditions of an index come first. Nothing: the scan may read any row.
// Always: the operator is the equality that the column type's hash belongs to, the collation is deterministic, and the value can be
//   computed beside the query: no columns, no volatile functions, no sub-selects. Plain Postgres code: may ereport.
#pragma once
#include <optional>

#include "pg/boundary.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace gqlsvl::workers {

// column = value, or column = ANY (array): what a condition says about a scan.
struct Equality {
  AttrNumber column;
  Expr *value;
  bool is_array;
  bool varies; // with parameters that other rows set
};

// `once`: parameters set once for the whole query.
std::optional<Equality> best_equality(ScanState *scan, Bitmapset *once);

} // namespace gqlsvl::workers
