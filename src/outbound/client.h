// Many HTTP requests at once (libcurl multi), driven by the caller's event loop.
//
// In:  Request, with a ticket that the answer carries back. Out: Answer, exactly one for each request added, also on time-out or refusal.
// Always: never blocks; no redirect is followed; no proxy or netrc of the environment; http and https only; the body kept of an answer is
// bounded; certificates are verified; addresses in `deny` and not in `allow` are refused after DNS resolution, on the address really
// connected to (no rebinding). Not thread-safe; libcurl's resolver threads start with all signals blocked (docs/rules.md, 20).
#pragma once
#include "base/no_postgres.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gqlsvl::outbound {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::uint64_t ticket = 0;
  std::string method = "POST", url;
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{60000}; // from add() to the last byte of the answer
};

struct Answer {
  std::uint64_t ticket = 0;
  int status = 0;   // 0: no HTTP answer; then `error` says why
  Headers headers;  // names in lower case
  std::string body; // at most Options::body_bytes
  bool body_cut = false;
  std::string error; // "connection refused", "time-out after 60000 ms", "address 127.0.0.1 is denied by gqlsvl.outbound_deny"
  std::chrono::microseconds duration{0};
};

struct Options {
  std::string allow, deny; // CIDR lists, comma separated (gqlsvl.outbound_allow, gqlsvl.outbound_deny)
  std::string ca_file;     // PEM; empty: the system's authorities
  std::size_t body_bytes = 4096;
  long connections_per_host = 64;
  std::string user_agent;
};

class Client {
public:
  explicit Client(const Options &options); // throws gqlsvl::Error 22023 for a malformed CIDR list
  ~Client();                               // requests under way are dropped without an answer
  Client(const Client &) = delete;

  void add(Request request);
  int descriptor() const;                 // readable when drive() has work: for the caller's WaitEventSet
  std::chrono::milliseconds wait() const; // drive() is due at the latest after this; negative: no deadline
  std::vector<Answer> drive();            // moves all transfers on; answers that are complete
  std::size_t in_flight() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace gqlsvl::outbound
