#include "events/store/breaker.h"

#include <algorithm>

namespace gqlsvl::events {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_pause{1000}, longest_pause{60000};
constexpr std::chrono::hours longest_wish{1};
constexpr double jitter = 0.2;
constexpr int ramped_up = 1024; // more than any trigger has in flight

} // namespace

void Breaker::note(bool failure) {
  recent_[static_cast<std::size_t>(next_)] = failure;
  next_ = (next_ + 1) % window;
  seen_ = std::min(seen_ + 1, window);
  in_a_row_ = failure ? in_a_row_ + 1 : 0;
}

void Breaker::close() { *this = Breaker(); }

void Breaker::succeeded() {
  note(false);
  if (state_ == State::Closed) return;
  ramp_ = state_ == State::Open ? 1 : ramp_ * 2;
  state_ = State::Ramping;
  pause_ = first_pause;
  if (ramp_ >= ramped_up) close();
}

void Breaker::failed(Clock::time_point now, std::optional<std::chrono::seconds> retry_after, double random) {
  note(true);
  if (state_ == State::Closed) {
    if (in_a_row_ < failures_in_a_row && !(seen_ == window && recent_.count() >= failures_in_window)) return;
    pause_ = first_pause;
  } else if (state_ == State::Ramping) {
    ramp_ = std::max(ramp_ / 2, 1);
    if (in_a_row_ < failures_to_reopen) return;
  } else if (now >= probe_at_) {
    pause_ = std::min(pause_ * 2, longest_pause);
  } else {
    return; // was under way when it opened
  }
  state_ = State::Open;
  milliseconds wait(static_cast<std::int64_t>(static_cast<double>(pause_.count()) * (1 - jitter * random)));
  if (retry_after) wait = std::max(wait, std::min<milliseconds>(*retry_after, longest_wish));
  probe_at_ = now + wait;
}

int Breaker::limit(int max_in_flight, Clock::time_point now) const {
  if (state_ == State::Closed) return max_in_flight;
  if (state_ == State::Open) return now >= probe_at_ ? 1 : 0;
  return std::min(max_in_flight, ramp_);
}

} // namespace gqlsvl::events
