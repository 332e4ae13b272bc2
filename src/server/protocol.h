// The two WebSocket sub-protocols as one state machine: text frames in, actions out. No socket, no clock, no auth of its own.
//
//   graphql-transport-ws (npm graphql-ws): a rule broken closes the socket with a code of its own.
//   graphql-ws (npm subscriptions-transport-ws; also where no sub-protocol is offered): other names of messages; a `start` out of place is
//   answered with an `error`; what failed while it ran is `data` with errors.
//   Fresh --connection_init--> Initialising --accept()--> Acknowledged      any state --rule broken--> Closed (Close action, then silence)
//
// In:  frames of the client; accept/reject of its connection_init; ends of operations.
// Out: Action: send a text, begin or stop an operation, authenticate, close with a code.
// Always: an id is in use from `Begin` until finish() or the client's complete; after Close nothing more comes out; any bytes are safe.
// Source: graphql-ws PROTOCOL.md, subscriptions-transport-ws PROTOCOL.md, Hasura v2 where that is silent. Tests:
// test/unit/protocol_test.cpp, test/fuzz/protocol_fuzz.cpp.
#pragma once
#include "server/graphql_request.h"

#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gqlsvl::server {

namespace close_code {
inline constexpr int going_away = 1001, too_big = 1009, restart = 1012, normal = 1000, invalid = 4400, unauthorized = 4401,
                     forbidden = 4403, init_timeout = 4408, duplicate = 4409, too_many_inits = 4429, internal = 4500;
}

class Protocol {
public:
  struct Authenticate {
    json::Value payload; // connection_init's; Null when it has none
  };
  struct Begin {
    std::string id;
    GraphqlRequest request;
  };
  struct Stop {
    std::string id;
  };
  struct Send {
    std::string text;
  };
  struct Close {
    int code;
    std::string reason;
  };
  using Action = std::variant<Authenticate, Begin, Stop, Send, Close>;
  enum class Dialect { TransportWs, Legacy };

  Protocol(std::size_t most_operations, Dialect dialect) : most_operations_(most_operations), dialect_(dialect) {}

  std::vector<Action> reject(std::string reason); // answer to Authenticate: 4403
  Action accept();                                // answer to Authenticate: connection_ack
  std::vector<Action> receive(std::string_view text, bool binary);
  std::vector<Action> init_timed_out();
  bool acknowledged() const { return state_ == State::Acknowledged; }
  bool closed() const { return state_ == State::Closed; }
  void close() { state_ = State::Closed; }
  bool in_use(const std::string &id) const { return ids_.count(id) > 0; }
  void finish(const std::string &id) { ids_.erase(id); }

  std::string next(std::string_view id, std::string_view result_json) const;
  std::string complete(std::string_view id) const;
  std::string keep_alive() const;
  // The messages that end an operation whose answer is {"errors": ...}.
  std::vector<std::string> failure(std::string_view id, std::string_view answer_json) const;

private:
  enum class State { Fresh, Initialising, Acknowledged, Closed };
  bool legacy() const { return dialect_ == Dialect::Legacy; }
  std::vector<Action> fail(int code, std::string reason);
  std::vector<Action> misplaced(std::string_view id, std::string message) const;
  std::vector<Action> initialise(const json::Value &message);
  std::vector<Action> dispatch(std::string_view type, const json::Value &message);
  std::vector<Action> subscribe(const json::Value &message);
  std::vector<Action> complete_by_client(const json::Value &message);

  State state_ = State::Fresh;
  std::size_t most_operations_;
  Dialect dialect_;
  std::set<std::string, std::less<>> ids_;
};

} // namespace gqlsvl::server
