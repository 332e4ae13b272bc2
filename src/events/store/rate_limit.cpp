#include "events/store/rate_limit.h"

#include <algorithm>

namespace gqlsvl::events {

namespace {

constexpr double burst_seconds = 0.1, longest_wait_seconds = 3600;
constexpr double rounding = 1e-6; // what adding up a token in parts may miss of it

} // namespace

double RateLimit::tokens_at(Clock::time_point now) const {
  const double elapsed = std::chrono::duration<double>(now - at_).count();
  return std::min(burst_, tokens_ + rate_ * std::max(elapsed, 0.0));
}

void RateLimit::set(double per_second, Clock::time_point now) {
  const bool first = rate_ == 0;
  if (!first && rate_ == per_second) return;
  if (!first) tokens_ = tokens_at(now);
  at_ = now;
  rate_ = per_second;
  burst_ = std::max(1.0, per_second * burst_seconds);
  tokens_ = first ? burst_ : std::min(tokens_, burst_);
}

bool RateLimit::ready(Clock::time_point now) const { return tokens_at(now) >= 1 - rounding; }

void RateLimit::take(Clock::time_point now) {
  tokens_ = tokens_at(now) - 1;
  at_ = std::max(at_, now);
}

RateLimit::Clock::time_point RateLimit::next() const {
  const double wait = std::clamp((1 - tokens_) / rate_, 0.0, longest_wait_seconds);
  return at_ + std::chrono::ceil<Clock::duration>(std::chrono::duration<double>(wait));
}

} // namespace gqlsvl::events
