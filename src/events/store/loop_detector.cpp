#include "events/store/loop_detector.h"

#include <algorithm>
#include <utility>

namespace gqlsvl::events {

namespace {

constexpr std::int64_t follows_within_ms = 1000, rest_ms = 2000, kept_ms = 3000,
                       forget_unanswered_ms = 1000000; // unanswered: longer than any time-out
constexpr int silences_that_prove = 3, most_allowed = 1 << 30;

} // namespace

void LoopDetector::set_limit(int limit) {
  limit_ = limit;
  if (limit > 0) return;
  lanes_.clear();
  for (const auto &[lane, until] : resting_) woken_.push_back(lane);
  resting_.clear();
}

LoopDetector::Advice LoopDetector::ask(LaneKey key, std::int64_t captured_ms, std::int64_t now_ms) {
  if (limit_ == 0) return Advice::Send;
  forget_quiet(now_ms);
  auto found = lanes_.find(key);
  if (found == lanes_.end()) return Advice::Send;
  Lane &lane = found->second;
  if (lane.tested) {
    lane.tested = false;
    if (lane.disturbed) {
      lane.allowed = std::min(lane.allowed * 2, most_allowed);
      lane.in_a_row = lane.silences = 0;
      return Advice::Send;
    }
    if (++lane.silences < silences_that_prove) return Advice::Send;
    lanes_.erase(found);
    return Advice::Park;
  }
  const bool follows = lane.delivered_ms && captured_ms >= lane.sent_ms && captured_ms <= lane.delivered_ms + follows_within_ms;
  if (!follows) {
    lane.in_a_row = lane.silences = 0;
    return Advice::Send;
  }
  if (++lane.in_a_row <= lane.allowed) return Advice::Send;
  lane.disturbed = false;
  lane.tested = true;
  resting_[key] = lane.delivered_ms + rest_ms;
  return Advice::Rest;
}

void LoopDetector::sent(LaneKey key, std::int64_t now_ms) {
  if (limit_ == 0) return;
  auto [place, is_new] = lanes_.try_emplace(key);
  Lane &lane = place->second;
  if (is_new) lane.allowed = limit_;
  lane.sent_ms = now_ms;
  lane.delivered_ms = 0;
}

void LoopDetector::delivered(LaneKey key, std::int64_t now_ms) {
  if (auto found = lanes_.find(key); found != lanes_.end()) found->second.delivered_ms = now_ms;
}

// What the last delivery may have caused is no sign of innocence.
void LoopDetector::arrived(LaneKey key, std::int64_t captured_ms) {
  auto resting = resting_.find(key);
  if (resting == resting_.end()) return;
  Lane &lane = lanes_.at(key);
  if (captured_ms <= lane.delivered_ms + follows_within_ms) return;
  lane.disturbed = true;
  woken_.push_back(key);
  resting_.erase(resting);
}

std::vector<LaneKey> LoopDetector::rested(std::int64_t now_ms) {
  std::vector<LaneKey> out = std::exchange(woken_, {});
  std::erase_if(resting_, [&](const auto &one) {
    if (one.second > now_ms) return false;
    out.push_back(one.first);
    return true;
  });
  return out;
}

std::optional<std::int64_t> LoopDetector::next_rested_ms() const {
  if (!woken_.empty()) return 0;
  std::optional<std::int64_t> next;
  for (const auto &[lane, until] : resting_)
    if (!next || until < *next) next = until;
  return next;
}

// A lane that is silent without being made to is no loop. One whose event is in flight is kept until its answer.
void LoopDetector::forget_quiet(std::int64_t now_ms) {
  if (now_ms - cleaned_ms_ < kept_ms) return;
  cleaned_ms_ = now_ms;
  std::erase_if(lanes_, [&](const auto &one) {
    const Lane &lane = one.second;
    const std::int64_t last = std::max(lane.sent_ms, lane.delivered_ms);
    return !lane.tested && now_ms - last > (lane.delivered_ms ? kept_ms : forget_unanswered_ms);
  });
}

} // namespace gqlsvl::events
