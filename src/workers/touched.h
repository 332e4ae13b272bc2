// What this backend's transaction touched, and what an evaluation opened: the executor hooks.
//
// In:  every statement's end (ExecutorEnd), utility statements, the end of transactions.
// Out: TouchedSet published at commit (workers/signal.h).
// Always: a change made while nobody listened counts as "everything" if somebody listens at commit. Parents of what was modified
//   (partitions, inheritance) are marked too: a subscription may read through them. Rolled-back savepoints over-notify. Background workers
//   of others (logical replication's apply) write past the executor: each of their commits that has a transaction id is "everything".
//   What a C function of another extension writes past the executor in an ordinary session is found by the listener's safety net only.
#pragma once
#include "pg/boundary.h"

#include <cstdint>
#include <vector>

extern "C" {
#include "nodes/nodes.h"
}

namespace gqlsvl::workers {

void install_touched_hooks();                 // in _PG_init when preloaded
void note_utility_statement(Node *statement); // after it succeeded; may ereport
void publish_touched() noexcept;              // committed, invalidations are sent, locks are released
void forget_touched() noexcept;               // abort, prepare

// Every relation that any query opens while this object lives, those inside functions and policies included. One at a time.
class OpenedRelations {
public:
  OpenedRelations();
  ~OpenedRelations();
  OpenedRelations(const OpenedRelations &) = delete;
  std::vector<std::uint32_t> take(); // sorted, each once
  bool foreign() const { return foreign_; }
  void add(const std::vector<std::uint32_t> &relations, bool foreign);

private:
  std::vector<std::uint32_t> found_;
  bool foreign_ = false;
};

} // namespace gqlsvl::workers
