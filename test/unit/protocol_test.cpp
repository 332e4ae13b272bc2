// graphql-transport-ws by its text: what each message leads to, and with which code a wrong one closes.
#include "server/protocol.h"

#include <gtest/gtest.h>

using namespace gqlsvl::server;

namespace {

struct Client {
  Protocol protocol{2, Protocol::Dialect::TransportWs};
  std::string feed(const std::string &text, bool binary = false) {
    std::string out;
    for (auto &action : protocol.receive(text, binary)) out += describe(action) + " ";
    return out;
  }
  std::string describe(Protocol::Action &action) {
    if (auto *a = std::get_if<Protocol::Send>(&action)) return "send " + a->text;
    if (auto *a = std::get_if<Protocol::Close>(&action)) return "close " + std::to_string(a->code) + " " + a->reason;
    if (auto *a = std::get_if<Protocol::Begin>(&action)) return "begin " + a->id + " " + a->request.query + a->request.variables;
    if (auto *a = std::get_if<Protocol::Stop>(&action)) return "stop " + a->id;
    return "authenticate";
  }
  Client &ready() {
    feed(R"({"type":"connection_init"})");
    protocol.accept();
    return *this;
  }
};

const std::string subscribe_1 = R"({"id":"1","type":"subscribe","payload":{"query":"{a}","variables":{"x":1}}})";

} // namespace

TEST(Protocol, InitIsAuthenticatedAndAcknowledged) {
  Client c;
  EXPECT_EQ(c.feed(R"({"type":"connection_init","payload":{"a":1}})"), "authenticate ");
  auto action = c.protocol.accept();
  EXPECT_EQ(c.describe(action), R"(send {"type":"connection_ack"})");
}

TEST(Protocol, ARejectedInitCloses4403) {
  Client c;
  c.feed(R"({"type":"connection_init"})");
  auto actions = c.protocol.reject("Forbidden");
  ASSERT_EQ(actions.size(), 1u);
  EXPECT_EQ(c.describe(actions[0]), "close 4403 Forbidden");
  EXPECT_EQ(c.feed(subscribe_1), "");
}

TEST(Protocol, ASecondInitCloses4429) { EXPECT_EQ(Client().ready().feed(R"({"type":"connection_init"})").substr(0, 10), "close 4429"); }

TEST(Protocol, SubscribeBeforeTheAckCloses4401) { EXPECT_EQ(Client().feed(subscribe_1), "close 4401 Unauthorized "); }

TEST(Protocol, NoInitInTimeCloses4408) {
  Client c;
  auto actions = c.protocol.init_timed_out();
  ASSERT_EQ(actions.size(), 1u);
  EXPECT_EQ(c.describe(actions[0]), "close 4408 Connection initialisation timeout");
  EXPECT_TRUE(Client().ready().protocol.init_timed_out().empty());
}

TEST(Protocol, AnIdIsInUseUntilItsEnd) {
  Client c;
  EXPECT_EQ(c.ready().feed(subscribe_1), R"(begin 1 {a}{"x":1} )");
  c.protocol.finish("1");
  EXPECT_EQ(c.feed(subscribe_1), R"(begin 1 {a}{"x":1} )");
  EXPECT_EQ(c.feed(R"({"id":"1","type":"complete"})"), "stop 1 ");
  EXPECT_EQ(c.feed(R"({"id":"1","type":"complete"})"), "");
  c.feed(subscribe_1);
  EXPECT_EQ(c.feed(subscribe_1), "close 4409 Subscriber for 1 already exists ");
}

TEST(Protocol, TooManyOperationsIsAnErrorOfThatOperationOnly) {
  Client c;
  c.ready().feed(subscribe_1);
  c.feed(R"({"id":"2","type":"subscribe","payload":{"query":"{a}"}})");
  EXPECT_NE(c.feed(R"({"id":"3","type":"subscribe","payload":{"query":"{a}"}})").find(R"("type":"error")"), std::string::npos);
  EXPECT_FALSE(c.protocol.closed());
}

TEST(Protocol, PingIsAnsweredWithItsPayloadAtAnyTime) {
  EXPECT_EQ(Client().feed(R"({"type":"ping"})"), R"(send {"type":"pong"} )");
  EXPECT_EQ(Client().feed(R"({"type":"ping","payload":{"n":1}})"), R"(send {"type":"pong","payload":{"n":1}} )");
  EXPECT_EQ(Client().feed(R"({"type":"pong"})"), "");
}

TEST(Protocol, RubbishCloses4400) {
  for (const char *text : {"", "x", "{", "[]", "1", "null", "{}", R"({"type":1})", R"({"type":"start"})", "\xff\xfe",
                           R"({"type":"connection_init","payload":3})"})
    EXPECT_EQ(Client().feed(text).substr(0, 10), "close 4400") << text;
  for (const char *text :
       {R"({"type":"subscribe"})", R"({"type":"subscribe","id":"1"})", R"({"type":"subscribe","id":"","payload":{"query":"x"}})",
        R"({"type":"subscribe","id":"1","payload":{"query":1}})", R"({"type":"subscribe","id":"1","payload":{"query":"x","variables":[]}})",
        R"({"type":"complete"})"})
    EXPECT_EQ(Client().ready().feed(text).substr(0, 10), "close 4400") << text;
  EXPECT_EQ(Client().feed(R"({"type":"ping"})", true).substr(0, 10), "close 4400");
}

TEST(Protocol, ACloseReasonFitsIntoAControlFrame) {
  Client c;
  c.feed(R"({"type":"connection_init"})");
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\xc3\xa4";
  auto actions = c.protocol.reject(umlauts);
  EXPECT_EQ(std::get<Protocol::Close>(actions[0]).reason.size(), 122u);
}

namespace {

struct LegacyClient : Client {
  LegacyClient() { protocol = Protocol(2, Protocol::Dialect::Legacy); }
};

} // namespace

TEST(LegacyProtocol, StartsAndStopsOperations) {
  LegacyClient c;
  EXPECT_EQ(c.feed(R"({"type":"connection_init","payload":{}})"), "authenticate ");
  c.protocol.accept();
  EXPECT_EQ(c.feed(R"({"type":"start","id":"1","payload":{"query":"{a}","variables":{"x":1}}})"), R"(begin 1 {a}{"x":1} )");
  EXPECT_EQ(c.feed(R"({"type":"stop","id":"1"})"), "stop 1 ");
  EXPECT_EQ(c.feed(R"({"type":"stop","id":"1"})"), "");
  EXPECT_EQ(c.feed(R"({"type":"connection_terminate"})"), "close 1000 connection_terminate ");
}

TEST(LegacyProtocol, AStartOutOfPlaceIsAnErrorAndNothingElseEnds) {
  LegacyClient c;
  EXPECT_NE(c.feed(R"({"type":"start","id":"1","payload":{"query":"{a}"}})").find("start received before the connection is initialised"),
            std::string::npos);
  c.ready().feed(R"({"type":"start","id":"1","payload":{"query":"{a}"}})");
  EXPECT_NE(c.feed(R"({"type":"start","id":"1","payload":{"query":"{a}"}})").find("an operation already exists with this id: 1"),
            std::string::npos);
  EXPECT_TRUE(c.protocol.in_use("1"));
  EXPECT_EQ(c.feed(R"({"type":"subscribe","id":"2","payload":{"query":"{a}"}})").substr(0, 10), "close 4400");
}

TEST(LegacyProtocol, ARefusalSaysWhyBeforeItCloses) {
  LegacyClient c;
  c.feed(R"({"type":"connection_init"})");
  auto actions = c.protocol.reject("Forbidden: no");
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(c.describe(actions[0]), R"(send {"type":"connection_error","payload":{"message":"Forbidden: no"}})");
  EXPECT_EQ(c.describe(actions[1]), "close 4403 Forbidden: no");
}

TEST(LegacyProtocol, WhatFailedWhileItRanIsDataWithErrors) {
  LegacyClient c;
  std::string invalid = error_json("validation-failed", "m"), ran = error_json("unexpected", "m");
  EXPECT_EQ(c.protocol.failure("1", invalid).at(0), R"({"id":"1","type":"error","payload":)" + invalid + "}");
  EXPECT_EQ(c.protocol.failure("1", ran).at(0), R"({"id":"1","type":"data","payload":)" + ran + "}");
  EXPECT_EQ(c.protocol.failure("1", ran).at(1), R"({"id":"1","type":"complete"})");
  EXPECT_EQ(c.protocol.next("1", "{}"), R"({"id":"1","type":"data","payload":{}})");
  EXPECT_EQ(c.protocol.keep_alive(), R"({"type":"ka"})");
}
