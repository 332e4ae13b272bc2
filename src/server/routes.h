// What to do with an HTTP request: answer at once, or run GraphQL requests and answer with their results.
//
// Pure. In: the request, the configuration, the state of health. Out: Response, or Work. Tests: test/unit/routes_test.cpp.
// Always: every answer is JSON; the status of a GraphQL answer is 200 under application/json (Hasura's), by GraphQL over HTTP under
// application/graphql-response+json; no answer but the preflight's is readable by an origin that is not allowed.
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

struct HttpRequest {
  std::string method, path;
  Headers headers;
  std::string body;
  bool body_too_large = false;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpWork {
  Session session;
  std::vector<GraphqlRequest> requests;
  bool batch = false;
};

// `problem`: why the service is not healthy; empty when it is.
std::variant<HttpResponse, HttpWork> route(const Options &options, const HttpRequest &request, std::string_view problem,
                                           std::int64_t now_s);

struct GraphqlAnswer {
  std::string json;
  bool failed = false;
};
HttpResponse graphql_response(const Options &options, const HttpRequest &request, const std::vector<GraphqlAnswer> &answers, bool batch);

// The upgrade to a WebSocket: nothing when it may proceed.
std::optional<HttpResponse> refuse_upgrade(const Options &options, const HttpRequest &request, std::string_view upgrade_to);

HttpResponse error_response(const Options &options, const HttpRequest &request, int status, std::string_view code, std::string_view message,
                            std::string_view hint = {});

} // namespace gqlsvl::server
