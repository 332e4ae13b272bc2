// Live queries: who listens to what, what a commit touches, what each subscriber saw last.
//
//   subscribe -> cohort (equal question) -> Evaluate -> result + topics really opened -> watch them -> ready(subscriber) -> take()
//   commit -> topic_changed / database_changed -> cohorts dirty -> one evaluation each -> ...
//
// In:  subscriptions, changes (collected from the commit signal), results of evaluations, the time.
// Out: through Host: evaluations to start, topics to watch, "there is something to take" per subscriber.
// Pure: no clock, no Postgres, no socket. Tests: test/unit/registry_test.cpp (a model with random histories).
// Always:
// - No state is missed: a relation that an evaluation opened but that was not watched before it began makes the cohort dirty again
//   (unless Host::generation() did not move), so its snapshot is never the last one when a change may have gone unseen.
// - At most one evaluation of a cohort is under way, so results never go backwards; dirty meanwhile means once more afterwards.
// - take() never returns the same JSON twice in a row for one subscriber; a slow subscriber skips states, never the last one.
// - Nothing happens without a change, a subscription or a cohort whose result depends on time.
#pragma once
#include "live/topic.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace gqlsvl::live {

using SubscriberId = std::uint64_t;
using CohortId = std::uint64_t;
using TimePoint = std::chrono::steady_clock::time_point;

// Subscriptions with equal questions share evaluations.
struct Question {
  std::string role, claims, hasura_user;
  bool admin = false;
  std::string query, variables, operation_name;
  auto operator<=>(const Question &) const = default;
};

struct Result {
  std::string json;
  bool failed = false;
  bool refresh_by_time = false; // depends on the clock, a volatile function or a foreign table as well
  std::vector<Topic> topics;    // really opened
};

struct Snapshot {
  std::shared_ptr<const std::string> json;
  bool failed = false;
  bool first = false; // nothing was taken before
};

class Host {
public:
  virtual ~Host() = default;
  // Starts an evaluation; false: the queue is full, asked again later. The result comes by Registry::finished, not from inside.
  virtual bool evaluate(CohortId cohort, const Question &question, std::uint64_t generation) = 0;
  virtual void abandon(CohortId cohort) = 0; // nobody waits for the evaluation under way any more; finished() may still come
  virtual void watch(Topic topic) = 0;
  virtual void unwatch(Topic topic) = 0;
  // Moves whenever anything may have been committed in the database, watched or not. A constant that never repeats is right too.
  virtual std::uint64_t generation() = 0;
  virtual void ready(SubscriberId subscriber) = 0; // take() has something new
};

class Registry {
public:
  Registry(Host &host, std::chrono::milliseconds refresh) : host_(host), refresh_(refresh) {}

  void subscribe(SubscriberId subscriber, Question question);
  void unsubscribe(SubscriberId subscriber); // unknown ids are ignored

  void topic_changed(Topic topic);
  void database_changed();
  void database_may_have_changed(); // each cohort once more, one at a time and behind everything else

  void finished(CohortId cohort, Result result, TimePoint now);
  void run(TimePoint now);                   // starts what is due; call after changes were reported
  std::optional<TimePoint> next_due() const; // when run() has something to do without a change; nothing: never
  std::optional<Snapshot> take(SubscriberId subscriber);

  std::size_t subscribers() const { return subscribers_.size(); }
  std::size_t cohorts() const { return cohorts_.size(); }
  void set_refresh(std::chrono::milliseconds refresh) { refresh_ = refresh; }

private:
  // Orders what happened: evaluations begun, topics first watched, changes seen.
  using Tick = std::uint64_t;
  struct Cohort {
    Question question;
    std::set<SubscriberId> members;
    std::set<Topic> topics; // watched for this cohort
    bool dirty = true, running = false;
    Tick started = 0; // of the evaluation under way or the last one
    std::uint64_t started_generation = 0;
    std::shared_ptr<const std::string> json; // the current result; null: none yet
    std::size_t hash = 0;
    bool failed = false;
    std::optional<TimePoint> refresh_at; // also in by_time_
  };
  struct Subscriber {
    CohortId cohort = 0;
    std::optional<std::size_t> last_taken; // hash
  };
  struct Watch {
    Tick since = 0, changed = 0;
    std::set<CohortId> cohorts;
  };

  void mark(CohortId id, Cohort &cohort);
  bool start_due(TimePoint now);
  void check_next();
  void start(CohortId id, Cohort &cohort);
  bool follow(CohortId id, Cohort &cohort, const Result &result);
  void forget_topic(CohortId id, Topic topic);
  void set_timer(CohortId id, Cohort &cohort, std::optional<TimePoint> at);
  void drop(CohortId id);

  Host &host_;
  std::chrono::milliseconds refresh_;
  Tick tick_ = 0;
  CohortId last_cohort_ = 0;
  std::map<Question, CohortId> by_question_;
  std::unordered_map<CohortId, Cohort> cohorts_;
  std::unordered_map<SubscriberId, Subscriber> subscribers_;
  std::unordered_map<Topic, Watch> watched_;
  std::set<CohortId> due_;      // dirty and not running
  std::set<CohortId> to_check_; // by database_may_have_changed; left by any other evaluation
  CohortId checking_ = 0;       // under way because of it; 0: none
  std::set<std::pair<TimePoint, CohortId>> by_time_;
  std::optional<TimePoint> retry_at_; // the queue was full
};

} // namespace gqlsvl::live
