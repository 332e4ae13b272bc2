// What happens around name resolution, with a resolver of our own: this file's getaddrinfo stands before the system's for all of the
// test program, libcurl included.
#include "outbound/client.h"
#include "outbound_peer.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <poll.h>

#include <csignal>
#include <map>

using namespace gqlsvl;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

namespace {

constexpr char test_domain[] = ".resolver.test";
std::mutex names_mutex;                                // guards the three below
std::map<std::string, std::vector<std::string>> names; // name -> answers, one for each lookup; the last one stays
std::map<std::string, int> lookups;
std::vector<int> open_signals; // that a resolver thread would have taken

std::string address_for(const std::string &name) {
  std::lock_guard lock(names_mutex);
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGUSR1, SIGUSR2, SIGCHLD})
    if (!sigismember(&blocked, signal)) open_signals.push_back(signal);
  auto &answers = names.at(name);
  return answers[std::min<std::size_t>(lookups[name]++, answers.size() - 1)];
}

} // namespace

// Seen by libcurl although the build hides what is not exported.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service, const addrinfo *hints,
                                                                  addrinfo **result) {
  static auto system = reinterpret_cast<decltype(&::getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  std::string name = node ? node : "";
  if (!name.ends_with(test_domain)) return system(node, service, hints, result);
  return system(address_for(name).c_str(), service, hints, result);
}

namespace {

outbound::Answer ask(outbound::Client &client, const std::string &url) {
  outbound::Request request;
  request.url = url;
  request.timeout = 30s;
  client.add(std::move(request));
  for (auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;) {
    pollfd ready{client.descriptor(), POLLIN, 0};
    poll(&ready, 1, 100);
    auto answers = client.drive();
    if (!answers.empty()) return std::move(answers.front());
  }
  ADD_FAILURE() << "no answer";
  return {};
}

class OutboundResolver : public ::testing::Test {
protected:
  test::Peer peer;
  std::string url(const std::string &name, const char *path) {
    return "http://" + name + test_domain + ":" + std::to_string(peer.port()) + path;
  }
  void answers(const std::string &name, std::vector<std::string> addresses) {
    std::lock_guard lock(names_mutex);
    names[name + test_domain] = std::move(addresses);
    open_signals.clear();
  }
};

} // namespace

// A handler of Postgres running in a thread that Postgres does not know would break the server (docs/rules.md, 20).
TEST_F(OutboundResolver, ThreadsTakeNoSignal) {
  answers("signals", {"127.0.0.1"});
  outbound::Client client(outbound::Options{});
  EXPECT_EQ(ask(client, url("signals", "/ok")).status, 200);
  std::lock_guard lock(names_mutex);
  EXPECT_EQ(lookups[std::string("signals") + test_domain], 1);
  EXPECT_THAT(open_signals, ::testing::IsEmpty());
}

// A name that points elsewhere at the second look gains nothing: what counts is the address of each connection.
TEST_F(OutboundResolver, ANameThatTurnsToADeniedAddressIsRefused) {
  answers("rebinding", {"127.0.0.1", "127.0.0.2"});
  {
    outbound::Client client(outbound::Options{.deny = "127.0.0.2"});
    EXPECT_EQ(ask(client, url("rebinding", "/close")).error, "the connection was closed before an answer came");
  }
  outbound::Client client(outbound::Options{.deny = "127.0.0.2"}); // with no memory of the name
  EXPECT_EQ(ask(client, url("rebinding", "/ok")).error, "address 127.0.0.2 is denied by gqlsvl.outbound_deny");
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(OutboundResolver, ANameOfADeniedAddressIsRefusedHoweverItIsWritten) {
  for (std::string address : {"127.0.0.1", "::ffff:127.0.0.1", "::1", "64:ff9b::127.0.0.1", "0.0.0.0", "169.254.169.254"}) {
    answers("inside", {address});
    outbound::Client client(outbound::Options{.deny = "127.0.0.0/8, ::1, 0.0.0.0/8, 169.254.0.0/16"});
    EXPECT_THAT(ask(client, url("inside", "/ok")).error, HasSubstr("is denied by gqlsvl.outbound_deny")) << address;
  }
  EXPECT_EQ(peer.connections(), 0);
}
