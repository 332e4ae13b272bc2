#include "workers/delivery_worker.h"

#include "events/store/retry_policy.h"
#include "workers/delivery_request.h"
#include "workers/delivery_watch.h"

#include <algorithm>
#include <ctime>
#include <set>

#include "pg/settings.h"
#include "pg/transaction.h"

extern "C" {
#include "access/transam.h"
#include "storage/lock.h"
}

namespace gqlsvl::workers {

using events::Outcome;
using events::StoredEvent;
using pg::call;

namespace {

constexpr char dropped_text[] = "trigger dropped"; // how last_error begins: COMMENT ON FUNCTION gqlsvl.drop_trigger
constexpr int all_shards = 0xFFFF, batch_rows = 1000, refill_rows = 200;
constexpr std::size_t most_events = 10000, most_bytes = 64 * 1024 * 1024, most_in_flight = 500, outcomes_per_save = 1000,
                      most_outcomes = 10000, read_response = 16 * 1024, kept_response = 4096; // bytes; read: Lambda's reason is in it
constexpr auto save_interval = milliseconds(100), poll_interval = milliseconds(1000), pause_after_batch = milliseconds(1);
constexpr std::uint16_t slot_lock_class = 3; // SQL's advisory locks use 1 and 2: no role can take this one (postgres-rules 9)

std::string wall_time() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::tm parts;
  gmtime_r(&seconds, &parts);
  char text[32];
  std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string micros = std::to_string(1000000 + std::chrono::duration_cast<std::chrono::microseconds>(now).count() % 1000000);
  return std::string(text, length) + '.' + micros.substr(1) + 'Z';
}

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::uint64_t next_transaction() { return U64FromFullTransactionId(ReadNextFullTransactionId()); }

StoredEvent without_payload(const StoredEvent &event) {
  StoredEvent copy = event;
  copy.payload.clear();
  return copy;
}

} // namespace

DeliveryWorker::DeliveryWorker(int index) : index_(index), store_(index, all_shards) {}

void DeliveryWorker::take_lock() {
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, static_cast<std::uint32_t>(index_), slot_lock_class);
  pg::Transaction transaction; // waits for a dying predecessor: it may still be committing its last checkpoint
  call([&tag] { LockAcquire(&tag, ExclusiveLock, true, false); });
  transaction.commit();
}

void DeliveryWorker::make_client() {
  const pg::Settings &s = pg::settings();
  outbound::Options options;
  options.allow = s.outbound_allow ? s.outbound_allow : "";
  options.deny = s.outbound_deny ? s.outbound_deny : "";
  options.ca_file = s.outbound_ca_file ? s.outbound_ca_file : "";
  options.body_bytes = read_response;
  options.user_agent = "gqlsvl/" GQLSVL_VERSION;
  clients_.push_back(std::make_unique<outbound::Client>(options));
  descriptor_changed_ = true;
}

void DeliveryWorker::reload() {
  make_client();
  aws_ = read_aws_account();
  last_refresh_ = {};
  refreshed_at_ = 0;
}

void DeliveryWorker::start() {
  make_client();
  aws_ = read_aws_account();
  take_lock();
  pg::Transaction transaction;
  pg::Spi spi;
  watch_definitions();
  load_triggers_if_changed();
  std::string pending;
  position_ = store_.newest_checkpoint(pending);
  std::vector<StoredEvent> unfinished = store_.at_places(pending);
  for (const events::WaitingLane &lane : store_.waiting_lanes())
    if (auto trigger = triggers_.find(lane.trigger_id); trigger != triggers_.end() && trigger->second.definition.ordered)
      lanes_.block({lane.trigger_id, lane.key_hash}, lane.new_key_hash, lane.has_head);
  spi.finish();
  transaction.commit();
  take_in(std::move(unfinished));
  next_due_ = Clock::now();
  moved_ = true;
}

void DeliveryWorker::load_triggers_if_changed() {
  stale_ |= take_definitions_changed(); // stays when the reading fails
  if (!stale_) return;
  load_triggers();
  stale_ = false;
}

void DeliveryWorker::load_triggers() {
  std::vector<Oid> tables;
  std::map<std::int32_t, Trigger> loaded;
  for (events::TriggerDefinition &definition : store_.triggers()) {
    Trigger trigger;
    try {
      trigger.target = outbound::parse_target(definition.webhook);
    } catch (const Error &error) { trigger.unusable = error.message(); }
    auto before = triggers_.find(definition.id);
    if (!definition.ordered && (before == triggers_.end() || before->second.definition.ordered)) unordered_.push_back(definition.id);
    lanes_.set_trigger(definition.id, definition.max_in_flight, definition.ordered);
    tables.push_back(definition.table);
    trigger.definition = std::move(definition);
    loaded.emplace(trigger.definition.id, std::move(trigger));
  }
  triggers_ = std::move(loaded);
  watch_tables(std::move(tables));
  changed_ = true;
  bury_dropped();
}

// Whether delivery is held. No SQL while no transaction has happened.
void DeliveryWorker::refresh(Clock::time_point now) {
  last_refresh_ = now;
  refreshed_at_ = next_transaction();
  const int delivery = pg::settings().delivery;
  events::Held held;
  {
    pg::Transaction transaction;
    pg::Spi spi;
    held = store_.held(delivery == 0);
    if (delivery == 2) held = {true, "gqlsvl.delivery is off"};
    if (held_ && !held.held) store_.take_over_restored();
    spi.finish();
    transaction.commit();
  }
  if (held.held && held.why != held_because_ && !held.why.empty()) {
    const char *why = held.why.c_str();
    call([why] {
      ereport(LOG, (errmsg("gqlsvl: delivery of events is held"), errdetail_internal("Because %s.", why),
                    errhint("Events are still captured. SELECT gqlsvl.adopt(deliver => true) and gqlsvl.delivery decide.")));
    });
  }
  held_because_ = held.why;
  if (held_ && !held.held) read_again_ = true;
  held_ = held.held;
}

// An event of a trigger that was dropped before it was sent.
void DeliveryWorker::bury(const StoredEvent &event) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::Dead;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts;
  outcome.error = dropped_text;
  outcomes_.push_back(std::move(outcome));
}

void DeliveryWorker::bury_dropped() {
  std::set<std::int32_t> dropped;
  for (const auto &[id, event] : lanes_.events())
    if (!triggers_.contains(event->trigger_id)) dropped.insert(event->trigger_id);
  for (std::int32_t trigger : dropped)
    for (const StoredEvent &event : lanes_.remove_trigger(trigger)) bury(event);
}

void DeliveryWorker::collect() {
  for (auto &client : clients_)
    for (const outbound::Answer &answer : client->drive()) judge_answer(answer);
  while (clients_.size() > 1 && clients_.front()->in_flight() == 0) clients_.erase(clients_.begin());
}

void DeliveryWorker::judge_answer(const outbound::Answer &answer) {
  auto id = static_cast<std::int64_t>(answer.ticket);
  auto event = lanes_.events().find(id);
  if (event == lanes_.events().end()) return;
  auto trigger = triggers_.find(event->second->trigger_id);
  outbound::Target target = trigger == triggers_.end() ? outbound::Target() : trigger->second.target;
  settle(id, answer.status, outbound::judge(target, answer, wall_seconds()), answer.body, answer.duration);
}

void DeliveryWorker::settle(std::int64_t id, int status, const outbound::Verdict &verdict, const std::string &response,
                            std::chrono::microseconds duration) {
  const StoredEvent &event = *lanes_.events().at(id);
  auto trigger = triggers_.find(event.trigger_id);
  Outcome outcome;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts + 1;
  outcome.status = status;
  outcome.at = wall_time();
  outcome.duration_us = duration.count();
  outcome.response = response.substr(0, kept_response);
  outcome.error = verdict.error;
  if (verdict.delivered || trigger == triggers_.end()) {
    if (!verdict.delivered) { // its trigger was dropped while it was in flight
      outcome.kind = Outcome::Kind::Dead;
      outcome.error = std::string(dropped_text) + " (" + verdict.error + ')';
    }
    outcomes_.push_back(std::move(outcome));
    lanes_.done(id);
    return;
  }
  std::optional<milliseconds> delay;
  if (verdict.retryable)
    delay = events::next_delay(trigger->second.definition, outcome.attempts, verdict.retry_after,
                               std::uniform_real_distribution<double>(0, 1)(random_));
  if (!delay) {
    outcome.kind = Outcome::Kind::Dead;
    std::string uuid = event_uuid(event.txid, event.id);
    const char *name = trigger->second.definition.name.c_str(), *error = verdict.error.c_str();
    int attempts = outcome.attempts;
    call([&] {
      ereport(WARNING, (errmsg("event %s of trigger \"%s\" was not delivered and is given up", uuid.c_str(), name),
                        errdetail_internal("%d attempts; the last one: %s", attempts, error), errhint("It is kept in gqlsvl.dead.")));
    });
    outcomes_.push_back(std::move(outcome));
    lanes_.done(id);
    return;
  }
  outcome.kind = Outcome::Kind::Retry;
  outcome.delay_ms = delay->count();
  outcomes_.push_back(std::move(outcome));
  for (StoredEvent &follower : lanes_.failed(id)) {
    if (follower.in_retry) continue;
    Outcome waits;
    waits.kind = Outcome::Kind::Follower;
    waits.event = without_payload(follower);
    outcomes_.push_back(std::move(waits));
  }
}

std::vector<std::int64_t> DeliveryWorker::retry_ids() const {
  std::vector<std::int64_t> ids;
  for (const auto &[id, event] : lanes_.events())
    if (event->in_retry) ids.push_back(id);
  return ids;
}

bool DeliveryWorker::save_is_due(Clock::time_point now) const {
  if (changed_ || (now >= next_due_ && has_room())) return true;
  if (outcomes_.empty() && !moved_) return false;
  return outcomes_.size() >= outcomes_per_save || now - last_save_ >= save_interval;
}

// One transaction: what became of events, the checkpoint, and what comes back from gqlsvl.retry.
void DeliveryWorker::save(Clock::time_point now) {
  std::vector<StoredEvent> due;
  struct Loaded {
    events::LaneKey lane;
    std::vector<StoredEvent> events;
    bool more;
  };
  std::vector<Loaded> refilled;
  std::vector<events::Lanes::Refill> refills = lanes_.take_refills();
  std::optional<std::int64_t> next_due;
  {
    pg::Transaction transaction;
    pg::Spi spi;
    load_triggers_if_changed();
    store_.record(outcomes_);
    if (!outcomes_.empty() || moved_) {
      std::vector<StoredEvent> unfinished;
      for (const auto &[id, event] : lanes_.events()) unfinished.push_back(without_payload(*event));
      store_.checkpoint(position_, unfinished);
    }
    for (const auto &refill : refills) {
      bool waits = false;
      auto behind = store_.behind(refill.lane.trigger_id, refill.hashes, refill_rows, waits);
      bool more = waits || behind.size() == static_cast<std::size_t>(refill_rows);
      refilled.push_back({refill.lane, std::move(behind), more});
    }
    std::vector<std::int64_t> in_memory = retry_ids();
    if (changed_) store_.clean_up(unordered_, in_memory);
    for (const auto &one : refilled)
      for (const StoredEvent &event : one.events) in_memory.push_back(event.id);
    if (has_room()) due = store_.due(in_memory, batch_rows);
    for (const StoredEvent &event : due) in_memory.push_back(event.id);
    next_due = store_.next_due_ms(in_memory);
    spi.finish();
    transaction.commit();
  }
  if (!outcomes_.empty() || moved_) position_.n++;
  outcomes_.clear();
  moved_ = changed_ = false;
  unordered_.clear();
  last_save_ = now;
  next_due_ = next_due ? now + milliseconds(*next_due) : Clock::time_point::max();
  for (Loaded &one : refilled) lanes_.refill(one.lane, std::move(one.events), one.more);
  for (StoredEvent &event : due)
    if (triggers_.contains(event.trigger_id)) lanes_.add_due(std::move(event));
}

bool DeliveryWorker::has_room() const {
  return lanes_.events().size() + batch_rows <= most_events && lanes_.bytes() < most_bytes && outcomes_.size() < most_outcomes;
}

void DeliveryWorker::read() {
  read_at_ = next_transaction();
  events::Position next = position_;
  std::vector<StoredEvent> found;
  {
    pg::Transaction transaction;
    pg::Spi spi;
    if (next.from == next.to) {
      next.to = store_.snapshot();
      next.last_id = 0;
    }
    if (next.from != next.to) found = store_.read(next, batch_rows);
    // A commit's events are visible a moment before its message about the definitions arrives: a trigger not known may be a new one.
    stale_ |= std::any_of(found.begin(), found.end(), [&](const StoredEvent &e) { return !triggers_.contains(e.trigger_id); });
    load_triggers_if_changed();
    spi.finish();
    transaction.commit();
  }
  events::make_durable(found);
  read_again_ = found.size() == static_cast<std::size_t>(batch_rows);
  if (!found.empty()) {
    next.last_id = found.back().id;
    moved_ = true;
  }
  if (!read_again_) {
    next.from = next.to;
    next.last_id = 0;
  }
  position_ = std::move(next);
  take_in(std::move(found));
}

void DeliveryWorker::take_in(std::vector<StoredEvent> read) {
  for (StoredEvent &event : read) {
    if (!triggers_.contains(event.trigger_id)) {
      bury(event);
      continue;
    }
    StoredEvent reference = without_payload(event);
    if (lanes_.add(std::move(event)) == events::Lanes::Added::Queued) continue;
    Outcome waits;
    waits.kind = Outcome::Kind::Follower;
    waits.event = std::move(reference);
    outcomes_.push_back(std::move(waits));
  }
}

void DeliveryWorker::dispatch() {
  while (lanes_.in_flight() < most_in_flight) {
    StoredEvent *event = lanes_.next();
    if (!event) return;
    outbound::Verdict verdict;
    auto trigger = triggers_.find(event->trigger_id);
    if (trigger == triggers_.end())
      verdict.error = "the trigger was dropped";
    else if (!trigger->second.unusable.empty())
      verdict.error = trigger->second.unusable;
    else
      try {
        clients_.back()->add(request_for(*event, trigger->second.definition, trigger->second.target, aws_, wall_seconds()));
        continue;
      } catch (const Error &error) {
        verdict.error = error.message();
        verdict.retryable = error.sqlstate != sqlstate::program_limit; // the event's size stays what it is
      }
    settle(event->id, 0, verdict, {}, std::chrono::microseconds(0));
  }
}

milliseconds DeliveryWorker::pass(Clock::time_point now, bool woken) {
  const std::uint64_t next = next_transaction();
  if (next != refreshed_at_ && (now - last_refresh_ >= poll_interval || (woken && held_))) refresh(now);
  collect();
  if (save_is_due(now)) save(now);
  if (held_) return outcomes_.empty() ? poll_interval : save_interval;
  read_again_ |= woken || (next != read_at_ && now - last_read_ >= poll_interval);
  if (read_again_ && has_room() && now - last_read_ >= pause_after_batch) {
    last_read_ = now;
    read();
  }
  dispatch();
  auto wait = std::chrono::duration_cast<milliseconds>(poll_interval);
  auto within = [&wait](milliseconds limit) { wait = std::clamp(limit, milliseconds(0), wait); };
  if (read_again_ && has_room()) within(pause_after_batch);
  if (changed_) within(milliseconds(0));
  if (!outcomes_.empty() || moved_) within(std::chrono::ceil<milliseconds>(last_save_ + save_interval - now));
  if (next_due_ != Clock::time_point::max()) within(std::max(std::chrono::ceil<milliseconds>(next_due_ - now), milliseconds(1)));
  if (milliseconds client = clients_.back()->wait(); client.count() >= 0) within(client);
  if (clients_.size() > 1) within(save_interval);
  return wait;
}

} // namespace gqlsvl::workers
