#include "workers/delivery_queue.h"

#include "workers/crash_point.h"
#include "workers/delivery_request.h"
#include "workers/delivery_shards.h"
#include "workers/delivery_watch.h"
#include "workers/shared.h"

#include <algorithm>

#include "pg/settings.h"
#include "pg/transaction.h"

namespace gqlsvl::workers {

using events::Checkpoint;
using events::Cursor;
using events::Outcome;
using events::shard_of;
using events::StoredEvent;

namespace {

constexpr int batch_rows = 1000, refill_rows = 200;
constexpr std::size_t most_events = 10000, shared_events = 5000, most_share = 1000, least_share = 50, most_bytes = 64 * 1024 * 1024,
                      batch_bytes = 8 * 1024 * 1024, outcomes_per_save = 1000, most_outcomes = 10000;
constexpr std::int64_t longest_wait_ms = 24 * 3600 * 1000; // then it looks again
constexpr auto save_interval = milliseconds(100), lock_interval = milliseconds(50);

} // namespace

bool DeliveryQueue::balance(std::uint32_t wanted, Clock::time_point now) {
  leaving_ = owned_ & ~wanted;
  lanes.freeze(leaving_);
  if (leaving_) split_cursors();
  if (leaving_ && !lanes.busy(leaving_)) give_up(leaving_, now);
  missing_ = wanted & ~owned_;
  if (!missing_ || now - last_try_ < lock_interval) return false;
  last_try_ = now;
  const std::uint32_t locked = lock_shards(missing_);
  if (!locked) return false;
  try {
    take_up(locked);
  } catch (...) {
    unlock_shards(locked);
    throw;
  }
  missing_ &= ~locked;
  return true;
}

void DeliveryQueue::take_up(std::uint32_t shards) {
  std::vector<Checkpoint> found;
  std::vector<std::vector<StoredEvent>> pending;
  std::vector<events::WaitingLane> waiting;
  std::vector<StoredEvent> elsewhere;
  std::int64_t newest = 0;
  {
    pg::Transaction transaction;
    pg::Spi spi;
    watch_definitions();
    load_triggers();
    store_.release_claims(shards);
    found = store_.newest_checkpoints(shards);
    newest = store_.newest_number();
    for (const Checkpoint &checkpoint : found) pending.push_back(events::fetch(checkpoint.pending));
    waiting = store_.waiting_lanes(shards);
    elsewhere = store_.waiting_elsewhere(shards, owned_ | shards);
    spi.finish();
    transaction.commit();
  }
  owned_ |= shards;
  newest_checkpoint_ = std::max(newest_checkpoint_, newest);
  for (const events::WaitingLane &lane : waiting)
    if (auto *trigger = triggers.find(lane.trigger_id); trigger && trigger->definition.ordered)
      lanes.block({lane.trigger_id, lane.key_hash}, lane.new_key_hash, lane.has_head);
  std::uint32_t fresh = shards;
  for (std::size_t i = 0; i < found.size(); i++) {
    cursors_.emplace_back(found[i].shards, found[i].position, found[i].trigger);
    if (found[i].trigger == 0) fresh &= ~found[i].shards;
    take_in(std::move(pending[i]), found[i].shards, SIZE_MAX);
  }
  if (fresh) cursors_.emplace_back(fresh, events::Position());
  for (const StoredEvent &event : elsewhere) lanes.add_barrier(event);
  next_due_ = Clock::now();
}

void DeliveryQueue::give_up(std::uint32_t shards, Clock::time_point now) {
  save(now);
  std::erase_if(cursors_, [shards](const Cursor &cursor) { return (cursor.shards() & shards) != 0; });
  lanes.forget(shards);
  owned_ &= ~shards;
  leaving_ = 0;
  unlock_shards(shards);
  wake_delivery(MyDatabaseId);
}

void DeliveryQueue::split_cursors() {
  for (std::size_t i = 0, count = cursors_.size(); i < count; i++)
    if ((cursors_[i].shards() & leaving_) && (cursors_[i].shards() & ~leaving_)) cursors_.push_back(cursors_[i].split(leaving_));
}

void DeliveryQueue::join_cursors() {
  for (std::size_t i = 0; i < cursors_.size(); i++)
    for (std::size_t other = cursors_.size() - 1; other > i; other--) {
      Cursor &one = cursors_[i], &two = cursors_[other];
      if ((one.shards() | two.shards()) & leaving_) continue;
      if (one.trigger() != two.trigger() && !may_read(two)) continue; // it would be forked again at once
      if (one.joins(two)) cursors_.erase(cursors_.begin() + static_cast<std::ptrdiff_t>(other));
    }
}

std::size_t DeliveryQueue::share() const {
  return std::clamp(shared_events / std::max<std::size_t>(lanes.triggers_held(), 1), least_share, most_share);
}

events::Forks DeliveryQueue::forks() const {
  events::Forks forks;
  for (const Cursor &cursor : cursors_)
    if (cursor.trigger()) forks[cursor.trigger()] |= cursor.shards();
  return forks;
}

// Not, if they grow too old meanwhile: what is not in memory cannot be given up.
bool DeliveryQueue::asleep(std::int32_t trigger) const { return lanes.paused(trigger) && !triggers.expires(trigger); }

bool DeliveryQueue::may_read(const Cursor &cursor) const {
  if (cursor.shards() & leaving_) return false;
  return !cursor.trigger() || (!asleep(cursor.trigger()) && lanes.held(cursor.trigger()) < share() / 2);
}

bool DeliveryQueue::fork_has_room() const {
  return std::any_of(cursors_.begin(), cursors_.end(), [this](const Cursor &cursor) { return cursor.trigger() && may_read(cursor); });
}

void DeliveryQueue::fork(std::int32_t trigger) {
  for (std::size_t i = 0, count = cursors_.size(); i < count; i++)
    if (!cursors_[i].trigger()) fork_overflow(i, {{trigger, 0}}, cursors_[i].position().last_id);
}

// Where its own cursor begins: behind what was taken in.
void DeliveryQueue::fork_overflow(std::size_t cursor, const Overflow &overflow, std::int64_t before) {
  const events::Forks present = forks();
  for (auto [trigger, last_id] : overflow) {
    auto fork = present.find(trigger);
    if (fork != present.end() && !(cursors_[cursor].shards() & ~fork->second)) continue;
    Cursor own = cursors_[cursor].fork(trigger, std::max(last_id, before));
    cursors_.push_back(std::move(own));
  }
}

bool DeliveryQueue::has_room() const {
  return lanes.events().size() + batch_rows <= most_events && lanes.bytes() < most_bytes && outcomes_.size() < most_outcomes;
}

bool DeliveryQueue::read() {
  std::vector<std::vector<StoredEvent>> read(cursors_.size());
  std::vector<bool> may(cursors_.size());
  for (std::size_t i = 0; i < cursors_.size(); i++) may[i] = may_read(cursors_[i]);
  const std::size_t share = this->share();
  {
    pg::Transaction transaction;
    pg::Spi spi;
    events::hold_children();
    const events::Snapshot now = events::snapshot_now();
    const events::Forks forks = this->forks();
    std::size_t rows = batch_rows, bytes = batch_bytes;
    for (std::size_t i = 0; i < cursors_.size(); i++) {
      if (!may[i]) continue;
      const std::size_t most = cursors_[i].trigger() ? std::min(rows, share) : rows;
      read[i] = cursors_[i].read(now, forks, std::max<std::size_t>(most, 1), std::max<std::size_t>(bytes, 1));
      rows -= std::min(rows, read[i].size());
      for (const StoredEvent &event : read[i]) bytes -= std::min(bytes, event.payload.size());
    }
    for (const auto &events : read)
      // A commit's events are visible a moment before its message about the definitions arrives: a trigger not known may be a new one.
      if (std::any_of(events.begin(), events.end(), [&](const StoredEvent &e) { return !triggers.find(e.trigger_id); })) triggers.doubt();
    load_triggers();
    spi.finish();
    transaction.commit();
  }
  for (const auto &events : read) events::make_durable(events);
  if (std::any_of(read.begin(), read.end(), [](const auto &events) { return !events.empty(); })) crash_point("read");
  bool more = false;
  for (std::size_t i = 0; i < read.size(); i++) {
    if (!may[i]) continue;
    const std::int64_t before = cursors_[i].position().last_id;
    const Overflow overflow = take_in(std::move(read[i]), cursors_[i].shards(), cursors_[i].trigger() ? SIZE_MAX : share);
    fork_overflow(i, overflow, before);
    cursors_[i].advance();
    more |= !cursors_[i].at_rest() && may_read(cursors_[i]);
  }
  join_cursors();
  return more;
}

void DeliveryQueue::load_triggers() {
  if (!triggers.load_if_changed(store_, lanes)) return;
  definitions_changed_ = definitions_loaded_ = true;
  bury_dropped();
}

// An event of a trigger that was dropped before it was sent.
void DeliveryQueue::bury(const StoredEvent &event) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::Dead;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts;
  outcome.error = dropped_text;
  outcomes_.push_back(std::move(outcome));
}

void DeliveryQueue::bury_dropped() {
  std::set<std::int32_t> dropped;
  for (const auto &[id, event] : lanes.events())
    if (!triggers.find(event->trigger_id)) dropped.insert(event->trigger_id);
  for (std::int32_t trigger : dropped)
    for (const StoredEvent &event : lanes.remove_trigger(trigger)) bury(event);
}

// Events of a cursor's shards; those with only the new key in them are barriers. Of a trigger over its share none is taken any more.
DeliveryQueue::Overflow DeliveryQueue::take_in(std::vector<StoredEvent> read, std::uint32_t shards, std::size_t share) {
  Overflow overflow, taken;
  for (StoredEvent &event : read) {
    const std::int32_t trigger = event.trigger_id;
    if (overflow.contains(trigger)) continue;
    if (lanes.held(trigger) >= share) {
      overflow[trigger] = taken[trigger];
      continue;
    }
    taken[trigger] = event.id;
    if (!(shard_of(event.key_hash) & shards)) {
      lanes.add_barrier(event);
      continue;
    }
    if (!triggers.find(trigger)) {
      bury(event);
      continue;
    }
    if (lanes.events().contains(event.id)) continue;
    if (events::is_scheduled(event.op)) {
      schedule(event);
      continue;
    }
    loops.arrived({trigger, event.key_hash}, event.born_ms);
    StoredEvent reference = without_payload(event);
    if (lanes.add(std::move(event)) == events::Lanes::Added::Queued) continue;
    Outcome waits;
    waits.kind = Outcome::Kind::Follower;
    waits.event = std::move(reference);
    outcomes_.push_back(std::move(waits));
  }
  return overflow;
}

// It comes back from gqlsvl.retry at its time.
void DeliveryQueue::schedule(const StoredEvent &event) {
  next_due_ = std::min(next_due_, Clock::now() + milliseconds(std::clamp<std::int64_t>(wait_of(event, wall_ms()), 0, longest_wait_ms)));
  Outcome outcome;
  outcome.kind = Outcome::Kind::Scheduled;
  outcome.event = without_payload(event);
  outcomes_.push_back(std::move(outcome));
}

std::vector<std::int64_t> DeliveryQueue::claim(const std::vector<std::int64_t> &events) {
  events::Store::Claim claim;
  try {
    pg::Transaction transaction;
    pg::Spi spi;
    claim = store_.claim(events);
    spi.finish();
    transaction.commit();
  } catch (...) {
    for (std::int64_t id : events) lanes.return_unsent(id);
    throw;
  }
  for (std::int64_t id : claim.gone) lanes.done(id);
  for (std::int64_t id : events) // somebody is cancelling it and may think better of it
    if (std::find(claim.claimed.begin(), claim.claimed.end(), id) == claim.claimed.end() && lanes.events().contains(id))
      lanes.return_unsent(id);
  return claim.claimed;
}

bool DeliveryQueue::changed() const {
  return !outcomes_.empty() || std::any_of(cursors_.begin(), cursors_.end(), [](const Cursor &cursor) { return cursor.moved; });
}

milliseconds DeliveryQueue::next_save(Clock::time_point now) const {
  Clock::time_point at = Clock::time_point::max();
  if (definitions_changed_)
    at = now;
  else if (changed() || !lanes.barriers().empty())
    at = outcomes_.size() >= outcomes_per_save ? now : last_save_ + save_interval;
  if (has_room()) at = std::min(at, next_due_);
  if (at == Clock::time_point::max()) return milliseconds::max();
  return std::max(std::chrono::ceil<milliseconds>(at - now), milliseconds(0));
}

void DeliveryQueue::save_if_due(Clock::time_point now) {
  if (owned_ && next_save(now) == milliseconds(0)) save(now);
}

std::vector<Checkpoint> DeliveryQueue::checkpoints() const {
  std::vector<Checkpoint> rows;
  std::int64_t n = newest_checkpoint_;
  const events::Forks forked = forks();
  for (const Cursor &cursor : cursors_) {
    Checkpoint row = {++n, cursor.shards(), cursor.position(), {}, cursor.trigger(), {}};
    rows.push_back(std::move(row));
    if (cursor.trigger()) continue; // its events are in the list of all
    Checkpoint &all = rows.back();
    for (auto [trigger, shards] : forked)
      if (shards & all.shards) all.forked.push_back(trigger);
    for (const auto &[id, event] : lanes.events()) {
      std::uint32_t shards = shard_of(event->key_hash) | (event->new_key_hash ? shard_of(*event->new_key_hash) : 0);
      if (!event->in_retry && (shards & all.shards)) all.pending.push_back({event->child, event->txid, id});
    }
    for (const auto &[id, barrier] : lanes.barriers())
      if (shard_of(barrier.lane.key_hash) & all.shards) all.pending.push_back(barrier.place);
  }
  return rows;
}

std::vector<std::int64_t> DeliveryQueue::retry_ids() const {
  std::vector<std::int64_t> ids;
  for (const auto &[id, event] : lanes.events())
    if (event->in_retry) ids.push_back(id);
  return ids;
}

std::vector<std::int64_t> DeliveryQueue::lifted_barriers() {
  std::map<std::pair<std::int32_t, std::uint32_t>, std::vector<events::Place>> by_shard;
  for (const auto &[id, barrier] : lanes.barriers())
    by_shard[{barrier.lane.trigger_id, shard_of(barrier.key_hash)}].push_back(barrier.place);
  std::vector<std::int64_t> lifted;
  for (const auto &[where, places] : by_shard)
    for (std::int64_t id : store_.finished(where.first, places, where.second)) lifted.push_back(id);
  return lifted;
}

// Triggers that have enough in memory.
std::vector<std::int32_t> DeliveryQueue::full_triggers() const {
  std::vector<std::int32_t> full = lanes.holding(share());
  for (auto [trigger, shards] : forks())
    if (asleep(trigger) && lanes.held(trigger) < share()) full.push_back(trigger);
  return full;
}

// One transaction: what became of events, the checkpoints, and what comes back from gqlsvl.retry.
void DeliveryQueue::save(Clock::time_point now) {
  const std::uint32_t kept = owned_ & ~leaving_;
  std::vector<Refilled> refilled;
  std::vector<StoredEvent> due;
  std::optional<std::int64_t> next_due;
  std::vector<Checkpoint> rows;
  const std::vector<events::Lanes::Refill> refills = lanes.take_refills();
  std::vector<std::int64_t> lifted;
  try {
    pg::Transaction transaction;
    pg::Spi spi;
    load_triggers();
    if (changed()) rows = checkpoints();
    log_.record(outcomes_);
    for (const Checkpoint &row : rows) store_.put_checkpoint(row);
    if (!rows.empty()) store_.remove_checkpoints(rows.back().n, owned_);
    for (const auto &refill : refills) {
      bool waits = false;
      auto behind = store_.behind(refill.lane.trigger_id, refill.hashes, refill_rows, waits);
      bool more = waits || behind.size() == static_cast<std::size_t>(refill_rows);
      refilled.push_back({refill.lane, std::move(behind), more});
    }
    events::Store::Wanted wanted = {kept, retry_ids(), full_triggers()};
    if (definitions_changed_) log_.clean_up(triggers.unordered, triggers.resumed, wanted.in_memory, kept);
    for (const Refilled &one : refilled)
      for (const StoredEvent &event : one.events) wanted.in_memory.push_back(event.id);
    if (has_room()) due = store_.due(wanted, batch_rows);
    for (const StoredEvent &event : due) wanted.in_memory.push_back(event.id);
    next_due = store_.next_due_ms(wanted);
    lifted = lifted_barriers();
    spi.finish();
    if (!outcomes_.empty()) crash_point("before_checkpoint");
    transaction.commit();
    if (!outcomes_.empty()) crash_point("after_checkpoint");
  } catch (...) {
    lanes.put_back(refills);
    throw;
  }
  if (!rows.empty()) newest_checkpoint_ = rows.back().n;
  for (Cursor &cursor : cursors_) cursor.moved = false;
  outcomes_.clear();
  triggers.unordered.clear();
  triggers.resumed.clear();
  definitions_changed_ = false;
  last_save_ = now;
  // A row that is due and was not loaded (its event is missing) must not make a busy loop.
  next_due_ = next_due
                  ? now + std::max(milliseconds(std::min(*next_due, longest_wait_ms)), due.empty() ? milliseconds(10) : milliseconds(0))
                  : Clock::time_point::max();
  for (Refilled &one : refilled) lanes.refill(one.lane, std::move(one.events), one.more);
  for (StoredEvent &event : due)
    if (triggers.find(event.trigger_id)) lanes.add_due(std::move(event));
  for (std::int64_t id : lifted) lanes.lift_barrier(id);
}

void DeliveryQueue::rotate() {
  if (!(owned_ & 1)) return;
  const pg::Settings &settings = pg::settings();
  const int child =
      rotation_.step(store_, {settings.event_retention_minutes * std::int64_t{60}, settings.event_max_size_kb * std::int64_t{1024}});
  if (Database *database = find_database(MyDatabaseId)) database->event_child.store(child);
}

events::Held DeliveryQueue::held(bool mismatch_holds, bool was_held) {
  pg::Transaction transaction;
  pg::Spi spi;
  events::Held held = store_.held(mismatch_holds);
  if (was_held && !held.held) store_.take_over_restored();
  spi.finish();
  transaction.commit();
  return held;
}

} // namespace gqlsvl::workers
