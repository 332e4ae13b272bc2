// One client on a WebSocket: what it is sent, what it costs while it does not read, and how it ends.
#include "server/socket.h"

#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::server;
using namespace std::chrono_literals;

namespace {

struct FakeBackend final : Backend {
  bool full = false;
  std::vector<std::pair<Call, Done>> calls;
  std::vector<std::uint64_t> cancelled;
  bool submit(Call call, Done done) override {
    if (full) return false;
    calls.emplace_back(std::move(call), std::move(done));
    return true;
  }
  void cancel(std::uint64_t ticket) override { cancelled.push_back(ticket); }
};

struct FakeSignal final : ChangeSignal {
  bool active = false;
  std::uint64_t number = 0;
  void set_active(bool now) override { active = now; }
  std::uint64_t generation() override { return number; }
  void watch(live::Topic) override {}
  void unwatch(live::Topic) override {}
};

Options options_for_tests() {
  Options options;
  options.auth.anonymous_role = "anon";
  options.most_operations = 3;
  return options;
}

// A client, the server's side of it and a database that answers when told to.
struct Scene {
  FakeBackend backend;
  FakeSignal signal;
  Calls calls{backend};
  Options options = options_for_tests();
  std::map<live::SubscriberId, bool> owned;
  std::unique_ptr<Socket> socket;
  LiveQueries live{calls, signal, 1000ms, [this](live::SubscriberId s) {
                     if (socket && owned.count(s)) socket->live_ready(s);
                   }};
  int writable = 0;

  Scene() {
    socket = std::make_unique<Socket>(
        7, Socket::Parts{calls, live, options}, Headers{}, [this](std::uint64_t id) { return id == 7 ? socket.get() : nullptr; },
        [this](Socket &) { ++writable; },
        [this](live::SubscriberId s, bool mine) {
          if (mine)
            owned[s] = true;
          else
            owned.erase(s);
        });
  }
  ~Scene() { socket.reset(); }

  void say(const std::string &text) { socket->receive(text, false, 1000); }
  Scene &ready() {
    say(R"({"type":"connection_init"})");
    EXPECT_EQ(hear(), R"({"type":"connection_ack"})");
    return *this;
  }
  void subscribe(const std::string &id, const std::string &query) {
    say(R"({"type":"subscribe","id":")" + id + R"(","payload":{"query":")" + query + "\"}}");
    live.run({});
  }
  std::string hear() { return socket->next_message().value_or("nothing"); }
  // Answers the newest call.
  void answer(const std::string &json, bool failed = false) {
    auto [call, done] = std::move(backend.calls.back());
    backend.calls.pop_back();
    Outcome outcome;
    outcome.ticket = call.ticket;
    outcome.json = json;
    outcome.failed = failed;
    outcome.topics = {live::whole(1)};
    done(std::move(outcome));
  }
  void commit(const std::string &json) { // changes relation 1, after which the live query gives this
    ++signal.number;
    live.changed(live::whole(1));
    live.run({});
    answer(json);
    live.run({});
  }
};

} // namespace

TEST(Socket, AQueryGivesOneNextAndComplete) {
  Scene s;
  s.ready().subscribe("a", "{x}");
  EXPECT_EQ(s.backend.calls.at(0).first.session.role, "anon");
  EXPECT_EQ(s.hear(), "nothing");
  s.answer(R"({"data":1})");
  EXPECT_EQ(s.hear(), R"({"id":"a","type":"next","payload":{"data":1}})");
  EXPECT_EQ(s.hear(), R"({"id":"a","type":"complete"})");
}

TEST(Socket, AFailureIsAnErrorMessageAndTheIdIsFreeAgain) {
  Scene s;
  s.ready().subscribe("a", "mutation {x}");
  s.answer(R"({"errors":[{"message":"no"}]})", true);
  EXPECT_EQ(s.hear(), R"({"id":"a","type":"error","payload":[{"message":"no"}]})");
  EXPECT_EQ(s.hear(), "nothing");
  s.backend.full = true;
  s.subscribe("a", "{x}");
  EXPECT_NE(s.hear().find("too many requests are waiting"), std::string::npos);
  s.backend.full = false;
  s.subscribe("a", "{x}");
  EXPECT_EQ(s.backend.calls.size(), 1u);
}

TEST(Socket, WhatTheClientEndsIsCancelledAndItsAnswerDropped) {
  Scene s;
  s.ready().subscribe("a", "{x}");
  std::uint64_t ticket = s.backend.calls[0].first.ticket;
  s.say(R"({"type":"complete","id":"a"})");
  EXPECT_EQ(s.backend.cancelled, std::vector<std::uint64_t>{ticket});
  s.subscribe("a", "{y}"); // the same id, another operation
  std::swap(s.backend.calls[0], s.backend.calls[1]);
  s.answer("{\"data\":\"old\"}");
  EXPECT_EQ(s.hear(), "nothing");
  s.answer("{\"data\":\"new\"}");
  EXPECT_EQ(s.hear(), R"({"id":"a","type":"next","payload":{"data":"new"}})");
}

TEST(Socket, AClientThatDoesNotReadSkipsStatesAndGetsTheLast) {
  Scene s;
  s.ready().subscribe("a", "subscription {x}");
  EXPECT_TRUE(s.signal.active);
  s.answer("0");
  for (int state = 1; state <= 1000; ++state) s.commit(std::to_string(state));
  EXPECT_EQ(s.hear(), R"({"id":"a","type":"next","payload":1000})");
  EXPECT_EQ(s.hear(), "nothing");
  s.commit("1000");
  EXPECT_EQ(s.hear(), "nothing") << "an equal state is not pushed again";
  s.say(R"({"type":"complete","id":"a"})");
  s.live.run({});
  EXPECT_FALSE(s.signal.active);
}

TEST(Socket, ASubscriptionThatCanNeverBeRightEndsWithAnError) {
  Scene s;
  s.ready().subscribe("a", "subscription {x}");
  s.answer(error_json("validation-failed", "no such field"), true);
  EXPECT_NE(s.hear().find(R"({"id":"a","type":"error")"), std::string::npos);
  EXPECT_TRUE(s.owned.empty());
}

TEST(Socket, ASubscriptionThatFailsForNowGoesOn) {
  Scene s;
  s.ready().subscribe("a", "subscription {x}");
  s.answer(error_json("unexpected", "division by zero"), true);
  EXPECT_NE(s.hear().find(R"("type":"next")"), std::string::npos);
  s.commit("1");
  EXPECT_EQ(s.hear(), R"({"id":"a","type":"next","payload":1})");
}

TEST(Socket, AnswersThatNobodyReadsEndTheSocket) {
  Scene s;
  s.ready();
  std::string large(Socket::most_waiting_bytes / 2 + 1, 'x');
  for (const char *id : {"a", "b", "c"}) {
    ASSERT_FALSE(s.socket->close());
    s.subscribe(id, "{x}");
    s.answer(large);
  }
  ASSERT_TRUE(s.socket->close());
  EXPECT_EQ(s.socket->close()->code, 1013);
  EXPECT_EQ(s.hear(), "nothing") << "what waited is freed";
  Scene pings;
  pings.ready();
  for (std::size_t i = 0; i <= Socket::most_waiting_messages; ++i) pings.say(R"({"type":"ping"})");
  EXPECT_EQ(pings.socket->close()->code, 1013);
}

TEST(Socket, OneLargeAnswerIsNotTooMuch) {
  Scene s;
  s.ready().subscribe("a", "{x}");
  s.answer(std::string(Socket::most_waiting_bytes + 1, 'x'));
  EXPECT_GT(s.hear().size(), Socket::most_waiting_bytes);
}

TEST(Socket, TheEndOfTheTokenOrTheServerStopsEverything) {
  Scene s;
  s.ready().subscribe("a", "subscription {x}");
  s.subscribe("b", "{x}");
  s.socket->token_expired();
  EXPECT_EQ(s.socket->close()->code, 4403);
  EXPECT_TRUE(s.owned.empty());
  EXPECT_EQ(s.backend.cancelled.size(), 2u) << "the query, and the evaluation that nobody waits for";
  s.say(R"({"type":"ping"})");
  s.socket->keep_alive();
  EXPECT_EQ(s.hear(), "nothing");
  s.socket->end(1012, "too late");
  EXPECT_EQ(s.socket->close()->code, 4403) << "the first reason counts";
}

TEST(Socket, SilenceIsEndedUnlessTheClientIsKnown) {
  Scene fresh, known;
  fresh.socket->initialisation_timed_out();
  EXPECT_EQ(fresh.socket->close()->code, 4408);
  known.ready().socket->initialisation_timed_out();
  EXPECT_FALSE(known.socket->close());
  known.socket->keep_alive();
  EXPECT_EQ(known.hear(), R"({"type":"ping","payload":{"message":"keepalive"}})");
}

TEST(Socket, WithoutARightToBeHereItIsForbidden) {
  Scene s;
  s.options.auth.anonymous_role.clear();
  s.say(R"({"type":"connection_init"})");
  EXPECT_EQ(s.socket->close()->code, 4403);
}
