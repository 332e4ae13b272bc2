// HTTP requests of all connections: routed, run, answered; those that want a WebSocket are handed on.
//
// In:  accepted descriptors, results of calls, the time. Out: answers; `upgraded` gets a descriptor with the bytes read from it.
// Always: the requests of a batch run one after the other, a later one sees what an earlier one has written; a client that leaves takes
// its call with it (cancelled). Tests: test/clients/port.test.mjs, abuse.test.mjs.
#pragma once
#include "server/calls.h"
#include "server/health.h"
#include "server/io/http_connection.h"
#include "server/live_queries.h"
#include "server/routes.h"

#include <memory>
#include <set>
#include <unordered_map>

namespace gqlsvl::server {

class HttpServer final : public HttpConnection::Owner {
public:
  struct Upgrade {
    int fd; // now the receiver's
    std::string received;
    Headers headers;
  };
  struct Parts {
    Calls &calls;
    LiveQueries &live;
    const Options &options;
  };
  HttpServer(uv_loop_t *loop, Parts parts, std::function<void(Upgrade)> upgraded);
  ~HttpServer();
  HttpServer(const HttpServer &) = delete;

  void adopt(int fd);
  void live_ready(live::SubscriberId subscriber);                        // of a stream of events; others are ignored
  void set_problem(std::string reason) { problem_ = std::move(reason); } // for /healthz; empty: healthy
  void run(std::int64_t now_ms);                                         // what is due by time
  std::optional<std::int64_t> next_due_ms() const;                       // of the loop's clock
  void shut_down();                                                      // no new requests; open ones are answered
  std::size_t connections() const { return clients_.size(); }

private:
  struct Client { // one connection and the request it is at
    Client(uv_loop_t *loop, int fd, std::uint64_t id, HttpConnection::Owner &owner) : connection(loop, fd, id, owner) {}

    std::int64_t deadline_ms = 0; // as in deadlines_; 0: none
    HttpConnection connection;
    HttpWork work;
    std::vector<GraphqlAnswer> answers;
    std::uint64_t ticket = 0;          // of the call under way
    live::SubscriberId subscriber = 0; // of a stream of events; 0: none
    bool ready = false;                // the subscriber has something to take
    std::string last;                  // to be sent, then the stream ends
  };
  void requested(HttpConnection &connection) override;
  void upgrade_wanted(HttpConnection &connection) override;
  HttpResponse refusal(const HttpRequest &request, const HeadProblem &problem) override;
  void deadline_set(HttpConnection &connection, std::int64_t at_ms) override;
  void stream_writable(HttpConnection &connection) override;
  void ended(std::uint64_t id) override;
  std::size_t most_request_bytes() const override { return options_.most_request_bytes; }

  Client *find(std::uint64_t id);
  void run_next(Client &client);
  void begin_stream(Client &client); // http_stream.cpp, as what follows
  void fill_stream(Client &client);
  void push(Client &client);
  void finish_stream(Client &client, std::string last);
  void answer_health(Client &client, HealthQuestion question);

  uv_loop_t *loop_;
  Calls &calls_;
  LiveQueries &live_;
  const Options &options_;
  Health health_;
  std::function<void(Upgrade)> upgraded_;
  std::string problem_;
  bool shutting_down_ = false;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Client>> clients_;
  std::set<std::pair<std::int64_t, std::uint64_t>> deadlines_; // ms of the loop, client
  std::unordered_map<live::SubscriberId, std::uint64_t> client_of_subscriber_;
};

} // namespace gqlsvl::server
