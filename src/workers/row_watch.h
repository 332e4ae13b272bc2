// Which rows a statement changes, by hashes of the columns that live queries watch.
//
// In:  a started query; the watched columns of its target tables (shared memory). Out: topics in the transaction's TouchedSet.
// How: an AFTER ROW trigger that exists only in this execution: no DDL, no lock, nothing in the catalogs. It is added to the copy of the
//   trigger list that each execution has (ResultRelInfo), where nobody watches rows nothing is added.
// Always: sound only together with watches_rows(): a target relation without the trigger counts as changed in all its rows. Those are: rows
//   routed to partitions, COPY, cascades of foreign keys (they run without triggers of their own), foreign and temporary tables.
#pragma once
#include "workers/signal.h"

struct EState;
struct ResultRelInfo;

namespace gqlsvl::workers {

// After ExecutorStart. Plain Postgres code: may ereport.
void watch_rows(EState *state, int executor_flags, const SignalArea &area, TouchedSet &touched);
bool watches_rows(const ResultRelInfo *target);

} // namespace gqlsvl::workers
