// The delivery worker and the limits of a trigger: how often it sends (rate_limit), how long an event may wait (max_age), how often a row's
// events may make themselves (gqlsvl.loop_limit).
#include "workers/delivery_request.h"
#include "workers/delivery_worker.h"

#include <bit>

#include "pg/settings.h"

namespace gqlsvl::workers {

using events::StoredEvent;
using pg::call;

namespace {

constexpr char too_old_text[] = "too old: not delivered within max_age"; // COMMENT ON FUNCTION gqlsvl.create_trigger
constexpr char looping_text[] = "parked: each event of this row follows the delivery of the one before; resume_trigger sends it";

} // namespace

// The workers share a trigger's rate as they share its rows, so that none needs to ask another.
double DeliveryWorker::part_of_shards() const { return static_cast<double>(std::popcount(queue_.owned())) / events::shard_count; }

void DeliveryWorker::apply_rate_limits(Clock::time_point now) {
  const std::vector<std::int32_t> &limited = queue_.triggers.rate_limited();
  if (limited.empty()) return rate_limits_.clear();
  const double part = part_of_shards();
  if (part == 0) return;
  std::erase_if(rate_limits_, [&](const auto &one) {
    const DeliveryTrigger *trigger = queue_.triggers.find(one.first);
    return !trigger || !trigger->definition.rate_limit;
  });
  for (std::int32_t id : limited) {
    events::RateLimit &limit = rate_limits_[id];
    limit.set(*queue_.triggers.find(id)->definition.rate_limit * part, now);
    queue_.lanes.throttle(id, !limit.ready(now));
  }
}

bool DeliveryWorker::take_token(const DeliveryTrigger &trigger, Clock::time_point now) {
  if (!trigger.definition.rate_limit) return true;
  auto found = rate_limits_.find(trigger.definition.id);
  if (found == rate_limits_.end()) {
    queue_.lanes.throttle(trigger.definition.id, true); // its definition has just been read: from the next pass on
    return false;
  }
  events::RateLimit &limit = found->second;
  const bool ready = limit.ready(now);
  if (ready) limit.take(now);
  queue_.lanes.throttle(trigger.definition.id, !limit.ready(now));
  return ready;
}

milliseconds DeliveryWorker::next_token(Clock::time_point now) const {
  milliseconds wait = milliseconds::max();
  for (std::int32_t id : queue_.triggers.rate_limited()) {
    if (!queue_.lanes.has_waiting(id)) continue;
    auto limit = rate_limits_.find(id);
    if (limit == rate_limits_.end()) return milliseconds(1);
    if (!limit->second.ready(now))
      wait = std::min(wait, std::max(std::chrono::ceil<milliseconds>(limit->second.next() - now), milliseconds(1)));
  }
  return wait;
}

bool DeliveryWorker::too_old(const StoredEvent &event, const DeliveryTrigger &trigger, std::int64_t now_ms) {
  const std::optional<std::int64_t> &limit = trigger.definition.max_age_ms;
  return limit && now_ms - event.born_ms >= *limit;
}

void DeliveryWorker::give_up_too_old(const StoredEvent &event) {
  events::Outcome outcome;
  outcome.kind = events::Outcome::Kind::Dead;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts;
  outcome.error = too_old_text;
  queue_.add_outcome(std::move(outcome));
  too_old_[event.trigger_id]++;
}

// Those in memory that nobody asks for: their receiver is not to be asked, or has had its share. What is in flight is judged by its answer.
void DeliveryWorker::give_up_those_too_old(Clock::time_point now) {
  if (!queue_.triggers.any_max_age() || now - last_age_check_ < poll_interval) return;
  last_age_check_ = now;
  const std::int64_t now_ms = wall_ms();
  std::vector<std::int64_t> old;
  for (const auto &[id, event] : queue_.lanes.events()) {
    if (event->in_flight) continue;
    const DeliveryTrigger *trigger = queue_.triggers.find(event->trigger_id);
    if (trigger && !trigger->definition.paused && too_old(*event, *trigger, now_ms)) old.push_back(id);
  }
  for (std::int64_t id : old) {
    give_up_too_old(*queue_.lanes.events().at(id));
    queue_.lanes.give_up(id);
  }
}

// One line for many: a receiver that was dead for long leaves thousands.
void DeliveryWorker::tell_too_old() {
  for (auto [id, events] : std::exchange(too_old_, {})) {
    const DeliveryTrigger *trigger = queue_.triggers.find(id);
    const char *name = trigger ? trigger->definition.name.c_str() : "";
    call([name, count = events] {
      ereport(WARNING, (errmsg_plural("%d event of trigger \"%s\" is given up: it is older than its max_age",
                                      "%d events of trigger \"%s\" are given up: they are older than their max_age", count, count, name),
                        errhint("They are kept in gqlsvl.dead.")));
    });
  }
}

// Attempts after a failure say nothing: what the first one caused waits behind it.
bool DeliveryWorker::keeps_looping(const StoredEvent &event, const DeliveryTrigger &trigger) {
  if (!event.in_lane || event.attempts > 0) return false;
  const events::LaneKey lane = {event.trigger_id, event.key_hash};
  const std::int64_t now_ms = wall_ms();
  switch (queue_.loops.ask(lane, event.born_ms, now_ms)) {
  case events::LoopDetector::Advice::Rest: queue_.lanes.rest(event.id); return true;
  case events::LoopDetector::Advice::Park: park_looping(event, trigger); return true;
  case events::LoopDetector::Advice::Send: queue_.loops.sent(lane, now_ms);
  }
  return false;
}

void DeliveryWorker::park_looping(const StoredEvent &event, const DeliveryTrigger &trigger) {
  const std::string uuid = event_uuid(event.txid, event.id);
  const char *id = uuid.c_str(), *name = trigger.definition.name.c_str();
  call([&] {
    ereport(
        WARNING,
        (errmsg("event %s of trigger \"%s\" and its row are parked: its events make themselves", id, name),
         errdetail("More than %d events of the row each followed the delivery of the one before, and none came while none was delivered.",
                   pg::settings().loop_limit),
         errhint("Let the receiver change the row only when needed, or the trigger listen to fewer columns; then SELECT "
                 "gqlsvl.resume_trigger(%s).",
                 quote_literal_cstr(name))));
  });
  events::Outcome outcome;
  outcome.kind = events::Outcome::Kind::Parked;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts;
  outcome.delay_ms = -1;
  outcome.error = looping_text;
  outcome.looping = true;
  put_back(std::move(outcome));
}

void DeliveryWorker::wake_rested() {
  for (events::LaneKey lane : queue_.loops.rested(wall_ms())) queue_.lanes.wake(lane);
}

} // namespace gqlsvl::workers
