// How many requests per second a trigger may send: a token bucket.
//
// In:  requests per second, the time. Out: whether one may be sent now; when the next one may.
// The bucket holds a tenth of a second's worth of tokens, at least one, and begins full.
// Always: pure; between any two times t1 < t2 at most burst + rate * (t2 - t1) are taken. Tests: test/unit/rate_limit_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <chrono>

namespace gqlsvl::events {

class RateLimit {
public:
  using Clock = std::chrono::steady_clock;

  void set(double per_second, Clock::time_point now); // above 0; what was saved up stays, as far as there is room for it
  bool ready(Clock::time_point now) const;
  void take(Clock::time_point now);
  Clock::time_point next() const; // when it is ready, at most an hour from the last call of set() or take()

private:
  double tokens_at(Clock::time_point now) const;

  double rate_ = 0, burst_ = 0, tokens_ = 1;
  Clock::time_point at_{}; // when there were `tokens_`
};

} // namespace gqlsvl::events
