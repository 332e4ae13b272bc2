#include "events/store/lanes.h"

#include <algorithm>

namespace gqlsvl::events {

// From ordered to not: what waits is free. From not ordered to ordered: what is read from now on keeps the order.
void Lanes::set_trigger(std::int32_t id, int max_in_flight, bool ordered) {
  Trigger &trigger = triggers_[id];
  trigger.max_in_flight = max_in_flight;
  trigger.ordered = ordered;
  trigger.throttled = false; // its limit may be gone
  if (ordered) return;
  for (std::int64_t waiting : dissolve(id)) trigger.free_running.push_back(waiting);
}

void Lanes::set_limit(std::int32_t id, int in_flight) { triggers_[id].limit = in_flight; }

bool Lanes::paused(std::int32_t id) const {
  auto found = triggers_.find(id);
  return found != triggers_.end() && found->second.limit == 0;
}

std::size_t Lanes::held(std::int32_t id) const {
  auto found = triggers_.find(id);
  return found == triggers_.end() ? 0 : found->second.held;
}

bool Lanes::has_waiting(std::int32_t id) const {
  auto found = triggers_.find(id);
  return found != triggers_.end() && found->second.held > static_cast<std::size_t>(found->second.in_flight);
}

std::size_t Lanes::triggers_held() const {
  return static_cast<std::size_t>(
      std::count_if(triggers_.begin(), triggers_.end(), [](const auto &trigger) { return trigger.second.held > 0; }));
}

std::vector<std::int32_t> Lanes::holding(std::size_t events) const {
  std::vector<std::int32_t> out;
  for (const auto &[id, trigger] : triggers_)
    if (trigger.held >= events) out.push_back(id);
  return out;
}

std::vector<StoredEvent> Lanes::remove_trigger(std::int32_t id) {
  std::vector<std::int64_t> ids = dissolve(id);
  Trigger &trigger = triggers_[id];
  ids.insert(ids.end(), trigger.free_running.begin(), trigger.free_running.end());
  trigger.free_running.clear();
  std::vector<StoredEvent> out;
  for (std::int64_t waiting : ids) {
    auto found = events_.find(waiting);
    if (found == events_.end()) continue; // its shard has left
    out.push_back(*found->second);
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
    lane->second.blocked = lane->second.queued = lane->second.resting = false;
    keys.push_back(lane->first);
  }
  std::erase_if(barriers_, [trigger_id](const auto &barrier) { return barrier.second.lane.trigger_id == trigger_id; });
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
  kept.resting |= gone.resting;
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
  triggers_[event.trigger_id].held++;
  auto &place = events_[event.id];
  place = std::make_unique<StoredEvent>(std::move(event));
  return place.get();
}

void Lanes::drop(std::int64_t id) {
  auto found = events_.find(id);
  if (found == events_.end()) return;
  bytes_ -= found->second->payload.size();
  triggers_[found->second->trigger_id].held--;
  events_.erase(found);
}

// From the back: nearly always it is the last.
void Lanes::put(Lane &lane, StoredEvent *event) {
  auto place = lane.waiting.end();
  while (place != lane.waiting.begin() && (*std::prev(place))->id > event->id) --place;
  lane.waiting.insert(place, event);
}

bool Lanes::barred(LaneKey key, std::int64_t id) const {
  for (auto barrier = barriers_.begin(); barrier != barriers_.end() && barrier->first < id; ++barrier)
    if (root(barrier->second.lane) == key) return true;
  return false;
}

void Lanes::count(const StoredEvent &event, int change) {
  Trigger &trigger = triggers_[event.trigger_id];
  trigger.in_flight += change;
  in_flight_of_[static_cast<std::uint32_t>(event.key_hash) % shard_count] += change;
  in_flight_ = static_cast<std::size_t>(static_cast<int>(in_flight_) + change);
}

void Lanes::make_ready(LaneKey key) {
  Lane &lane = lanes_[key];
  if (lane.queued || lane.busy || lane.resting || lane.waiting.empty() || barred(key, lane.waiting.front()->id)) return;
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

void Lanes::go_on(LaneKey key) {
  Lane &lane = lanes_[key];
  if (lane.blocked && lane.waiting.empty() && !lane.busy) refills_.push_back(key);
  make_ready(key);
  forget_if_empty(key);
}

Lanes::Added Lanes::add(StoredEvent event) {
  Trigger &trigger = triggers_[event.trigger_id];
  if (!trigger.ordered) {
    trigger.free_running.push_back(keep(std::move(event))->id);
    return Added::Queued;
  }
  LaneKey key = lane_of(event);
  if (lanes_[key].blocked) return Added::Blocked;
  put(lanes_[key], keep(std::move(event)));
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
  put(lanes_[key], keep(std::move(event)));
  make_ready(key);
}

void Lanes::refill(LaneKey key, std::vector<StoredEvent> events, bool more) {
  if (Trigger &trigger = triggers_[key.trigger_id]; !trigger.ordered) { // lost its order meanwhile
    for (StoredEvent &event : events) trigger.free_running.push_back(keep(std::move(event))->id);
    return;
  }
  key = root(key);
  Lane &lane = lanes_[key];
  for (StoredEvent &event : events) put(lane, keep(std::move(event)));
  lane.blocked = more;
  make_ready(key);
  forget_if_empty(key);
}

StoredEvent *Lanes::next_in_lanes(Trigger &trigger) {
  for (std::size_t left = trigger.ready.size(); left > 0; left--) {
    LaneKey key = trigger.ready.front();
    trigger.ready.pop_front();
    auto found = lanes_.find(key);
    if (found == lanes_.end()) continue; // joined into another one meanwhile
    Lane &lane = found->second;
    lane.queued = false;
    if (lane.busy || lane.resting || lane.waiting.empty() || barred(key, lane.waiting.front()->id)) continue;
    if (frozen(*lane.waiting.front())) {
      lane.queued = true;
      trigger.ready.push_back(key);
      continue;
    }
    StoredEvent *event = lane.waiting.front();
    lane.waiting.pop_front();
    lane.busy++;
    return event;
  }
  return nullptr;
}

StoredEvent *Lanes::next_free_running(Trigger &trigger) {
  for (std::size_t left = trigger.free_running.size(); left > 0; left--) {
    std::int64_t id = trigger.free_running.front();
    trigger.free_running.pop_front();
    auto found = events_.find(id);
    if (found == events_.end()) continue;
    if (!frozen(*found->second)) return found->second.get();
    trigger.free_running.push_back(id);
  }
  return nullptr;
}

StoredEvent *Lanes::next() {
  // One event per trigger and turn: the search begins behind the trigger that was served last.
  auto start = triggers_.upper_bound(turn_);
  for (std::size_t tried = 0; tried < triggers_.size(); tried++, ++start) {
    if (start == triggers_.end()) start = triggers_.begin();
    Trigger &trigger = start->second;
    if (trigger.throttled || trigger.in_flight >= std::min(trigger.max_in_flight, trigger.limit)) continue;
    StoredEvent *event = next_in_lanes(trigger);
    if (!event) event = next_free_running(trigger);
    if (!event) continue;
    turn_ = start->first;
    event->in_flight = true;
    count(*event, 1);
    return event;
  }
  return nullptr;
}

void Lanes::done(std::int64_t id) {
  auto found = events_.find(id);
  if (found == events_.end()) return;
  StoredEvent &event = *found->second;
  count(event, -1);
  if (event.in_lane) {
    LaneKey key = root({event.trigger_id, event.key_hash});
    Lane &lane = lanes_[key];
    lane.busy--;
    go_on(key);
  }
  drop(id);
}

// An event of a trigger without order leaves its number behind in the list: next_free_running() passes over it.
void Lanes::give_up(std::int64_t id) {
  StoredEvent *event = events_.at(id).get();
  if (event->in_lane) {
    LaneKey key = root({event->trigger_id, event->key_hash});
    std::erase(lanes_[key].waiting, event);
    go_on(key);
  }
  drop(id);
}

void Lanes::return_unsent(std::int64_t id) {
  StoredEvent &event = *events_.at(id);
  event.in_flight = false;
  count(event, -1);
  if (!event.in_lane) {
    triggers_[event.trigger_id].free_running.push_front(id);
    return;
  }
  LaneKey key = root({event.trigger_id, event.key_hash});
  lanes_[key].busy--;
  put(lanes_[key], &event);
  make_ready(key);
}

void Lanes::rest(std::int64_t id) {
  const StoredEvent &event = *events_.at(id);
  if (event.in_lane) lanes_[root({event.trigger_id, event.key_hash})].resting = true;
  return_unsent(id);
}

void Lanes::wake(LaneKey key) {
  auto found = lanes_.find(root(key));
  if (found == lanes_.end()) return;
  found->second.resting = false;
  make_ready(found->first);
}

std::vector<StoredEvent> Lanes::failed(std::int64_t id) {
  std::vector<StoredEvent> followers;
  auto found = events_.find(id);
  if (found == events_.end()) return followers;
  StoredEvent &event = *found->second;
  count(event, -1);
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

void Lanes::put_back(const std::vector<Refill> &refills) {
  for (const Refill &refill : refills) refills_.push_back(refill.lane);
}

void Lanes::add_barrier(const StoredEvent &event) {
  LaneKey lane = {event.trigger_id, *event.new_key_hash};
  if (events_.contains(event.id) || !triggers_[event.trigger_id].ordered) return;
  barriers_[event.id] = {{event.child, event.txid, event.id}, lane, event.key_hash};
}

void Lanes::lift_barrier(std::int64_t id) {
  auto found = barriers_.find(id);
  if (found == barriers_.end()) return;
  LaneKey lane = root(found->second.lane);
  barriers_.erase(found);
  make_ready(lane);
  forget_if_empty(lane);
}

bool Lanes::busy(std::uint32_t shards) const {
  for (int shard = 0; shard < shard_count; shard++)
    if ((shards & (1u << shard)) && in_flight_of_[shard] > 0) return true;
  return false;
}

void Lanes::forget(std::uint32_t shards) {
  auto leaves = [shards](std::int32_t key_hash) { return (shards & shard_of(key_hash)) != 0; };
  std::erase_if(barriers_, [&](const auto &barrier) { return leaves(barrier.second.lane.key_hash); });
  for (auto &[key, lane] : lanes_) std::erase_if(lane.waiting, [&](const StoredEvent *event) { return leaves(event->key_hash); });
  std::vector<std::int64_t> gone;
  for (const auto &[id, event] : events_)
    if (leaves(event->key_hash)) gone.push_back(id);
  for (std::int64_t id : gone) drop(id);
  std::vector<LaneKey> keys;
  for (auto &[key, lane] : lanes_) {
    const bool all = leaves(key.key_hash) && std::all_of(lane.joined.begin(), lane.joined.end(), leaves);
    if (all) lane.blocked = false;
    if (!all && lane.blocked) refills_.push_back(key); // what waits may have been the other shard's
    keys.push_back(key);
  }
  for (LaneKey key : keys) {
    make_ready(key);
    forget_if_empty(key);
  }
  frozen_ &= ~shards;
}

} // namespace gqlsvl::events
