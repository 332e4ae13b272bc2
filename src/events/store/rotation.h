// Event tables are filled one after the other and emptied by TRUNCATE: nothing is ever deleted from them, so nothing is ever vacuumed.
//
// In:  how long and how large (gqlsvl.event_retention, gqlsvl.event_max_size), the newest checkpoints of all shards. Out: the child that
//   writers fill now; children emptied, each with the invocation rows of its events.
// A child is left when it has an eighth of the size or of the age, for an empty one. It is emptied when all of its events are finished
// (seen
//   by every checkpoint, in no list of pending ones, with no row in gqlsvl.retry) and the youngest is too old, or all children together
//   are too large. Undelivered events are never dropped by age or size: their child stays.
// Always: called by the owner of the first shard only, outside a transaction. TRUNCATE needs the lock that no unfinished writer of the
//   child shares, and does not wait for it: a reader (pg_dump) or a writer of hours pins one child, not the ring.
#pragma once
#include "events/store/statement.h"
#include "events/store/store.h"

namespace gqlsvl::events {

struct Retention {
  std::int64_t age_seconds, bytes;
};

class Rotation {
public:
  static int step(Store &store, const Retention &retention); // the child that writers are to fill

private:
  struct Child {
    int number;
    std::int64_t bytes;                         // with its invocations
    double first_age_seconds, last_age_seconds; // by the order of the transactions' numbers; negative: it is empty
  };
  static int current();
  static std::vector<Child> children();
  static bool finished(int child, const std::vector<Checkpoint> &checkpoints);
  static int choose(const std::vector<Child> &all, int in_use, const Retention &retention);
  static bool empty_one(Store &store, const std::vector<Child> &all, int in_use, const Retention &retention);
};

} // namespace gqlsvl::events
