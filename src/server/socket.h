// One client on a WebSocket: the protocol machine, its session, its operations and what waits to be sent.
//
// Pure: the I/O side feeds whole messages and asks for the next one to send. In: messages, outcomes, ready live queries, the time.
// Out: next_message(), then close(). Always: memory is bounded. A live query holds at most its place in the line: the text is made when
// the socket can take it, so a slow reader skips states and gets the last. Other messages wait up to `most_waiting_bytes`, then the
// socket is closed. After the end of the token the socket is closed with 4403.
// Tests: test/unit/socket_test.cpp.
#pragma once
#include "server/live_queries.h"
#include "server/protocol.h"
#include "server/routes.h"

#include <deque>
#include <functional>

namespace gqlsvl::server {

class Socket {
public:
  static constexpr std::size_t most_waiting_bytes = 32u << 20, most_waiting_messages = 4096;

  struct Parts {
    Calls &calls;
    LiveQueries &live;
    const Options &options;
    Protocol::Dialect dialect = Protocol::Dialect::TransportWs;
  };
  // `find` gives the socket of an id or null: outcomes may come after its end. `writable` asks the I/O side to call next_message().
  using Find = std::function<Socket *(std::uint64_t)>;
  using Hook = std::function<void(Socket &)>;
  Socket(std::uint64_t id, Parts parts, Headers upgrade, Find find, Hook writable, std::function<void(live::SubscriberId, bool)> own);
  ~Socket();
  Socket(const Socket &) = delete;

  void receive(std::string_view message, bool binary, std::int64_t now_s);
  void initialisation_timed_out();
  void token_expired();
  void keep_alive();
  void end(int code, std::string reason); // closes when what waits is sent
  void live_ready(live::SubscriberId subscriber);

  std::optional<std::string> next_message();
  bool has_message() const { return !waiting_.empty() || !ready_.empty(); }
  const std::optional<Protocol::Close> &close() const { return close_; } // act on it when there is no message
  std::uint64_t id() const { return id_; }
  bool acknowledged() const { return protocol_.acknowledged(); }
  std::int64_t expires_at() const { return session_.expires_at; }

private:
  struct Operation {
    std::uint64_t ticket = 0;          // of a call under way, else 0
    live::SubscriberId subscriber = 0; // of a live query, else 0
  };
  void act(Protocol::Action action, std::int64_t now_s);
  void authenticate_client(const json::Value &payload, std::int64_t now_s);
  void begin(Protocol::Begin begin);
  void stop(const std::string &id);
  void stop_all();
  bool is_current(const std::string &id, std::uint64_t ticket) const;
  void answered(const std::string &id, std::uint64_t ticket, Outcome outcome);
  void fail(const std::string &id, const std::string &answer);
  void send(std::string text);
  std::optional<std::string> live_message(live::SubscriberId subscriber);

  std::uint64_t id_;
  Parts parts_;
  Headers upgrade_;
  Find find_;
  Hook writable_;
  std::function<void(live::SubscriberId, bool)> own_; // tells whose a subscriber is
  Protocol protocol_;
  Session session_;
  std::map<std::string, Operation> operations_;
  std::map<live::SubscriberId, std::string> live_ids_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::deque<live::SubscriberId> ready_;
  std::set<live::SubscriberId> in_ready_;
  std::optional<Protocol::Close> close_;
};

} // namespace gqlsvl::server
