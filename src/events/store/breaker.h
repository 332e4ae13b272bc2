// Whether a trigger's receiver is worth being asked: closed (all well), open (asked by one event now and then), ramping up.
//
// In:  what became of attempts, the time, a random number. Out: how many requests may be in flight; when to ask again.
// Opens after 20 failures in a row, or when half of the last 100 attempts failed; only failures that speak of the receiver count (no
//   answer, 429, 5xx), not those that speak of an event. While it is open one real event is sent after 1, 2, 4 ... 60 s, or when the
//   receiver asked for it (Retry-After, at most an hour). A success lets 1, 2, 4 ... requests through; a failure halves that, five in a row
//   open again: a receiver that fails half of the time is asked less, not hardly at all.
// Always: pure. Tests: test/unit/breaker_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <bitset>
#include <chrono>
#include <optional>

namespace gqlsvl::events {

class Breaker {
public:
  using Clock = std::chrono::steady_clock;

  static bool speaks_of_receiver(int status) { return status == 0 || status == 429 || status >= 500; }
  void succeeded();
  void failed(Clock::time_point now, std::optional<std::chrono::seconds> retry_after, double random); // random in [0, 1)
  bool closed() const { return state_ == State::Closed; }
  bool idle() const { return closed() && recent_.none(); } // as if new
  bool open() const { return state_ == State::Open; }
  int limit(int max_in_flight, Clock::time_point now) const;
  Clock::time_point next_probe() const { return probe_at_; }

private:
  static constexpr int failures_in_a_row = 20, failures_to_reopen = 5, window = 100, failures_in_window = 50;
  enum class State { Closed, Open, Ramping } state_ = State::Closed;
  std::bitset<window> recent_; // failures among the last attempts
  int next_ = 0, seen_ = 0, in_a_row_ = 0, ramp_ = 1;
  std::chrono::milliseconds pause_{1000};
  Clock::time_point probe_at_{};
  void note(bool failure);
  void close();
};

} // namespace gqlsvl::events
