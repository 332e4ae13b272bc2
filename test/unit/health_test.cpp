// /healthz asks the database once for many, and never waits for ever.
#include "server/health.h"

#include <gtest/gtest.h>

using namespace gqlsvl::server;
using namespace std::chrono_literals;

namespace {

struct FakeBackend final : Backend {
  bool full = false;
  std::vector<std::pair<Call, Done>> calls;
  bool submit(Call call, Done done) override {
    if (full) return false;
    calls.emplace_back(std::move(call), std::move(done));
    return true;
  }
  void cancel(std::uint64_t) override {}
  void answer(std::size_t index, const std::string &json, bool failed = false) {
    Outcome outcome;
    outcome.json = json;
    outcome.failed = failed;
    calls.at(index).second(std::move(outcome));
  }
};

struct Asked {
  FakeBackend backend;
  Calls calls{backend};
  Health health{calls};
  std::vector<std::string> answers;
  Health::TimePoint start{};
  void ask(std::chrono::milliseconds at) {
    health.run(start + at);
    health.ask(start + at, [this](const std::string &rows) { answers.push_back(rows); });
  }
};

} // namespace

TEST(Health, OneCheckServesAllWhoAskMeanwhileAndAWhileAfter) {
  Asked a;
  a.ask(0ms);
  a.ask(10ms);
  ASSERT_EQ(a.backend.calls.size(), 1u);
  EXPECT_EQ(a.backend.calls[0].first.kind, CallKind::Check);
  a.backend.answer(0, "[]");
  EXPECT_EQ(a.answers, (std::vector<std::string>{"[]", "[]"}));
  a.ask(500ms);
  EXPECT_EQ(a.answers.size(), 3u);
  EXPECT_EQ(a.backend.calls.size(), 1u);
  a.ask(1100ms);
  EXPECT_EQ(a.backend.calls.size(), 2u);
}

TEST(Health, NobodyWaitsLongerThanThePatience) {
  Asked a;
  a.ask(0ms);
  EXPECT_EQ(a.health.next_due(), a.start + Health::patience);
  a.health.run(a.start + Health::patience - 1ms);
  EXPECT_TRUE(a.answers.empty());
  a.health.run(a.start + Health::patience);
  ASSERT_EQ(a.answers.size(), 1u);
  EXPECT_NE(a.answers[0].find("\"busy\""), std::string::npos);
  EXPECT_FALSE(a.health.next_due());
  a.ask(3000ms);
  EXPECT_EQ(a.backend.calls.size(), 1u) << "the first check is still under way";
  a.backend.answer(0, "[]");
  EXPECT_EQ(a.answers.back(), "[]");
}

TEST(Health, AFullQueueAndAFailedCheckAreSaid) {
  Asked a;
  a.backend.full = true;
  a.ask(0ms);
  EXPECT_NE(a.answers.at(0).find("\"busy\""), std::string::npos);
  a.backend.full = false;
  a.ask(1ms);
  a.backend.answer(0, R"({"errors":[]})", true);
  EXPECT_NE(a.answers.at(1).find("gqlsvl.check() failed"), std::string::npos);
}
