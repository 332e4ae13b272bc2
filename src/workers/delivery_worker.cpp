#include "workers/delivery_worker.h"

#include "events/store/retry_policy.h"
#include "workers/crash_point.h"
#include "workers/delivery_request.h"
#include "workers/delivery_shards.h"
#include "workers/shared.h"

#include <algorithm>
#include <ctime>

#include "pg/settings.h"

extern "C" {
#include "access/transam.h"
}

namespace gqlsvl::workers {

using events::Outcome;
using events::StoredEvent;
using pg::call;

namespace {

constexpr std::size_t most_in_flight = 500, read_response = 16 * 1024, kept_response = 4096; // bytes; read: Lambda's reason is in it
constexpr int receiver_is_gone = 410;
constexpr auto pause_after_batch = milliseconds(1), soon = milliseconds(50);

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

} // namespace

DeliveryWorker::DeliveryWorker(int index) : index_(index), queue_(index) {
  make_client();
  queue_.loops.set_limit(pg::settings().loop_limit);
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
  aws_.reload();
  queue_.loops.set_limit(pg::settings().loop_limit);
  queue_.triggers.doubt(); // gqlsvl.env_allow and lambda_allow
  last_refresh_ = {};
  refreshed_at_ = 0;
}

// Whether delivery is held. No SQL while no transaction has happened.
void DeliveryWorker::refresh(Clock::time_point now) {
  last_refresh_ = now;
  refreshed_at_ = next_transaction();
  const int delivery = pg::settings().delivery;
  events::Held held = {true, "gqlsvl.delivery is off"};
  if (delivery != 2) held = queue_.held(delivery == 0, held_);
  if (held.held && held.why != held_because_ && !held.why.empty()) {
    const char *why = held.why.c_str();
    call([why] {
      ereport(LOG, (errmsg("gqlsvl: delivery of events is held"), errdetail_internal("Because %s.", why),
                    errhint("Events are still captured. SELECT gqlsvl.adopt(deliver => true) and gqlsvl.delivery decide.")));
    });
  }
  held_because_ = held.why;
  read_again_ |= held_ && !held.held;
  held_ = held.held;
  if (!held_) queue_.rotate();
  if (Database *database = find_database(MyDatabaseId)) database->delivery_held.store(held_ && !held.why.empty());
}

void DeliveryWorker::collect() {
  for (auto &client : clients_)
    for (const outbound::Answer &answer : client->drive()) judge_answer(answer);
  while (clients_.size() > 1 && clients_.front()->in_flight() == 0) clients_.erase(clients_.begin());
}

void DeliveryWorker::judge_answer(const outbound::Answer &answer) {
  auto id = static_cast<std::int64_t>(answer.ticket);
  auto event = queue_.lanes.events().find(id);
  if (event == queue_.lanes.events().end()) return;
  crash_point("answered");
  const std::int32_t trigger_id = event->second->trigger_id;
  const DeliveryTrigger *trigger = queue_.triggers.find(trigger_id);
  if (!trigger) return settle(id, answer.status, outbound::judge({}, answer, wall_seconds()), answer.body, answer.duration);
  const outbound::Destination &destination = trigger->destination;
  outbound::Verdict verdict = outbound::judge(destination.target, answer, wall_seconds());
  verdict.error = outbound::masked(std::move(verdict.error), destination);
  const std::int32_t gone = answer.status == receiver_is_gone && !destination.signing_keys.empty() ? trigger_id : 0;
  auto breaker = breakers_.find(trigger_id);
  const bool was_open = breaker != breakers_.end() && breaker->second.open();
  judge_receiver(verdict, answer.status, trigger_id);
  if (gone > 0) pause(gone);
  if (was_open && !verdict.delivered && events::Breaker::speaks_of_receiver(answer.status))
    ask_again(*event->second);
  else
    settle(id, answer.status, verdict, outbound::masked(answer.body, destination), answer.duration);
}

// Standard Webhooks: a receiver that answers 410 does not want to be asked again.
void DeliveryWorker::pause(std::int32_t trigger_id) {
  queue_.triggers.pause(trigger_id);
  const DeliveryTrigger *trigger = queue_.triggers.find(trigger_id);
  if (!trigger || !trigger->definition.paused) return;
  const char *name = trigger->definition.name.c_str();
  call([name] {
    ereport(WARNING, (errmsg("trigger \"%s\" is paused: its receiver answered 410 Gone", name),
                      errhint("Its events are still captured and wait: change the webhook, then SELECT gqlsvl.resume_trigger(%s).",
                              quote_literal_cstr(name))));
  });
}

void DeliveryWorker::settle(std::int64_t id, int status, const outbound::Verdict &verdict, const std::string &response,
                            std::chrono::microseconds duration) {
  const StoredEvent &event = *queue_.lanes.events().at(id);
  const DeliveryTrigger *trigger = queue_.triggers.find(event.trigger_id);
  Outcome outcome;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts + 1;
  outcome.status = status;
  outcome.at = wall_time();
  outcome.duration_us = duration.count();
  outcome.response = response.substr(0, kept_response);
  outcome.error = verdict.error;
  if (verdict.delivered || !trigger) {
    if (!verdict.delivered) { // its trigger was dropped while it was in flight
      outcome.kind = Outcome::Kind::Dead;
      outcome.error = std::string(dropped_text) + " (" + verdict.error + ')';
    }
    queue_.loops.delivered({event.trigger_id, event.key_hash}, wall_ms());
    queue_.add_outcome(std::move(outcome));
    queue_.lanes.done(id);
    return;
  }
  if (status == receiver_is_gone && !trigger->destination.signing_keys.empty()) { // of the receiver, whatever the event's attempts
    outcome.kind = trigger->definition.paused ? Outcome::Kind::Parked : Outcome::Kind::Retry; // not paused: somebody else is altering it
    outcome.delay_ms = trigger->definition.paused ? -1 : trigger->definition.retry_interval_ms;
    put_back(std::move(outcome));
    return;
  }
  std::optional<milliseconds> delay;
  const std::vector<int> &final = trigger->definition.give_up_on;
  if (verdict.retryable && std::find(final.begin(), final.end(), status) == final.end())
    delay = events::next_delay(trigger->definition, outcome.attempts, verdict.retry_after,
                               std::uniform_real_distribution<double>(0, 1)(random_));
  if (!delay) {
    give_up(std::move(outcome), *trigger);
    queue_.lanes.done(id);
    return;
  }
  outcome.kind = Outcome::Kind::Retry;
  outcome.delay_ms = delay->count();
  if (const auto &limit = trigger->definition.max_age_ms) // at that age it comes back, to be given up
    outcome.delay_ms = std::clamp<std::int64_t>(event.born_ms + *limit - wall_ms(), 0, outcome.delay_ms);
  put_back(std::move(outcome));
}

// Into gqlsvl.retry, with those that wait behind it in memory.
void DeliveryWorker::put_back(Outcome head) {
  const std::int64_t id = head.event.id;
  queue_.add_outcome(std::move(head));
  for (StoredEvent &follower : queue_.lanes.failed(id)) {
    if (follower.in_retry) continue;
    Outcome waits;
    waits.kind = Outcome::Kind::Follower;
    waits.event = without_payload(follower);
    queue_.add_outcome(std::move(waits));
  }
}

// That was a question to the receiver, not an attempt of this event. A scheduled one waits where it can be cancelled.
void DeliveryWorker::ask_again(const StoredEvent &event) {
  if (events::is_scheduled(event.op))
    park(event, 0);
  else
    queue_.lanes.return_unsent(event.id);
}

// No attempt is made: the event's time has not come, or (`wait_ms` below 0) its trigger is paused.
void DeliveryWorker::park(const StoredEvent &event, std::int64_t wait_ms) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::Parked;
  outcome.event = without_payload(event);
  outcome.attempts = event.attempts;
  outcome.delay_ms = wait_ms;
  put_back(std::move(outcome));
}

void DeliveryWorker::give_up(Outcome outcome, const DeliveryTrigger &trigger) {
  outcome.kind = Outcome::Kind::Dead;
  std::string uuid = event_uuid(outcome.event.txid, outcome.event.id);
  const char *name = trigger.definition.name.c_str();
  call([&] {
    ereport(WARNING, (errmsg("event %s of trigger \"%s\" was not delivered and is given up", uuid.c_str(), name),
                      errdetail_internal("%d attempts; the last one: %s", outcome.attempts, outcome.error.c_str()),
                      errhint("It is kept in gqlsvl.dead.")));
  });
  queue_.add_outcome(std::move(outcome));
}

std::string DeliveryWorker::send(const StoredEvent &event, bool &retryable) {
  const DeliveryTrigger *trigger = queue_.triggers.find(event.trigger_id);
  if (!trigger) return "the trigger was dropped";
  if (!trigger->unusable.empty()) return trigger->unusable;
  if (trigger->destination.target.kind == outbound::Target::Kind::Lambda && aws_.must_wait(wall_seconds())) {
    waiting_for_keys_.push_back(event.id);
    return {};
  }
  try {
    outbound::Request request = request_for(event, trigger->definition, trigger->destination, aws_, wall_seconds());
    if (!trigger->definition.transform.empty()) hold_shards(queue_.owned());
    clients_.back()->add(std::move(request));
  } catch (const Error &error) {
    if (!trigger->definition.transform.empty()) hold_shards(queue_.owned());
    retryable = error.sqlstate != sqlstate::program_limit; // the event's size stays what it is
    return error.message();
  }
  return {};
}

void DeliveryWorker::dispatch(Clock::time_point now) {
  while (dispatch_some(now)) {}
}

// True when events turned out to be cancelled, which has made room for others.
bool DeliveryWorker::dispatch_some(Clock::time_point now) {
  std::vector<std::int64_t> scheduled;
  while (queue_.lanes.in_flight() < most_in_flight) {
    const StoredEvent *event = queue_.lanes.next();
    if (!event) break;
    const DeliveryTrigger *trigger = queue_.triggers.find(event->trigger_id);
    if (events::is_scheduled(event->op))
      scheduled.push_back(event->id);
    else if (!trigger || !keep_back(*event, *trigger, now))
      send_or_settle(*event);
  }
  if (scheduled.empty()) return false;
  const std::size_t held = queue_.lanes.events().size();
  const std::vector<std::int64_t> claimed = queue_.claim(scheduled);
  const bool some_are_gone = queue_.lanes.events().size() < held;
  for (std::int64_t id : claimed) send_scheduled(*queue_.lanes.events().at(id), now);
  return some_are_gone;
}

void DeliveryWorker::send_scheduled(const StoredEvent &event, Clock::time_point now) {
  const DeliveryTrigger *trigger = queue_.triggers.find(event.trigger_id);
  if (trigger && keep_back(event, *trigger, now)) return;
  const std::int64_t late_ms = -wait_of(event, wall_ms()), most_ms = trigger ? trigger->definition.tolerance_ms : 0;
  if (most_ms > 0 && late_ms > most_ms && event.attempts == 0 && !event.redelivered)
    miss(event);
  else
    send_or_settle(event);
}

// Too late to be of use: no attempt is made.
void DeliveryWorker::miss(const StoredEvent &event) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::Dead;
  outcome.event = without_payload(event);
  outcome.error = "missed: it could not be sent within the tolerance";
  queue_.add_outcome(std::move(outcome));
  queue_.lanes.done(event.id);
}

bool DeliveryWorker::keep_back(const StoredEvent &event, const DeliveryTrigger &trigger, Clock::time_point now) {
  if (trigger.definition.paused) {
    park(event, -1);
    return true;
  }
  const std::int64_t now_ms = wall_ms();
  if (std::int64_t wait_ms = wait_of(event, now_ms); wait_ms > 0) {
    park(event, wait_ms);
    return true;
  }
  if (too_old(event, trigger, now_ms)) {
    give_up_too_old(event);
    queue_.lanes.done(event.id);
    return true;
  }
  if (!take_token(trigger, now)) {
    queue_.lanes.return_unsent(event.id);
    return true;
  }
  return keeps_looping(event, trigger);
}

void DeliveryWorker::send_or_settle(const StoredEvent &event) {
  outbound::Verdict verdict;
  verdict.error = send(event, verdict.retryable);
  if (!verdict.error.empty()) settle(event.id, 0, verdict, {}, std::chrono::microseconds(0));
}

// Also those for which no keys were found: each fails with the reason, and its next attempt looks again.
void DeliveryWorker::send_those_that_wait() {
  aws_.drive(wall_seconds());
  if (waiting_for_keys_.empty() || aws_.must_wait(wall_seconds())) return;
  for (std::int64_t id : std::exchange(waiting_for_keys_, {}))
    if (auto event = queue_.lanes.events().find(id); event != queue_.lanes.events().end()) send_or_settle(*event->second);
}

bool DeliveryWorker::over() const { return !queue_.owned() && asked_to_leave(index_); }

milliseconds DeliveryWorker::pass(Clock::time_point now, bool woken) {
  crash_point(queue_.lanes.in_flight() > 0 ? "in_flight" : "idle");
  const std::uint64_t next = next_transaction();
  read_again_ |= queue_.balance(wanted_shards(index_), now);
  if (next != refreshed_at_ && (now - last_refresh_ >= poll_interval || (woken && held_))) refresh(now);
  collect();
  send_those_that_wait();
  apply_breakers(now);
  apply_rate_limits(now);
  wake_rested();
  if (!held_) give_up_those_too_old(now);
  queue_.save_if_due(now);
  read_again_ |= queue_.fork_has_room() || woken || (next != read_at_ && now - last_read_ >= poll_interval);
  if (!held_ && read_again_ && queue_.owned() && queue_.has_room() && now - last_read_ >= pause_after_batch) {
    last_read_ = now;
    read_at_ = next_transaction();
    read_again_ = queue_.read();
  }
  if (!held_) dispatch(now);
  tell_too_old();
  if (queue_.take_definitions_loaded()) cron_.doubt();
  if (!held_ && queue_.schedules_cron()) cron_.run_if_due(now);
  return next_pass(now);
}

milliseconds DeliveryWorker::next_pass(Clock::time_point now) const {
  milliseconds wait = poll_interval;
  auto within = [&wait](milliseconds limit) { wait = std::clamp(limit, milliseconds(0), wait); };
  if (!held_ && read_again_ && queue_.owned() && queue_.has_room()) within(pause_after_batch);
  if (queue_.owned()) within(std::max(queue_.next_save(now), milliseconds(1)));
  if (!queue_.settled()) within(soon);
  if (milliseconds client = clients_.back()->wait(); client.count() >= 0) within(client);
  if (!held_) within(next_token(now));
  if (auto rested = queue_.loops.next_rested_ms()) within(milliseconds(*rested - wall_ms()));
  if (clients_.size() > 1 || aws_.searching()) within(soon);
  if (!held_ && queue_.schedules_cron()) within(std::chrono::ceil<milliseconds>(std::max(cron_.next(), now) - now));
  for (const auto &[trigger, breaker] : breakers_)
    if (breaker.open()) within(std::max(std::chrono::ceil<milliseconds>(breaker.next_probe() - now), milliseconds(1)));
  return wait;
}

} // namespace gqlsvl::workers
