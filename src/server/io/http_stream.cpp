// Streams of events (graphql-sse): a live query, or the one result of a query or mutation, as text/event-stream.
//
// Always: one event is under way; a client that reads slowly skips states and gets the last one. The end of the token ends the stream.
#include "server/io/http_server.h"

#include "server/operation_kind.h"

#include <ctime>

namespace gqlsvl::server {

void HttpServer::begin_stream(Client &client) {
  HttpConnection &connection = client.connection;
  const Session &session = client.work.session;
  std::int64_t left_s = session.expires_at ? std::max<std::int64_t>(session.expires_at - std::time(nullptr), 1) : 0;
  connection.begin_stream(event_stream_response(options_, connection.request()), left_s * 1000);
  fill_stream(client);
}

void HttpServer::fill_stream(Client &client) {
  HttpConnection &connection = client.connection;
  const Session &session = client.work.session;
  const GraphqlRequest &request = client.work.requests.front();
  if (operation_kind(request.query, request.operation_name) == OperationKind::Subscription) {
    client.subscriber = live_.subscribe(session, request);
    client_of_subscriber_[client.subscriber] = connection.id();
    client.ready = true; // a shared result may be there already
    return;
  }
  auto done = [this, id = connection.id()](Outcome outcome) {
    Client *asked = find(id);
    if (!asked || asked->ticket != outcome.ticket) return;
    asked->ticket = 0;
    if (outcome.subscription.empty()) return finish_stream(*asked, next_event(outcome.json));
    asked->work.requests.front().document.clear();
    asked->work.requests.front().query = std::move(outcome.subscription);
    fill_stream(*asked);
  };
  client.ticket = calls_.submit(CallKind::Execute, session, request, 0, std::move(done)).value_or(0);
  if (!client.ticket) finish_stream(client, next_event(error_json("busy", "too many requests are waiting", "Try again later.")));
}

void HttpServer::live_ready(live::SubscriberId subscriber) {
  auto it = client_of_subscriber_.find(subscriber);
  Client *client = it == client_of_subscriber_.end() ? nullptr : find(it->second);
  if (!client) return;
  client->ready = true;
  push(*client);
}

void HttpServer::stream_writable(HttpConnection &connection) { push(*find(connection.id())); }

void HttpServer::push(Client &client) {
  HttpConnection &connection = client.connection;
  if (connection.stream_busy()) return;
  if (!client.last.empty()) {
    connection.send(std::exchange(client.last, {}));
    return connection.end_stream();
  }
  if (!std::exchange(client.ready, false) || !client.subscriber) return;
  std::optional<live::Snapshot> snapshot = live_.take(client.subscriber);
  if (!snapshot) return;
  if (snapshot->failed && snapshot->first && is_request_error(*snapshot->json)) return finish_stream(client, next_event(*snapshot->json));
  connection.send(next_event(*snapshot->json));
}

void HttpServer::finish_stream(Client &client, std::string last) {
  client.last = std::move(last) + complete_event();
  push(client);
}

} // namespace gqlsvl::server
