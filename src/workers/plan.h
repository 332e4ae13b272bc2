// Which workers ought to run: the slot table as it should be, changed under Shared::lock.
//
// In:  a database that has the extension, or has lost it. Out: its slots planned or freed.
// Always: the first database gets listener, executors and delivery; another one a listener and executors only when its own port is set
//   (postgres-rules 28). The order of the slots is the order of starting: one of each kind first, so that few worker slots still serve.
#pragma once
#include "workers/shared.h"

namespace gqlsvl::workers {

void plan_database(Oid database, Oid authenticator, bool own_port);
void forget_database(Oid database); // its workers are told to end; their slots are freed
void stop_workers_of(Oid database); // SIGTERM to those that run
bool workers_running(Oid database);
bool is_held(Oid database);

} // namespace gqlsvl::workers
