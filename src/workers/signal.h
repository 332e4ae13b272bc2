// The signal at commit: which relations did committed transactions touch? Relation level (live-routing: the level that never misses).
//
// In:  writers (any backend): the relations a transaction modified, published after its commit is visible and its invalidations are sent.
//      The listener of the database: which relations its subscriptions read.
// Out: for the listener: its latch is set, then collect() says what is dirty. Never misses; may over-notify (hash collisions, no real
// change).
//
// Writer, in this order:    generation += 1 -> touched[hash] = it -> full barrier -> interest? -> dirty bit -> wake_pending, SetLatch.
// Listener, for a new subscription:  set_active(true) -> g = generation() -> evaluate (snapshot) -> watch(relations) -> full barrier ->
//   changed_since(relations, g)? then evaluate again. A commit after the snapshot has either raised `touched` (seen here) or sees the
//   interest.
// Listener, when woken:     ResetLatch -> collect() (clears wake_pending, full barrier, takes dirty) -> g = generation() -> evaluate.
// A result evaluated at g is older than one at g' > g: push only in the order of g (postgres-rules 18).
#pragma once
#include "workers/shared.h"

#include <bitset>
#include <vector>

namespace gqlsvl::workers {

std::uint32_t signal_bit(Oid relation) noexcept; // 0 .. signal_bits - 1

// What a transaction touched. Plain memory of the backend, fixed size: overflow means "everything".
class TouchedSet {
public:
  void add(Oid relation) noexcept;
  void add_everything() noexcept { everything_ = true; }
  void clear() noexcept {
    count_ = 0;
    everything_ = false;
  }
  bool empty() const noexcept { return count_ == 0 && !everything_; }
  void publish(SignalArea &area) const noexcept; // after the commit is visible

private:
  static constexpr int capacity = 64;
  Oid relations_[capacity];
  int count_ = 0;
  bool everything_ = false;
};

// The listener's end.
class Signal {
public:
  struct Dirty {
    bool everything = false;
    std::bitset<signal_bits> bits;
    bool any() const { return everything || bits.any(); }
    bool contains(std::uint32_t relation) const { return everything || bits.test(signal_bit(relation)); }
  };

  explicit Signal(Database &database); // its latch is woken from now on; forgets what an earlier listener watched
  ~Signal();
  Signal(const Signal &) = delete;

  void set_active(bool active);                                 // true from before the first evaluation until the last subscription ended
  std::uint64_t generation() const;                             // read before the snapshot
  void watch(const std::vector<std::uint32_t> &relations);      // in addition to those watched
  void watch_only(const std::vector<std::uint32_t> &relations); // exactly these: after subscriptions ended
  bool changed_since(const std::vector<std::uint32_t> &relations, std::uint64_t generation) const;
  Dirty collect();

private:
  SignalArea &area_;
};

} // namespace gqlsvl::workers
