// Which workers ought to run: the slot table as it should be, changed under Shared::lock.
//
// In:  a database that has the extension, or has lost it. Out: its slots planned or freed; what found no place.
// Always: the first database gets listener, executors and delivery; another one a listener and executors only when its own port is set
//   (docs/rules.md, 28). The order of the slots is the order of starting: one of each kind first, so that few worker slots still serve.
#pragma once
#include "workers/shared.h"

namespace gqlsvl::workers {

// What a probe has seen in a database that has the extension.
struct DatabaseFacts {
  Oid database;
  Oid authenticator; // invalid: there is no such role
  int port;
  bool own_port; // set by ALTER DATABASE ... SET
};

// What found no place in the fixed tables of shared memory.
struct Shortage {
  bool database = false;
  int workers = 0;
};

// Also ends what is not wanted any more: workers beyond the settings' numbers, executors of another authenticator, a listener on
// another port. Executors finish what they are doing first.
Shortage plan_database(const DatabaseFacts &facts);
void forget_database(Oid database); // its workers are told to end; their slots are freed
void stop_workers_of(Oid database); // SIGTERM to those that run
bool workers_running(Oid database);
bool common_port_is_free(); // no database listens on the port that all share

} // namespace gqlsvl::workers
