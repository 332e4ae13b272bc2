#include "server/routes.h"

#include "server/operation_kind.h"

#include <algorithm>

namespace gqlsvl::server {

namespace {

constexpr std::string_view graphql_path = "/v1/graphql", response_json = "application/graphql-response+json";

std::string_view header(const HttpRequest &request, std::string_view name) {
  auto it = request.headers.find(name);
  return it == request.headers.end() ? std::string_view() : std::string_view(it->second);
}

bool wants_response_json(const HttpRequest &request) { return header(request, "accept").find(response_json) != std::string_view::npos; }

// Header values that go back to the client hold no control characters.
std::string printable(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f; });
  return out;
}

HttpResponse finish(const Options &options, const HttpRequest &request, HttpResponse response) {
  for (auto &h : options.cors.headers(header(request, "origin"), request.method == "OPTIONS")) response.headers.push_back(std::move(h));
  if (std::string id = printable(header(request, "x-request-id"), 128); !id.empty()) response.headers.emplace_back("x-request-id", id);
  response.headers.emplace_back("cache-control", "no-store");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  return response;
}

HttpResponse not_this_method(const Options &options, const HttpRequest &request, std::string_view allow) {
  HttpResponse response = error_response(options, request, 405, "method-not-allowed", request.path + " does not take " + request.method,
                                         "Allowed: " + std::string(allow) + ".");
  response.headers.emplace_back("allow", allow);
  return response;
}

HttpResponse answer_denial(const Options &options, const HttpRequest &request, const Denial &denial) {
  int status = denial.no_credentials || wants_response_json(request) ? 401 : 200;
  return error_response(options, request, status, denial.code, denial.message, denial.hint);
}

std::variant<HttpResponse, HttpWork> route_graphql(const Options &options, const HttpRequest &request, std::int64_t now_s) {
  if (request.method == "GET") {
    std::string_view accept = header(request, "accept");
    bool events = accept.find("text/event-stream") != std::string_view::npos;
    return error_response(options, request, 501, "not-supported",
                          events ? "server-sent events are not supported yet" : "GraphQL by GET is not supported yet",
                          "Use POST, or a WebSocket with the sub-protocol graphql-transport-ws.");
  }
  if (request.method != "POST") return not_this_method(options, request, "POST, OPTIONS");
  if (request.body_too_large)
    return error_response(options, request, 413, "payload-too-large",
                          "the body is larger than " + std::to_string(options.most_request_bytes) + " bytes",
                          "The limit is the setting gqlsvl.max_request_size.");
  std::string_view type = header(request, "content-type");
  if (!type.starts_with("application/json") && !type.starts_with("application/graphql+json"))
    return error_response(options, request, 415, "unsupported-media-type", "the body's Content-Type is not application/json");

  AuthResult who = authenticate(options.auth, request.headers, now_s);
  if (auto *denial = std::get_if<Denial>(&who)) return answer_denial(options, request, *denial);
  RequestBody body = parse_request_body(request.body);
  if (!body.error.empty()) return error_response(options, request, 400, body.error_code, body.error);
  for (const GraphqlRequest &one : body.requests)
    if (operation_kind(one.query, one.operation_name) == OperationKind::Subscription)
      return error_response(options, request, wants_response_json(request) ? 400 : 200, "unexpected-payload",
                            "subscriptions are not supported over HTTP, use websockets instead");
  return HttpWork{std::move(std::get<Session>(who)), std::move(body.requests), body.batch};
}

HttpResponse route_preflight(const Options &options, const HttpRequest &request) {
  HttpResponse response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back("allow", "POST, OPTIONS");
  return finish(options, request, std::move(response));
}

HttpResponse route_health(const Options &options, const HttpRequest &request, std::string_view problem) {
  HttpResponse response;
  response.status = problem.empty() ? 200 : 503;
  response.body = problem.empty() ? R"({"status":"ok"})" : "{\"status\":\"error\",\"reason\":";
  if (!problem.empty()) {
    json::append_string(response.body, problem);
    response.body += '}';
  }
  return finish(options, request, std::move(response));
}

} // namespace

HttpResponse error_response(const Options &options, const HttpRequest &request, int status, std::string_view code, std::string_view message,
                            std::string_view hint) {
  HttpResponse response;
  response.status = status;
  if (wants_response_json(request)) response.content_type = std::string(response_json) + "; charset=utf-8";
  response.body = error_json(code, message, hint);
  if (status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
  return finish(options, request, std::move(response));
}

std::variant<HttpResponse, HttpWork> route(const Options &options, const HttpRequest &request, std::string_view problem,
                                           std::int64_t now_s) {
  bool reads = request.method == "GET" || request.method == "HEAD";
  if (request.path == graphql_path)
    return request.method == "OPTIONS" ? std::variant<HttpResponse, HttpWork>(route_preflight(options, request))
                                       : route_graphql(options, request, now_s);
  if (request.path == "/healthz") return reads ? route_health(options, request, problem) : not_this_method(options, request, "GET");
  if (request.path == "/v1/version") {
    if (!reads) return not_this_method(options, request, "GET");
    HttpResponse response;
    response.body = "{\"version\":\"" + options.version + "\",\"server_type\":\"gqlsvl\"}";
    return finish(options, request, std::move(response));
  }
  for (const char *later : {"/metrics", "/console"})
    if (request.path == later) return error_response(options, request, 501, "not-supported", std::string(later) + " is not supported yet");
  return error_response(options, request, 404, "not-found", "there is nothing at " + printable(request.path, 200),
                        "GraphQL is at /v1/graphql.");
}

HttpResponse graphql_response(const Options &options, const HttpRequest &request, const std::vector<GraphqlAnswer> &answers, bool batch) {
  HttpResponse response;
  bool request_error = false;
  if (batch) response.body += '[';
  for (const GraphqlAnswer &answer : answers) {
    if (&answer != &answers.front()) response.body += ',';
    response.body += answer.json;
    // GraphQL over HTTP, section 6.4.2: without `data` it is a request error.
    request_error |= answer.failed && answer.json.find("\"data\":{") == std::string::npos;
  }
  if (batch) response.body += ']';
  if (wants_response_json(request)) {
    response.content_type = std::string(response_json) + "; charset=utf-8";
    if (request_error && !batch) response.status = 400;
  }
  return finish(options, request, std::move(response));
}

std::optional<HttpResponse> refuse_upgrade(const Options &options, const HttpRequest &request, std::string_view upgrade_to) {
  if (upgrade_to != "websocket" && upgrade_to != "WebSocket")
    return error_response(options, request, 400, "bad-request", "an upgrade to this protocol is not supported");
  if (request.path != graphql_path)
    return error_response(options, request, 404, "not-found", "there is no WebSocket at " + printable(request.path, 200),
                          "GraphQL is at /v1/graphql.");
  std::string_view origin = header(request, "origin");
  if (!origin.empty() && !options.cors.allows(origin))
    return error_response(options, request, 400, "access-denied", "the origin " + printable(origin, 200) + " is not allowed",
                          "Allowed origins are in the setting gqlsvl.cors_origins.");
  std::string_view offered = header(request, "sec-websocket-protocol");
  if (offered.empty() || offered.find("graphql-transport-ws") != std::string_view::npos) return std::nullopt; // empty: closed with 4406
  return error_response(
      options, request, 400, "not-supported", "none of the offered WebSocket sub-protocols is supported",
      "Use graphql-transport-ws (the npm package graphql-ws); graphql-ws (subscriptions-transport-ws) is not supported yet.");
}

} // namespace gqlsvl::server
