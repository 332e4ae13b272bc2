// Live queries against a model: whatever the order of commits, evaluations, watches and reads, each subscriber ends with the last state,
// never sees one twice in a row, and never sees an older one after a newer one.
#include "live/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

using namespace gqlsvl::live;

namespace {

// A database of a few relations, each a counter. A question reads the relations its query names ("1,2"); relation 9 is indirect: it is
// read only while relation 1 is odd, as a policy function may do.
class Model : public Host {
public:
  std::map<Topic, std::uint64_t> rows;
  std::set<Topic> watched, dirty;
  std::uint64_t commits = 0;
  struct Pending {
    CohortId cohort;
    Question question;
    bool read = false;
    Result result;
  };
  std::deque<Pending> queue;
  std::size_t queue_bound = 1000;
  std::set<SubscriberId> ready_now;
  int evaluations = 0, abandoned = 0;

  bool evaluate(CohortId cohort, const Question &question, std::uint64_t) override {
    if (queue.size() >= queue_bound) return false;
    for (const Pending &p : queue) EXPECT_NE(p.cohort, cohort) << "two evaluations of one cohort at a time";
    queue.push_back({cohort, question, false, {}});
    ++evaluations;
    return true;
  }
  void abandon(CohortId cohort) override {
    EXPECT_TRUE(std::any_of(queue.begin(), queue.end(), [cohort](const Pending &p) { return p.cohort == cohort; })) << "it is under way";
    ++abandoned;
  }
  void watch(Topic r) override { EXPECT_TRUE(watched.insert(r).second); }
  void unwatch(Topic r) override { EXPECT_EQ(watched.erase(r), 1u); }
  std::uint64_t generation() override { return commits; }
  void ready(SubscriberId s) override { ready_now.insert(s); }

  void commit(Topic r) {
    ++rows[r];
    ++commits;
    if (watched.count(r)) dirty.insert(r); // a writer looks at interest when it commits
  }
  Result read(const Question &q) {
    Result result;
    std::set<Topic> opened{static_cast<Topic>(q.query[0] - '0')};
    if (rows[*opened.begin()] % 2) opened.insert(9);
    for (Topic r : opened) {
      result.json += std::to_string(r) + "=" + std::to_string(rows[r] / 2) + ";"; // every other commit changes nothing visible
      result.topics.push_back(r);
    }
    return result;
  }
};

Question about(const std::string &query) {
  Question q;
  q.query = query;
  return q;
}

TimePoint at(int ms) { return TimePoint{} + std::chrono::milliseconds(ms); }

void evaluate_all(Registry &registry, Model &model, TimePoint now = {}) {
  for (Topic r : std::exchange(model.dirty, {})) registry.topic_changed(r);
  registry.run(now);
  while (!model.queue.empty()) {
    Model::Pending p = model.queue.front();
    model.queue.pop_front();
    registry.finished(p.cohort, model.read(p.question), now);
    registry.run(now);
  }
}

} // namespace

TEST(Registry, NoHistoryLosesTheLastStateOrRepeatsOrGoesBack) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    Model model;
    model.queue_bound = 1 + random() % 4;
    Registry registry(model, std::chrono::milliseconds(1000));
    std::map<SubscriberId, std::string> queries, last;
    std::map<SubscriberId, std::uint64_t> high;
    SubscriberId next = 1;
    auto take = [&](SubscriberId s) {
      auto snapshot = registry.take(s);
      if (!snapshot) return;
      EXPECT_NE(*snapshot->json, last[s]) << "the same state twice, seed " << seed;
      last[s] = *snapshot->json;
      std::uint64_t value = std::stoull(snapshot->json->substr(2));
      EXPECT_GE(value, high[s]) << "went back, seed " << seed;
      high[s] = value;
    };
    for (int step = 0; step < 150; ++step) {
      switch (random() % 9) {
      case 8:
        if (random() % 4 == 0) registry.database_may_have_changed();
        break;
      case 0:
        queries[next] = std::to_string(1 + random() % 3);
        registry.subscribe(next, about(queries[next]));
        ++next;
        break;
      case 1:
        if (!queries.empty() && random() % 3 == 0) {
          SubscriberId s = queries.begin()->first;
          registry.unsubscribe(s);
          queries.erase(s);
        }
        break;
      case 2:
      case 3: model.commit(random() % 3 == 0 ? 9 : 1 + random() % 3); break;
      case 4: // an executor takes its snapshot some time before the result arrives
        for (auto &p : model.queue)
          if (!p.read && random() % 2) {
            p.result = model.read(p.question);
            p.read = true;
          }
        break;
      case 5:
        if (!model.queue.empty()) {
          std::size_t i = random() % model.queue.size();
          auto p = model.queue[i];
          model.queue.erase(model.queue.begin() + static_cast<long>(i));
          registry.finished(p.cohort, p.read ? p.result : model.read(p.question), at(step));
        }
        break;
      case 6:
        for (Topic r : std::exchange(model.dirty, {})) registry.topic_changed(r);
        registry.run(at(step));
        break;
      case 7:
        for (SubscriberId s : std::exchange(model.ready_now, {})) take(s);
        break;
      }
    }
    model.queue_bound = 1000;
    while (!model.queue.empty() || !model.dirty.empty() || registry.next_due()) evaluate_all(registry, model, at(1000));
    evaluate_all(registry, model, at(1000));
    for (SubscriberId s : std::exchange(model.ready_now, {})) take(s);
    for (auto &[s, query] : queries) EXPECT_EQ(last[s], model.read(about(query)).json) << "missed the last state, seed " << seed;
    for (auto &[s, query] : queries) registry.unsubscribe(s);
    EXPECT_TRUE(model.watched.empty());
    EXPECT_EQ(registry.cohorts(), 0u);
  }
}

TEST(Registry, EqualQuestionsShareOneEvaluationAndALateJoinerGetsTheCurrentResult) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  registry.subscribe(1, about("1"));
  registry.subscribe(2, about("1"));
  evaluate_all(registry, model);
  EXPECT_EQ(model.evaluations, 1);
  EXPECT_EQ(*registry.take(1)->json, *registry.take(2)->json);
  registry.subscribe(3, about("1"));
  EXPECT_TRUE(model.ready_now.count(3));
  EXPECT_TRUE(registry.take(3)->first);
  EXPECT_EQ(model.evaluations, 1);
}

TEST(Registry, DifferentClaimsNeverShareAnEvaluation) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  Question a = about("1"), b = about("1");
  b.claims = R"({"sub":"other"})";
  registry.subscribe(1, a);
  registry.subscribe(2, b);
  EXPECT_EQ(registry.cohorts(), 2u);
}

TEST(Registry, AnIdleDatabaseAsksForNothing) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  registry.subscribe(1, about("2"));
  evaluate_all(registry, model);
  int before = model.evaluations;
  EXPECT_FALSE(registry.next_due());
  model.commit(3); // nobody reads relation 3
  evaluate_all(registry, model, at(5000));
  EXPECT_EQ(model.evaluations, before);
}

TEST(Registry, AResultThatDependsOnTimeIsRefreshedAndOnlyThatOne) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  registry.subscribe(1, about("1"));
  registry.run(at(0));
  Result result = model.read(about("1"));
  result.refresh_by_time = true;
  CohortId cohort = model.queue.front().cohort;
  model.queue.clear();
  registry.finished(cohort, result, at(0));
  ASSERT_TRUE(registry.next_due());
  EXPECT_EQ(*registry.next_due(), at(1000));
  registry.run(at(999));
  EXPECT_TRUE(model.queue.empty());
  registry.run(at(1000));
  EXPECT_EQ(model.queue.size(), 1u);
}

TEST(Registry, AFailureIsPushedAndTheSubscriptionGoesOn) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  registry.subscribe(1, about("1"));
  evaluate_all(registry, model);
  registry.take(1);
  model.commit(1);
  registry.topic_changed(1);
  registry.run(at(1));
  CohortId cohort = model.queue.front().cohort;
  model.queue.clear();
  Result failure;
  failure.failed = true;
  failure.json = R"({"errors":[]})";
  registry.finished(cohort, failure, at(1));
  EXPECT_TRUE(registry.take(1)->failed);
  EXPECT_TRUE(model.watched.count(1)) << "what was watched before stays watched";
  evaluate_all(registry, model, at(1001));
  EXPECT_FALSE(registry.take(1)->failed);
}

TEST(Registry, AFullQueueDelaysAndLosesNothing) {
  Model model;
  model.queue_bound = 0;
  Registry registry(model, std::chrono::milliseconds(1000));
  registry.subscribe(1, about("1"));
  registry.run(at(0));
  ASSERT_TRUE(registry.next_due());
  model.queue_bound = 10;
  evaluate_all(registry, model, *registry.next_due());
  EXPECT_TRUE(registry.take(1));
}

TEST(Registry, WhatMayHaveChangedUnseenIsCheckedOneAfterTheOtherBehindRealChanges) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  for (SubscriberId s = 1; s <= 3; ++s) registry.subscribe(s, about(std::to_string(s)));
  evaluate_all(registry, model);
  for (SubscriberId s = 1; s <= 3; ++s) registry.take(s);
  model.ready_now.clear();
  const int before = model.evaluations;
  model.rows[2] += 2; // a change that was not signalled
  registry.database_may_have_changed();
  registry.run(at(1));
  EXPECT_EQ(model.queue.size(), 1u) << "one at a time";
  model.commit(3);
  registry.topic_changed(3);
  registry.run(at(2));
  EXPECT_EQ(model.queue.size(), 2u) << "a real change does not wait for the check";
  model.dirty.clear();
  evaluate_all(registry, model, at(3));
  EXPECT_EQ(model.evaluations, before + 3) << "what a real change evaluated is not checked again";
  EXPECT_TRUE(registry.take(2)) << "the unseen change is found";
  EXPECT_FALSE(registry.take(1)) << "and nothing is pushed where nothing changed";
  EXPECT_FALSE(registry.next_due());
}

TEST(Registry, AnEvaluationThatNobodyWaitsForIsAbandonedAndOnlyThen) {
  Model model;
  Registry registry(model, std::chrono::milliseconds(1000));
  registry.subscribe(1, about("1"));
  registry.subscribe(2, about("1"));
  registry.run(at(0));
  registry.unsubscribe(1);
  EXPECT_EQ(model.abandoned, 0) << "the other one still waits";
  registry.unsubscribe(2);
  EXPECT_EQ(model.abandoned, 1);
  Model::Pending late = model.queue.front();
  model.queue.clear();
  registry.finished(late.cohort, model.read(late.question), at(1)); // comes all the same
  registry.subscribe(3, about("2"));
  evaluate_all(registry, model, at(2));
  registry.unsubscribe(3);
  EXPECT_EQ(model.abandoned, 1) << "nothing was under way";
}
