#include "live/registry.h"

#include <algorithm>
#include <functional>

namespace gqlsvl::live {

static constexpr std::chrono::milliseconds retry_pause{20}; // after a full queue

void Registry::subscribe(SubscriberId subscriber, Question question) {
  auto [place, is_new] = by_question_.try_emplace(std::move(question), last_cohort_ + 1);
  if (is_new) {
    ++last_cohort_;
    cohorts_[last_cohort_].question = place->first;
    due_.insert(last_cohort_);
  }
  Cohort &cohort = cohorts_.at(place->second);
  cohort.members.insert(subscriber);
  subscribers_[subscriber].cohort = place->second;
  if (cohort.json) host_.ready(subscriber);
}

void Registry::unsubscribe(SubscriberId subscriber) {
  auto it = subscribers_.find(subscriber);
  if (it == subscribers_.end()) return;
  CohortId id = it->second.cohort;
  subscribers_.erase(it);
  Cohort &cohort = cohorts_.at(id);
  cohort.members.erase(subscriber);
  if (cohort.members.empty()) drop(id);
}

// An evaluation under way of a dropped cohort ends in finished() with an unknown id, which is ignored; ids are never used again.
void Registry::drop(CohortId id) {
  Cohort &cohort = cohorts_.at(id);
  for (Topic topic : cohort.topics) forget_topic(id, topic);
  set_timer(id, cohort, std::nullopt);
  due_.erase(id);
  to_check_.erase(id);
  if (cohort.running) host_.abandon(id);
  by_question_.erase(cohort.question);
  cohorts_.erase(id);
}

void Registry::forget_topic(CohortId id, Topic topic) {
  auto watch = watched_.find(topic);
  if (watch == watched_.end()) return;
  watch->second.cohorts.erase(id);
  if (!watch->second.cohorts.empty()) return;
  watched_.erase(watch);
  host_.unwatch(topic);
}

void Registry::mark(CohortId id, Cohort &cohort) {
  cohort.dirty = true;
  if (!cohort.running) due_.insert(id);
}

void Registry::topic_changed(Topic topic) {
  auto watch = watched_.find(topic);
  if (watch == watched_.end()) return;
  watch->second.changed = ++tick_;
  for (CohortId id : watch->second.cohorts) mark(id, cohorts_.at(id));
}

void Registry::database_changed() {
  ++tick_;
  for (auto &[topic, watch] : watched_) watch.changed = tick_;
  for (auto &[id, cohort] : cohorts_) mark(id, cohort);
}

void Registry::database_may_have_changed() {
  for (auto &[id, cohort] : cohorts_) to_check_.insert(id);
}

void Registry::start(CohortId id, Cohort &cohort) {
  cohort.started = ++tick_;
  cohort.started_generation = host_.generation();
  cohort.dirty = false;
  cohort.running = true;
  if (host_.evaluate(id, cohort.question, cohort.started_generation)) {
    to_check_.erase(id);
    return;
  }
  cohort.dirty = true;
  cohort.running = false;
}

void Registry::run(TimePoint now) {
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    CohortId id = by_time_.begin()->second;
    Cohort &cohort = cohorts_.at(id);
    set_timer(id, cohort, std::nullopt);
    mark(id, cohort);
  }
  retry_at_.reset();
  if (start_due(now)) check_next();
}

// False: the queue is full.
bool Registry::start_due(TimePoint now) {
  while (!due_.empty()) {
    CohortId id = *due_.begin();
    Cohort &cohort = cohorts_.at(id);
    start(id, cohort);
    if (cohort.dirty) {
      retry_at_ = now + retry_pause;
      return false;
    }
    due_.erase(id);
  }
  return true;
}

// The end of one leads to the next run(), so nothing else has to wake for it.
void Registry::check_next() {
  while (!checking_ && !to_check_.empty()) {
    const CohortId id = *to_check_.begin();
    to_check_.erase(id);
    Cohort &cohort = cohorts_.at(id);
    if (cohort.running) continue; // begun after the look, or it will be followed by one for its own reasons
    mark(id, cohort);
    start(id, cohort);
    if (cohort.dirty) return; // the queue is full: it is due now
    due_.erase(id);
    checking_ = id;
  }
}

// Takes over the topics of an evaluation. True when one of them may have changed unseen since the evaluation began.
bool Registry::follow(CohortId id, Cohort &cohort, const Result &result) {
  std::set<Topic> opened(result.topics.begin(), result.topics.end());
  bool watched_too_late = false, changed = false;
  for (Topic topic : opened) {
    auto [place, is_new] = watched_.try_emplace(topic);
    Watch &watch = place->second;
    if (is_new) {
      watch.since = ++tick_;
      host_.watch(topic);
    }
    watch.cohorts.insert(id);
    watched_too_late |= watch.since > cohort.started;
    changed |= watch.changed > cohort.started;
  }
  // A failed evaluation stopped before it had opened all: what was known before stays watched.
  if (result.failed) opened.insert(cohort.topics.begin(), cohort.topics.end());
  for (Topic topic : cohort.topics)
    if (!opened.count(topic)) forget_topic(id, topic);
  cohort.topics = std::move(opened);
  return changed || (watched_too_late && host_.generation() != cohort.started_generation);
}

void Registry::finished(CohortId id, Result result, TimePoint now) {
  if (checking_ == id) checking_ = 0;
  auto it = cohorts_.find(id);
  if (it == cohorts_.end()) return;
  Cohort &cohort = it->second;
  cohort.running = false;
  if (follow(id, cohort, result)) cohort.dirty = true;
  if (cohort.dirty) due_.insert(id);
  // What failed is tried again by time too: its cause need not be a change of rows.
  bool by_time = result.refresh_by_time || result.failed;
  set_timer(id, cohort, by_time ? std::optional<TimePoint>(now + refresh_) : std::nullopt);

  std::size_t hash = std::hash<std::string>()(result.json);
  bool same = cohort.json && cohort.hash == hash && cohort.failed == result.failed;
  if (same) return;
  cohort.json = std::make_shared<const std::string>(std::move(result.json));
  cohort.hash = hash;
  cohort.failed = result.failed;
  std::vector<SubscriberId> members(cohort.members.begin(), cohort.members.end()); // ready() may lead to unsubscribe()
  for (SubscriberId member : members) host_.ready(member);
}

std::optional<Snapshot> Registry::take(SubscriberId subscriber) {
  auto it = subscribers_.find(subscriber);
  if (it == subscribers_.end()) return std::nullopt;
  const Cohort &cohort = cohorts_.at(it->second.cohort);
  std::optional<std::size_t> &last = it->second.last_taken;
  if (!cohort.json || last == cohort.hash) return std::nullopt;
  Snapshot snapshot{cohort.json, cohort.failed, !last};
  last = cohort.hash;
  return snapshot;
}

void Registry::set_timer(CohortId id, Cohort &cohort, std::optional<TimePoint> at) {
  if (cohort.refresh_at) by_time_.erase({*cohort.refresh_at, id});
  cohort.refresh_at = at;
  if (at) by_time_.insert({*at, id});
}

std::optional<TimePoint> Registry::next_due() const {
  std::optional<TimePoint> due = retry_at_;
  if (!by_time_.empty() && (!due || by_time_.begin()->first < *due)) due = by_time_.begin()->first;
  return due;
}

} // namespace gqlsvl::live
