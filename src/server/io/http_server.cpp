#include "server/io/http_server.h"

#include <ctime>

namespace gqlsvl::server {

HttpServer::HttpServer(uv_loop_t *loop, Parts parts, std::function<void(Upgrade)> upgraded)
    : loop_(loop), calls_(parts.calls), live_(parts.live), options_(parts.options), health_(parts.calls), upgraded_(std::move(upgraded)) {}

HttpServer::~HttpServer() = default;

void HttpServer::adopt(int fd) {
  std::uint64_t id = ++last_id_;
  auto [it, _] = clients_.emplace(id, std::make_unique<Client>(loop_, fd, id, *this));
  it->second->connection.start();
}

HttpServer::Client *HttpServer::find(std::uint64_t id) {
  auto it = clients_.find(id);
  return it == clients_.end() ? nullptr : it->second.get();
}

void HttpServer::requested(HttpConnection &connection) {
  Client &client = *find(connection.id());
  client.answers.clear();
  auto routed = route(options_, connection.request(), problem_, static_cast<std::int64_t>(std::time(nullptr)));
  if (auto *response = std::get_if<HttpResponse>(&routed)) return connection.respond(std::move(*response));
  if (auto *question = std::get_if<HealthQuestion>(&routed)) return answer_health(client, *question);
  client.work = std::move(std::get<HttpWork>(routed));
  client.work.events ? begin_stream(client) : run_next(client);
}

void HttpServer::run_next(Client &client) {
  std::size_t next = client.answers.size();
  HttpConnection &connection = client.connection;
  if (next == client.work.requests.size())
    return connection.respond(graphql_response(options_, connection.request(), client.answers, client.work.batch));
  auto done = [this, id = connection.id()](Outcome outcome) {
    Client *asked = find(id);
    if (!asked || asked->ticket != outcome.ticket) return;
    asked->ticket = 0;
    asked->answers.push_back({std::move(outcome.json), outcome.failed});
    run_next(*asked);
  };
  auto ticket = calls_.submit(CallKind::Execute, client.work.session, client.work.requests[next], 0, std::move(done));
  client.ticket = ticket.value_or(0);
  if (!ticket)
    connection.respond(error_response(options_, connection.request(), 503, "busy", "too many requests are waiting", "Try again later."));
}

void HttpServer::answer_health(Client &client, HealthQuestion question) {
  health_.ask(std::chrono::steady_clock::now(), [this, id = client.connection.id(), question](const std::string &rows) {
    Client *asked = find(id);
    if (asked) asked->connection.respond(health_response(options_, asked->connection.request(), question, rows));
  });
}

void HttpServer::upgrade_wanted(HttpConnection &connection) {
  const HttpRequest &request = connection.request();
  std::optional<HttpResponse> refused = shutting_down_
                                            ? error_response(options_, request, 503, "start-failed", "the server is shutting down")
                                            : refuse_upgrade(options_, request);
  if (refused) {
    connection.close_after_answer();
    return connection.respond(std::move(*refused));
  }
  Upgrade upgrade{-1, {}, request.headers};
  upgrade.fd = connection.release(upgrade.received);
  ended(connection.id());
  if (upgrade.fd >= 0) upgraded_(std::move(upgrade));
}

HttpResponse HttpServer::refusal(const HttpRequest &request, const HeadProblem &problem) {
  return error_response(options_, request, problem.status, "bad-request", problem.message);
}

void HttpServer::deadline_set(HttpConnection &connection, std::int64_t at_ms) {
  Client *client = find(connection.id());
  if (!client) return;
  if (client->deadline_ms) deadlines_.erase({client->deadline_ms, connection.id()});
  client->deadline_ms = at_ms;
  if (at_ms) deadlines_.emplace(at_ms, connection.id());
}

void HttpServer::ended(std::uint64_t id) {
  auto it = clients_.find(id);
  if (it == clients_.end()) return;
  std::unique_ptr<Client> gone = std::move(it->second);
  clients_.erase(it);
  if (gone->deadline_ms) deadlines_.erase({gone->deadline_ms, id});
  if (gone->ticket) calls_.cancel(gone->ticket);
  if (!gone->subscriber) return;
  client_of_subscriber_.erase(gone->subscriber);
  live_.unsubscribe(gone->subscriber);
}

void HttpServer::run(std::int64_t now_ms) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ms) {
    std::uint64_t id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Client *client = find(id);
    if (!client) continue;
    client->deadline_ms = 0;
    client->connection.deadline_passed();
  }
  health_.run(std::chrono::steady_clock::now());
}

std::optional<std::int64_t> HttpServer::next_due_ms() const {
  std::optional<std::int64_t> due;
  if (!deadlines_.empty()) due = deadlines_.begin()->first;
  if (auto at = health_.next_due()) {
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(*at - std::chrono::steady_clock::now());
    std::int64_t health_due = static_cast<std::int64_t>(uv_now(loop_)) + std::max<std::int64_t>(wait.count(), 0);
    due = std::min(due.value_or(health_due), health_due);
  }
  return due;
}

void HttpServer::shut_down() {
  shutting_down_ = true;
  std::vector<std::uint64_t> resting;
  for (auto &[id, client] : clients_) {
    client->connection.close_after_answer();
    if (client->connection.at_rest()) resting.push_back(id);
  }
  for (std::uint64_t id : resting) ended(id);
}

} // namespace gqlsvl::server
