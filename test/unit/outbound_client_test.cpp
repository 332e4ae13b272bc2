// The client answers each request exactly once, whatever the peer does, and a bad peer costs neither memory nor other requests' time.
#include "outbound/client.h"
#include "base/error.h"
#include "outbound_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <map>

using namespace gqlsvl;
using namespace std::chrono_literals;
using outbound::Answer;
using outbound::Client;
using outbound::Options;
using outbound::Request;
using ::testing::HasSubstr;
using ::testing::StartsWith;

static constexpr auto deadline = 60s;

// Drives until `count` answers are there; keyed by ticket.
static std::map<std::uint64_t, Answer> drive_until(Client &client, std::size_t count) {
  std::map<std::uint64_t, Answer> answers;
  auto end = std::chrono::steady_clock::now() + deadline;
  while (answers.size() < count && std::chrono::steady_clock::now() < end) {
    auto wait = client.wait();
    pollfd ready{client.descriptor(), POLLIN, 0};
    poll(&ready, 1, wait.count() < 0 ? 1000 : static_cast<int>(std::min<std::int64_t>(wait.count(), 1000)));
    for (Answer &answer : client.drive()) {
      EXPECT_EQ(answers.count(answer.ticket), 0u) << "answered twice";
      answers[answer.ticket] = std::move(answer);
    }
  }
  EXPECT_EQ(answers.size(), count);
  return answers;
}

static Request post(std::uint64_t ticket, const std::string &url, std::chrono::milliseconds timeout = 30s) {
  Request request;
  request.ticket = ticket;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "{\"n\":" + std::to_string(ticket) + "}";
  request.timeout = timeout;
  return request;
}

static Answer only(Client &client, Request request) {
  auto ticket = request.ticket;
  client.add(std::move(request));
  return drive_until(client, 1)[ticket];
}

class OutboundClient : public ::testing::Test {
protected:
  test::Peer peer;
  Client client{Options{.user_agent = "gqlsvl/test"}};
};

TEST_F(OutboundClient, PostsTheBodyAndReturnsTheAnswer) {
  Answer answer = only(client, post(7, peer.url("/ok")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "fine");
  EXPECT_FALSE(answer.body_cut);
  EXPECT_EQ(answer.error, "");
  EXPECT_GT(answer.duration, 0us);
  EXPECT_THAT(answer.headers, ::testing::Contains(std::pair<std::string, std::string>("x-seen", "Yes")));
  EXPECT_EQ(client.in_flight(), 0u);
}

TEST_F(OutboundClient, SendsExactlyWhatItIsGiven) {
  Request request = post(1, peer.url("/echo"));
  request.headers.emplace_back("X-Empty", "");
  request.body = std::string("a\0b", 3);
  std::string sent = only(client, std::move(request)).body;
  EXPECT_THAT(sent, StartsWith("POST /echo HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nUser-Agent: gqlsvl/test\r\n"));
  EXPECT_THAT(sent, HasSubstr(std::string("\r\n\r\na\0b", 7)));
  EXPECT_EQ(sent.find("Expect"), std::string::npos);
}

TEST_F(OutboundClient, DoesNotWaitFor100ContinueWithALongBody) {
  Request request = post(1, peer.url("/echo"));
  request.body = std::string(3000000, 'b');
  EXPECT_EQ(only(client, std::move(request)).body.find("Expect"), std::string::npos);
}

TEST_F(OutboundClient, UsesOneConnectionForRequestsInSequence) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(only(client, post(i, peer.url("/ok"))).status, 200);
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(OutboundClient, SendsAgainOnAFreshConnectionWhenTheKeptOneIsGone) {
  EXPECT_EQ(only(client, post(1, peer.url("/ok"))).status, 200);
  EXPECT_NE(only(client, post(2, peer.url("/half"))).error, "");
  EXPECT_EQ(only(client, post(3, peer.url("/ok"))).status, 200);
}

TEST_F(OutboundClient, AnswersTwoHundredAtOnceOverBoundedConnections) {
  Client narrow(Options{.connections_per_host = 8});
  for (int i = 0; i < 200; ++i) narrow.add(post(i, peer.url("/ok")));
  EXPECT_EQ(narrow.in_flight(), 200u);
  for (auto &[ticket, answer] : drive_until(narrow, 200)) EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_LE(peer.connections(), 8);
  EXPECT_EQ(peer.requests(), 200);
}

TEST_F(OutboundClient, AFullHostDoesNotHoldBackAnother) {
  test::Peer other;
  Client narrow(Options{.connections_per_host = 1});
  for (int i = 0; i < 10; ++i) narrow.add(post(i, peer.url("/hang")));
  for (int i = 100; i < 110; ++i) narrow.add(post(i, other.url("/ok")));
  for (auto &[ticket, answer] : drive_until(narrow, 10)) {
    EXPECT_GE(ticket, 100u);
    EXPECT_EQ(answer.status, 200) << answer.error;
  }
  EXPECT_EQ(narrow.in_flight(), 10u);
}

TEST_F(OutboundClient, TimesOutAlsoWhileWaitingForAConnection) {
  Client narrow(Options{.connections_per_host = 1});
  for (int i = 0; i < 3; ++i) narrow.add(post(i, peer.url("/hang"), 50ms));
  for (auto &[ticket, answer] : drive_until(narrow, 3)) {
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(answer.error, "time-out after 50 ms");
    EXPECT_GE(answer.duration, 50ms);
  }
}

TEST_F(OutboundClient, TheTimeOutCountsToTheLastByteOfADrippingAnswer) {
  Answer answer = only(client, post(1, peer.url("/drip"), 100ms));
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.error, "time-out after 100 ms: the answer (HTTP 200) was not complete");
}

TEST_F(OutboundClient, KeepsTheBeginningOfALongBodyAndTheConnection) {
  Answer answer = only(client, post(1, peer.url("/long-body")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, std::string(4096, 'x'));
  EXPECT_TRUE(answer.body_cut);
  only(client, post(2, peer.url("/ok")));
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(OutboundClient, GivesUpAnEndlessBodyButTakesItsStatus) {
  Answer answer = only(client, post(1, peer.url("/endless-body")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), 4096u);
  EXPECT_TRUE(answer.body_cut);
}

TEST_F(OutboundClient, GivesUpEndlessHeaders) {
  Answer answer = only(client, post(1, peer.url("/endless-headers")));
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.error, "the answer's headers are larger than 65536 bytes");
  EXPECT_TRUE(answer.headers.empty());
}

// 1 MB in one line is more than libcurl itself takes.
TEST_F(OutboundClient, SaysThatOneHeaderIsTooLarge) {
  EXPECT_EQ(only(client, post(1, peer.url("/one-huge-header"))).error, "the answer's headers are larger than 65536 bytes");
}

TEST_F(OutboundClient, DoesNotFollowARedirect) {
  Answer answer = only(client, post(1, peer.url("/redirect")));
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(peer.requests(), 1);
}

TEST_F(OutboundClient, TheHeadersAreThoseOfTheFinalAnswer) {
  Answer answer = only(client, post(1, peer.url("/interim")));
  EXPECT_EQ(answer.status, 200);
  ASSERT_FALSE(answer.headers.empty());
  EXPECT_EQ(answer.headers.front().first, "x-late");
}

TEST_F(OutboundClient, SaysWhyThereIsNoAnswer) {
  EXPECT_THAT(only(client, post(1, peer.url("/half"))).error, "the connection was closed before the answer was complete");
  EXPECT_THAT(only(client, post(2, peer.url("/close"))).error, "the connection was closed before an answer came");
  EXPECT_THAT(only(client, post(3, peer.url("/reset"))).error, ::testing::AnyOf(HasSubstr("broke"), HasSubstr("closed before an answer")));
  EXPECT_EQ(only(client, post(4, peer.url("/rubbish"))).status, 0);
  EXPECT_THAT(only(client, post(5, "http://host.invalid/")).error, StartsWith("could not resolve host"));
  EXPECT_THAT(only(client, post(6, "https://127.0.0.1:" + std::to_string(peer.port()) + "/ok", 300ms)).error,
              ::testing::AnyOf(StartsWith("TLS: "), StartsWith("time-out")));
  EXPECT_THAT(only(client, post(7, "file:///etc/passwd")).error, StartsWith("the URL cannot be used"));
}

TEST(OutboundClientAlone, SaysConnectionRefused) {
  int free_port = test::Peer().port();
  Client client(Options{});
  EXPECT_EQ(only(client, post(1, "http://127.0.0.1:" + std::to_string(free_port) + "/")).error, "connection refused");
}

TEST_F(OutboundClient, RefusesADeniedAddressUnderEveryName) {
  Client guarded(Options{.deny = "127.0.0.0/8, ::1"});
  std::string port = std::to_string(peer.port());
  for (std::string host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"})
    EXPECT_THAT(only(guarded, post(1, "http://" + host + ":" + port + "/ok")).error, HasSubstr("is denied by gqlsvl.outbound_deny"))
        << host;
  EXPECT_EQ(peer.connections(), 0);
}

TEST_F(OutboundClient, AllowLiftsDeny) {
  Client guarded(Options{.allow = "127.0.0.1", .deny = "127.0.0.0/8"});
  EXPECT_EQ(only(guarded, post(1, peer.url("/ok"))).status, 200);
}

TEST(OutboundClientAlone, RefusesAMalformedAddressList) {
  for (std::string list : {"10.0.0/8", "10.0.0.0/33", "::1/129", "localhost", "10.0.0.0/", "10.0.0.0/-1"}) {
    try {
      Client client(Options{.deny = list});
      FAIL() << list;
    } catch (const Error &error) {
      EXPECT_EQ(error.sqlstate, sqlstate::invalid_parameter);
      EXPECT_THAT(error.what(), HasSubstr("gqlsvl.outbound_deny"));
      EXPECT_NE(error.hint, "");
    }
  }
}

TEST_F(OutboundClient, RefusesHeadersThatWouldSmuggleOthers) {
  Request request = post(1, peer.url("/ok"));
  request.headers.emplace_back("X-Name", "a\r\nX-Other: b");
  EXPECT_EQ(only(client, std::move(request)).error, "header \"X-Name\" holds a line break");
  request = post(2, peer.url("/ok"));
  request.headers.emplace_back("X Name", "a");
  EXPECT_EQ(only(client, std::move(request)).error, "\"X Name\" is not the name of an HTTP header");
  EXPECT_EQ(peer.connections(), 0);
}

TEST_F(OutboundClient, TakesNothingFromTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(only(client, post(1, peer.url("/ok"))).status, 200);
  unsetenv("http_proxy");
}

TEST_F(OutboundClient, LeavesTheSignalMaskAsItWas) {
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  only(client, post(1, "http://localhost:" + std::to_string(peer.port()) + "/ok"));
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

TEST_F(OutboundClient, CanBeDestroyedWithRequestsUnderWay) {
  auto busy = std::make_unique<Client>(Options{.connections_per_host = 2});
  for (int i = 0; i < 6; ++i) busy->add(post(i, peer.url(i % 2 ? "/hang" : "/drip")));
  busy->add(post(9, "http://localhost:" + std::to_string(peer.port()) + "/hang"));
  for (int i = 0; i < 5; ++i) busy->drive();
  busy.reset();
}

TEST(OutboundClientAlone, HasNothingToWaitForWhenIdle) {
  Client client(Options{});
  EXPECT_LT(client.wait().count(), 0);
  EXPECT_TRUE(client.drive().empty());
}
