// When to look for changes that no hook has seen, and whether there were any.
//
// In:  whether anybody subscribes, the time, a position that moves with every change (next transaction number; on a standby, where nothing
//      passes our hooks, the replayed position). Out: when to look next; whether the position moved since the last look.
// Always: nothing to do while nobody subscribes. Pure. Tests: test/unit/safety_net_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace gqlsvl::live {

class SafetyNet {
public:
  using TimePoint = std::chrono::steady_clock::time_point;
  explicit SafetyNet(std::chrono::milliseconds interval) : interval_(interval) {}

  // `position` is what is known now: everything up to it is covered by first evaluations.
  void set_active(bool active, std::uint64_t position, TimePoint now) {
    seen_ = position;
    next_ = active ? std::optional(now + interval_) : std::nullopt;
  }
  // Another interval: after a promotion.
  void set_interval(std::chrono::milliseconds interval) { interval_ = interval; }
  std::optional<TimePoint> next_look() const { return next_; }

  // To be called when next_look() has come.
  bool look(std::uint64_t position, TimePoint now) {
    next_ = now + interval_;
    const bool moved = position != seen_;
    seen_ = position;
    return moved;
  }

private:
  std::chrono::milliseconds interval_;
  std::uint64_t seen_ = 0;
  std::optional<TimePoint> next_;
};

} // namespace gqlsvl::live
