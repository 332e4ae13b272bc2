// The signal at commit: which relations, and which of their rows, did committed transactions touch?
//
// In:  writers (any backend): what a transaction modified, published after its commit is visible and its invalidations are sent.
//      The listener of the database: the topics its subscriptions depend on.
// Out: for the listener: its latch is set, then collect() says what changed. Never misses; may over-notify (hash collisions, no real
//      change).
//
// Writer, in this order:    generation += 1 -> full barrier -> interest? -> dirty bits -> wake_pending, SetLatch.
// Listener, for a new subscription:  set_active(true) -> g = generation() -> evaluate (snapshot) -> watch(topics) -> full barrier ->
//   generation() != g? then evaluate again. A commit after the snapshot has either raised the generation (seen here) or sees the interest.
// Listener, when woken:     ResetLatch -> collect() (clears wake_pending, full barrier, takes dirty) -> g = generation() -> evaluate.
// A result evaluated at g is older than one at g' > g: push only in the order of g (docs/rules.md, 18).
//
// By rows: writers hash the values of watched columns while they write (workers/row_watch.h). A column that came to be watched after that
//   has raised columns_generation: then the writer's keys are not all, and he says unseen(R). So does who has no keys at all.
#pragma once
#include "workers/shared.h"

#include <map>
#include <unordered_map>
#include <vector>

namespace gqlsvl::workers {

std::uint32_t signal_bit(Oid relation) noexcept; // 0 .. signal_bits - 1

// The columns of a relation whose values writers hash now; at most `capacity`.
struct WatchedColumns {
  static constexpr int capacity = 8;
  int count = 0;
  std::int16_t columns[capacity];
};
WatchedColumns watched_columns(const SignalArea &area, Oid relation) noexcept;

// What a transaction touched. Plain memory of the backend, fixed size: overflow means "everything", or all rows.
class TouchedSet {
public:
  void add(Oid relation) noexcept { add(relation, false); } // which rows is not known
  void add_by_rows(Oid relation) noexcept { add(relation, true); }
  void begin_rows(std::uint64_t columns_generation) noexcept; // read before watched_columns()
  void add_rows(live::Topic topic) noexcept;
  void add_everything() noexcept { everything_ = true; }
  void clear() noexcept;
  bool empty() const noexcept { return count_ == 0 && !everything_; }
  void publish(SignalArea &area) const noexcept; // after the commit is visible

private:
  static constexpr int capacity = 64, row_capacity = 4096, row_places = 2 * row_capacity;
  struct Touched {
    Oid relation;
    bool by_rows;
  };
  void add(Oid relation, bool by_rows) noexcept;

  Touched relations_[capacity];
  int count_ = 0;
  bool everything_ = false;
  // Bits of topics: a list, and a hash table over it (place -> index + 1).
  std::uint32_t rows_[row_capacity];
  std::uint16_t row_places_[row_places];
  int row_count_ = 0;
  bool rows_begun_ = false, rows_overflow_ = false;
  std::uint64_t columns_generation_ = 0; // when the first rows were hashed
};

// The listener's end.
class Signal {
public:
  struct Changes {
    bool everything = false;
    std::vector<live::Topic> topics; // of those watched
  };

  explicit Signal(Database &database); // its latch is woken from now on; forgets what an earlier listener watched
  ~Signal();
  Signal(const Signal &) = delete;

  void set_active(bool active);     // true from before the first evaluation until the last subscription ended
  std::uint64_t generation() const; // read before the snapshot
  void watch(live::Topic topic);    // each topic once
  void unwatch(live::Topic topic);
  Changes collect();

private:
  using Index = std::unordered_multimap<std::uint32_t, live::Topic>;
  void watch_column(live::Topic topic);
  void unwatch_column(live::Topic topic);
  void take_relations(Changes &changes);
  void take_rows(Changes &changes);

  SignalArea &area_;
  Index relations_, rows_; // by bit
  struct Column {
    int topics = 0, place = -1; // -1: not in shared memory
  };
  std::map<std::uint64_t, Column> columns_; // relation << 32 | column
};

} // namespace gqlsvl::workers
