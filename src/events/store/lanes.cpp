#include "events/store/lanes.h"

#include <algorithm>

namespace gqlsvl::events {

// From ordered to not: what waits is free. From not ordered to ordered: what is read from now on keeps the order.
void Lanes::set_trigger(std::int32_t id, int max_in_flight, bool ordered) {
  Trigger &trigger = triggers_[id];
  trigger.max_in_flight = max_in_flight;
  trigger.ordered = ordered;
  if (ordered) return;
  for (std::int64_t waiting : dissolve(id)) trigger.free_running.push_back(waiting);
}

std::vector<StoredEvent> Lanes::remove_trigger(std::int32_t id) {
  std::vector<std::int64_t> ids = dissolve(id);
  Trigger &trigger = triggers_[id];
  ids.insert(ids.end(), trigger.free_running.begin(), trigger.free_running.end());
  trigger.free_running.clear();
  std::vector<StoredEvent> out;
  for (std::int64_t waiting : ids) {
    out.push_back(*events_.at(waiting));
    drop(waiting);
  }
  return out;
}

// Empties the lanes of a trigger. Those with an event in flight stay until it is done. Returns the events that waited.
std::vector<std::int64_t> Lanes::dissolve(std::int32_t trigger_id) {
  std::vector<std::int64_t> waited;
  std::vector<LaneKey> keys;
  for (auto lane = lanes_.lower_bound({trigger_id, INT32_MIN}); lane != lanes_.end() && lane->first.trigger_id == trigger_id; ++lane) {
    for (StoredEvent *event : lane->second.waiting) {
      event->in_lane = false;
      waited.push_back(event->id);
    }
    lane->second.waiting.clear();
    lane->second.blocked = lane->second.queued = false;
    keys.push_back(lane->first);
  }
  triggers_[trigger_id].ready.clear();
  for (LaneKey key : keys) forget_if_empty(key);
  return waited;
}

LaneKey Lanes::root(LaneKey key) const {
  auto found = joined_.find(key);
  return found == joined_.end() ? key : found->second;
}

LaneKey Lanes::join(LaneKey first, LaneKey second) {
  LaneKey into = root(first), from = root(second);
  if (into == from) return into;
  Lane &kept = lanes_[into];
  kept.joined.push_back(from.key_hash);
  joined_[from] = into;
  auto found = lanes_.find(from);
  if (found == lanes_.end()) return into;
  Lane &gone = found->second;
  for (std::int32_t hash : gone.joined) {
    kept.joined.push_back(hash);
    joined_[{into.trigger_id, hash}] = into;
  }
  std::deque<StoredEvent *> merged;
  std::merge(kept.waiting.begin(), kept.waiting.end(), gone.waiting.begin(), gone.waiting.end(), std::back_inserter(merged),
             [](const StoredEvent *a, const StoredEvent *b) { return a->id < b->id; });
  kept.waiting = std::move(merged);
  kept.busy += gone.busy;
  kept.blocked |= gone.blocked;
  lanes_.erase(found);
  return into;
}

LaneKey Lanes::lane_of(const StoredEvent &event) {
  LaneKey key = {event.trigger_id, event.key_hash};
  return event.new_key_hash ? join(key, {event.trigger_id, *event.new_key_hash}) : root(key);
}

StoredEvent *Lanes::keep(StoredEvent event) {
  bytes_ += event.payload.size();
  event.in_lane = triggers_[event.trigger_id].ordered;
  auto &place = events_[event.id];
  place = std::make_unique<StoredEvent>(std::move(event));
  return place.get();
}

void Lanes::drop(std::int64_t id) {
  auto found = events_.find(id);
  if (found == events_.end()) return;
  bytes_ -= found->second->payload.size();
  events_.erase(found);
}

void Lanes::make_ready(LaneKey key) {
  Lane &lane = lanes_[key];
  if (lane.queued || lane.busy || lane.waiting.empty()) return;
  lane.queued = true;
  triggers_[key.trigger_id].ready.push_back(key);
}

void Lanes::forget_if_empty(LaneKey key) {
  auto found = lanes_.find(key);
  if (found == lanes_.end()) return;
  Lane &lane = found->second;
  if (lane.busy || lane.blocked || !lane.waiting.empty()) return;
  for (std::int32_t hash : lane.joined) joined_.erase({key.trigger_id, hash});
  lanes_.erase(found);
}

Lanes::Added Lanes::add(StoredEvent event) {
  Trigger &trigger = triggers_[event.trigger_id];
  if (!trigger.ordered) {
    trigger.free_running.push_back(keep(std::move(event))->id);
    return Added::Queued;
  }
  LaneKey key = lane_of(event);
  if (lanes_[key].blocked) return Added::Blocked;
  lanes_[key].waiting.push_back(keep(std::move(event)));
  make_ready(key);
  return Added::Queued;
}

void Lanes::block(LaneKey key, std::optional<std::int32_t> new_key_hash, bool has_due_head) {
  if (new_key_hash) key = join(key, {key.trigger_id, *new_key_hash});
  key = root(key);
  lanes_[key].blocked = true;
  if (!has_due_head) refills_.push_back(key);
}

void Lanes::add_due(StoredEvent event) {
  Trigger &trigger = triggers_[event.trigger_id];
  if (!trigger.ordered) {
    trigger.free_running.push_back(keep(std::move(event))->id);
    return;
  }
  LaneKey key = lane_of(event);
  lanes_[key].blocked = true;
  lanes_[key].waiting.push_front(keep(std::move(event)));
  make_ready(key);
}

void Lanes::refill(LaneKey key, std::vector<StoredEvent> events, bool more) {
  if (Trigger &trigger = triggers_[key.trigger_id]; !trigger.ordered) { // lost its order meanwhile
    for (StoredEvent &event : events) trigger.free_running.push_back(keep(std::move(event))->id);
    return;
  }
  key = root(key);
  Lane &lane = lanes_[key];
  for (StoredEvent &event : events) lane.waiting.push_back(keep(std::move(event)));
  lane.blocked = more;
  make_ready(key);
  forget_if_empty(key);
}

StoredEvent *Lanes::next() {
  // One event per trigger and turn: the search begins behind the trigger that was served last.
  auto start = triggers_.upper_bound(turn_);
  for (std::size_t tried = 0; tried < triggers_.size(); tried++, ++start) {
    if (start == triggers_.end()) start = triggers_.begin();
    Trigger &trigger = start->second;
    if (trigger.in_flight >= trigger.max_in_flight) continue;
    StoredEvent *event = nullptr;
    while (!event && !trigger.ready.empty()) {
      auto found = lanes_.find(trigger.ready.front());
      trigger.ready.pop_front();
      if (found == lanes_.end()) continue; // joined into another one meanwhile
      Lane &lane = found->second;
      lane.queued = false;
      if (lane.busy || lane.waiting.empty()) continue;
      event = lane.waiting.front();
      lane.waiting.pop_front();
      lane.busy++;
    }
    if (!event && !trigger.free_running.empty()) {
      event = events_.at(trigger.free_running.front()).get();
      trigger.free_running.pop_front();
    }
    if (!event) continue;
    turn_ = start->first;
    trigger.in_flight++;
    in_flight_++;
    return event;
  }
  return nullptr;
}

void Lanes::done(std::int64_t id) {
  auto found = events_.find(id);
  if (found == events_.end()) return;
  StoredEvent &event = *found->second;
  Trigger &trigger = triggers_[event.trigger_id];
  trigger.in_flight--;
  in_flight_--;
  if (event.in_lane) {
    LaneKey key = root({event.trigger_id, event.key_hash});
    Lane &lane = lanes_[key];
    lane.busy--;
    if (lane.blocked && lane.waiting.empty()) refills_.push_back(key);
    make_ready(key);
    forget_if_empty(key);
  }
  drop(id);
}

std::vector<StoredEvent> Lanes::failed(std::int64_t id) {
  std::vector<StoredEvent> followers;
  auto found = events_.find(id);
  if (found == events_.end()) return followers;
  StoredEvent &event = *found->second;
  Trigger &trigger = triggers_[event.trigger_id];
  trigger.in_flight--;
  in_flight_--;
  if (event.in_lane) {
    Lane &lane = lanes_[root({event.trigger_id, event.key_hash})];
    lane.busy--;
    lane.blocked = true;
    for (StoredEvent *follower : lane.waiting) {
      followers.push_back(*follower);
      drop(follower->id);
    }
    lane.waiting.clear();
  }
  drop(id);
  return followers;
}

std::vector<Lanes::Refill> Lanes::take_refills() {
  std::vector<Refill> out;
  for (LaneKey key : refills_) {
    key = root(key);
    auto found = lanes_.find(key);
    if (found == lanes_.end() || !found->second.blocked || found->second.busy || !found->second.waiting.empty()) continue;
    if (std::any_of(out.begin(), out.end(), [&](const Refill &one) { return one.lane == key; })) continue;
    Refill refill = {key, found->second.joined};
    refill.hashes.push_back(key.key_hash);
    out.push_back(std::move(refill));
  }
  refills_.clear();
  return out;
}

} // namespace gqlsvl::events
