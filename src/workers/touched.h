// What this backend's transaction touched, and what an evaluation opened: the executor hooks.
//
// In:  every statement's end (ExecutorEnd), utility statements, the end of transactions.
// Out: TouchedSet published at commit (workers/signal.h).
// Always: a change made while nobody listened counts as "everything" if somebody listens at commit. Parents of what was modified
//   (partitions, inheritance) are marked too: a subscription may read through them. Rolled-back savepoints over-notify. Background workers
//   of others (logical replication's apply) write past the executor: each of their commits that has a transaction id is "everything".
//   What a C function of another extension writes past the executor in an ordinary session is found by the listener's safety net only.
#pragma once
#include "workers/dependencies.h"

#include <map>
#include <vector>

#include "pg/boundary.h"

extern "C" {
#include "nodes/nodes.h"
}

struct QueryDesc;

namespace gqlsvl::workers {

void install_touched_hooks();                     // in _PG_init when preloaded
bool concerns_only_this_session(Node *statement); // about temporary tables; to be asked before it is run; may ereport
void note_utility_statement(Node *statement);     // after it succeeded; may ereport
void publish_touched() noexcept;                  // committed, invalidations are sent, locks are released
void forget_touched() noexcept;                   // abort, prepare

// What all queries depend on that run while this object lives, those inside functions and policies included. One at a time.
class Recorder {
public:
  Recorder();
  ~Recorder();
  Recorder(const Recorder &) = delete;
  std::vector<live::Topic> take(); // sorted, each once; of queries that did not come to their end all relations as a whole
  bool foreign() const { return foreign_; }
  void begun(const QueryDesc *query);
  void started(QueryDesc *query);
  void ended(QueryDesc *query);

private:
  std::vector<live::Topic> found_;
  struct UnderWay {
    std::vector<live::Topic> relations;
    std::unique_ptr<Observation> observation; // null: ExecutorStart has not come to its end
  };
  std::map<const QueryDesc *, UnderWay> under_way_;
  bool foreign_ = false;
};

} // namespace gqlsvl::workers
