// What to do with an HTTP request: answer at once, or run GraphQL requests and answer with their results.
//
// Pure. In: the request, the configuration, the state of health. Out: an answer, requests to run, or a question about health.
// Always: every answer is JSON; a GraphQL answer has the status 200 under application/json (Hasura's), the one of GraphQL over HTTP under
// application/graphql-response+json; no answer is readable by an origin that is not allowed.
// Source: GraphQL over HTTP, sections 6.1 and 6.4; graphql-sse PROTOCOL.md; Hasura v2 for /healthz?strict=true. Tests:
// test/unit/routes_test.cpp.
#pragma once
#include "server/auth.h"
#include "server/cors.h"
#include "server/graphql_request.h"

#include <variant>

namespace gqlsvl::server {

struct Options {
  std::string listen_addresses = "localhost"; // comma separated
  int port = 8080;
  std::size_t most_connections = 10000, most_operations = 100, most_request_bytes = 1024 * 1024;
  int live_refresh_ms = 1000;
  AuthConfig auth;
  Cors cors;
  std::string version;
};

struct HttpWork {
  Session session;
  std::vector<GraphqlRequest> requests;
  bool batch = false;
  bool events = false; // the one request is answered by a stream of events
};

// GET /healthz while the port itself is well: what is left to know is what gqlsvl.check() says.
struct HealthQuestion {
  bool strict = false;  // a row is a failure
  bool details = false; // by the admin secret: messages, which may name tables, are shown too
};
using Routed = std::variant<HttpResponse, HttpWork, HealthQuestion>;

// `problem`: why the service is not healthy; empty when it is.
Routed route(const Options &options, const HttpRequest &request, std::string_view problem, std::int64_t now_s);

// `rows`: JSON array of {name, message, hint}.
HttpResponse health_response(const Options &options, const HttpRequest &request, HealthQuestion question, std::string_view rows);

struct GraphqlAnswer {
  std::string json;
  bool failed = false;
};
HttpResponse graphql_response(const Options &options, const HttpRequest &request, const std::vector<GraphqlAnswer> &answers, bool batch);

// A stream of events (graphql-sse, "distinct connections mode"): the head, and the events of a result and of the end.
HttpResponse event_stream_response(const Options &options, const HttpRequest &request);
std::string next_event(std::string_view result_json);
std::string complete_event();

// The upgrade to a WebSocket: nothing when it may proceed.
std::optional<HttpResponse> refuse_upgrade(const Options &options, const HttpRequest &request);

HttpResponse error_response(const Options &options, const HttpRequest &request, int status, std::string_view code, std::string_view message,
                            std::string_view hint = {});

} // namespace gqlsvl::server
