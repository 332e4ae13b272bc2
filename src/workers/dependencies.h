// What the result of a query depends on: topics (live/topic.h).
//
// In:  a query, from after ExecutorStart to before ExecutorEnd. Out: whole(R) for each relation it opened; where every scan of R asked for
//   rows by `column = value` (or = ANY) instead: rows(R, column, value) for each value it asked with, and unseen(R).
// The plan as it runs says it: conditions of the document, keys, row security with claims, joins by a column of another row. A value that
//   comes from another row is seen when the scan begins anew with it.
// Always: never too little. Volatile values, other operators, other kinds of scans, more than 100 values, errors: whole(R).
#pragma once
#include "live/topic.h"

#include <memory>
#include <vector>

struct QueryDesc;

namespace gqlsvl::workers {

class Observation {
public:
  explicit Observation(QueryDesc *query);
  ~Observation();
  Observation(const Observation &) = delete;
  std::vector<live::Topic> topics(); // may run functions of the query once more

private:
  class Finder;
  QueryDesc *query_;
  std::unique_ptr<Finder> finder_;
};

} // namespace gqlsvl::workers
