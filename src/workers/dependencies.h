// What the result of a finished query depended on: topics (live/topic.h).
//
// In:  a query that has run, before ExecutorEnd. Out: whole(R) for each relation it opened; where every scan of R asked for rows by
//   `column = value` (or = ANY), with a value that is the same for the whole query: rows(R, column, value) and unseen(R) instead.
// The plan as it ran says it: conditions of the document, keys, row security with claims alike.
// Always: never too little. Volatile or correlated values, other operators, other kinds of scans, errors: whole(R).
#pragma once
#include "live/topic.h"

#include <vector>

struct QueryDesc;

namespace gqlsvl::workers {

std::vector<live::Topic> dependencies(QueryDesc *query);

} // namespace gqlsvl::workers
