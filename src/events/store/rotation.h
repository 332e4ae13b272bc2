// Event tables are filled one after the other and emptied by TRUNCATE: nothing is ever deleted from them, so nothing is ever vacuumed.
//
// In:  how long and how large (gqlsvl.event_retention, gqlsvl.event_max_size), the newest checkpoints of all shards. Out: the child that
//   writers fill now; children emptied, each with the invocation rows of its events.
// A child is left when it has an eighth of the size or of the age, for an empty one. It is emptied when all of its events are read (seen by
//   every checkpoint) and the youngest is too old, or all children together are too large. What is not delivered by then - in a list of
//   pending ones, in gqlsvl.retry, or not read by the cursor of a forked trigger - moves to the child in use (or just left), in the same
//   transaction, so that a receiver that is away keeps its events and not whole tables. Moved only when that is worth it: at most half of
//   the child and at most 100,000 events of 64 MB; else the child stays, and is looked at again after a minute.
// Always: called by the owner of the first shard only, outside a transaction. TRUNCATE needs the lock that no unfinished writer of the
//   child shares, and does not wait for it: a reader (pg_dump) or a writer of hours pins one child, not the ring. A moved event keeps
//   transaction and number: it is old to every cursor that has passed it and new to one that has not. Children are locked before
//   anything is searched for (reader.h, hold_children), since TRUNCATE empties them for old snapshots, too.
#pragma once
#include "events/store/statement.h"
#include "events/store/store.h"

#include <chrono>
#include <map>

namespace gqlsvl::events {

struct Retention {
  std::int64_t age_seconds, bytes;
};

class Rotation {
public:
  int step(Store &store, const Retention &retention); // the child that writers are to fill

private:
  struct Child {
    int number;
    std::int64_t bytes;                         // with its invocations
    double first_age_seconds, last_age_seconds; // by the order of the transactions' numbers; negative: it is empty
  };
  static int current();
  static std::vector<Child> children();
  static int choose(const std::vector<Child> &all, int in_use, const Retention &retention);
  bool empty_one(Store &store, const std::vector<Child> &all, int in_use, const Retention &retention);
  bool empty(Store &store, const Child &child, const Child &into);

  std::map<int, std::chrono::steady_clock::time_point> not_before_; // children with too much that is not delivered
};

} // namespace gqlsvl::events
