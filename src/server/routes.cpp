#include "server/routes.h"

#include "base/text.h"
#include "server/operation_kind.h"

#include <algorithm>
#include <cstdlib>

namespace gqlsvl::server {

namespace {

constexpr std::string_view graphql_path = "/v1/graphql", response_json = "application/graphql-response+json",
                           event_stream = "text/event-stream";

std::string_view header(const HttpRequest &request, std::string_view name) {
  auto it = request.headers.find(name);
  return it == request.headers.end() ? std::string_view() : std::string_view(it->second);
}

// The first part before `separator`, trimmed; `text` becomes the rest.
std::string_view take_part(std::string_view &text, char separator) {
  std::size_t end = std::min(text.find(separator), text.size());
  std::string_view part = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool equal_names(std::string_view a, std::string_view b) {
  auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return small(x) == small(y); });
}

// How much the client wants a media type that it names (RFC 9110, section 12.5.1), in thousandths; 0: not, or not named.
int quality(std::string_view accept, std::string_view type) {
  int best = 0;
  while (!accept.empty()) {
    std::string_view range = take_part(accept, ',');
    if (!equal_names(take_part(range, ';'), type)) continue;
    int q = 1000;
    while (!range.empty())
      if (std::string_view parameter = take_part(range, ';'); parameter.starts_with("q=") || parameter.starts_with("Q="))
        q = static_cast<int>(std::strtod(std::string(parameter.substr(2)).c_str(), nullptr) * 1000);
    best = std::max(best, q);
  }
  return best;
}

bool wants_response_json(const HttpRequest &request) {
  std::string_view accept = header(request, "accept");
  int wanted = quality(accept, response_json);
  return wanted > 0 && wanted >= quality(accept, "application/json");
}

bool is_json(std::string_view content_type) {
  std::string_view type = take_part(content_type, ';');
  return equal_names(type, "application/json") || equal_names(type, "application/graphql+json");
}

// Header values that go back to the client hold no control characters.
std::string printable(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f; });
  return out;
}

HttpResponse finish(const Options &options, const HttpRequest &request, HttpResponse response) {
  std::string wanted_headers = printable(header(request, "access-control-request-headers"), 1000);
  for (auto &h : options.cors.headers(header(request, "origin"), request.method == "OPTIONS", wanted_headers))
    response.headers.push_back(std::move(h));
  if (std::string id = printable(header(request, "x-request-id"), 128); !id.empty()) response.headers.emplace_back("x-request-id", id);
  response.headers.emplace_back("cache-control", "no-store");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  return response;
}

HttpResponse not_this_method(const Options &options, const HttpRequest &request, std::string_view allow, std::string subject = {}) {
  if (subject.empty()) subject = request.path;
  HttpResponse response = error_response(options, request, 405, "method-not-allowed", subject + " does not take " + request.method,
                                         "Allowed: " + std::string(allow) + ".");
  response.headers.emplace_back("allow", allow);
  return response;
}

HttpResponse answer_denial(const Options &options, const HttpRequest &request, const Denial &denial) {
  int status = denial.no_credentials || wants_response_json(request) ? 401 : 200;
  return error_response(options, request, status, denial.code, denial.message, denial.hint);
}

constexpr std::string_view graphql_methods = "GET, POST, OPTIONS";

// What is wrong with a POST before anybody looks into its body.
std::optional<HttpResponse> refuse_body(const Options &options, const HttpRequest &request) {
  if (request.body_too_large)
    return error_response(options, request, 413, "payload-too-large",
                          "the body is larger than " + std::to_string(options.most_request_bytes) + " bytes",
                          "The limit is the setting gqlsvl.max_request_size.");
  if (!is_json(header(request, "content-type")))
    return error_response(options, request, 415, "unsupported-media-type", "the body's Content-Type is not application/json");
  return std::nullopt;
}

Routed route_graphql(const Options &options, const HttpRequest &request, std::int64_t now_s) {
  bool by_url = request.method == "GET";
  if (!by_url && request.method != "POST") return not_this_method(options, request, graphql_methods);
  std::string_view accept = header(request, "accept");
  int stream = quality(accept, event_stream);
  // urql names it last, for all it sends: a result that is one piece is JSON where JSON is welcome too.
  bool events = stream > std::max(quality(accept, response_json), quality(accept, "application/json"));
  if (!by_url)
    if (auto refused = refuse_body(options, request)) return *refused;
  AuthResult who = authenticate(options.auth, request.headers, now_s);
  if (auto *denial = std::get_if<Denial>(&who)) return answer_denial(options, request, *denial);
  RequestBody body = by_url ? read_arguments(request.arguments) : parse_request_body(request.body);
  if (!body.error.empty()) return error_response(options, request, 400, body.error_code, body.error);
  if (events && body.batch) return error_response(options, request, 400, "bad-request", "a batch has no stream of events");
  for (const GraphqlRequest &one : body.requests) {
    OperationKind kind = operation_kind(one.query, one.operation_name);
    events = events || (kind == OperationKind::Subscription && stream > 0 && !body.batch);
    if (kind == OperationKind::Subscription && !events)
      return error_response(options, request, wants_response_json(request) ? 400 : 200, "unexpected-payload",
                            "subscriptions are not supported over HTTP, use websockets instead", "Or send Accept: text/event-stream.");
    if (by_url && kind == OperationKind::Mutation) return not_this_method(options, request, "POST", "a mutation");
  }
  return HttpWork{std::move(std::get<Session>(who)), std::move(body.requests), body.batch, events};
}

HttpResponse route_preflight(const Options &options, const HttpRequest &request) {
  HttpResponse response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back("allow", graphql_methods);
  return finish(options, request, std::move(response));
}

Routed route_health(const Options &options, const HttpRequest &request, std::string_view problem) {
  if (problem.empty()) {
    HealthQuestion question;
    for (const auto &[name, value] : request.arguments) question.strict |= name == "strict" && value == "true";
    question.details = has_admin_secret(options.auth, request.headers);
    return question;
  }
  HttpResponse response;
  response.status = 503;
  response.body = "{\"status\":\"error\",\"reason\":";
  json::append_string(response.body, problem);
  response.body += '}';
  return finish(options, request, std::move(response));
}

Routed route_version(const Options &options, const HttpRequest &request) {
  HttpResponse response;
  response.body = "{\"version\":\"" + options.version + "\",\"server_type\":\"gqlsvl\"}";
  return finish(options, request, std::move(response));
}

// GraphQL over HTTP, section 6.4.2: an answer without `data` has a status of its own. What failed while it ran did get that far.
int status_of(const GraphqlAnswer &answer) {
  if (!answer.failed || !is_request_error(answer.json)) return 200;
  return first_error_code(answer.json) == "access-denied" ? 403 : 400;
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

Routed route(const Options &options, const HttpRequest &request, std::string_view problem, std::int64_t now_s) {
  bool reads = request.method == "GET" || request.method == "HEAD";
  if (request.path == graphql_path)
    return request.method == "OPTIONS" ? route_preflight(options, request) : route_graphql(options, request, now_s);
  if (request.path == "/healthz") return reads ? route_health(options, request, problem) : not_this_method(options, request, "GET, HEAD");
  if (request.path == "/v1/version") return reads ? route_version(options, request) : not_this_method(options, request, "GET, HEAD");
  for (const char *later : {"/metrics", "/console"})
    if (request.path == later) return error_response(options, request, 501, "not-supported", std::string(later) + " is not supported yet");
  return error_response(options, request, 404, "not-found", "there is nothing at " + printable(request.path, 200),
                        "GraphQL is at /v1/graphql.");
}

HttpResponse health_response(const Options &options, const HttpRequest &request, HealthQuestion question, std::string_view rows) {
  json::ParseError where;
  std::optional<json::Value> read = json::parse(rows, where);
  bool well = read && read->is_array() && read->items.empty();
  HttpResponse response;
  response.status = well || !question.strict ? 200 : 503;
  response.body = well ? R"({"status":"ok"})" : R"({"status":"warn","checks":[)";
  if (!well) {
    std::string_view separator;
    for (const json::Value &row : read ? read->items : std::vector<json::Value>()) {
      response.body += separator;
      json::append_string(response.body, row.string("name").value_or("check"));
      separator = ",";
    }
    response.body += ']';
    if (question.details) response.body += ",\"details\":" + std::string(rows);
    response.body += '}';
  }
  return finish(options, request, std::move(response));
}

HttpResponse graphql_response(const Options &options, const HttpRequest &request, const std::vector<GraphqlAnswer> &answers, bool batch) {
  HttpResponse response;
  bool by_specification = wants_response_json(request);
  if (by_specification) {
    response.content_type = std::string(response_json) + "; charset=utf-8";
    if (!batch) response.status = status_of(answers.front());
  }
  if (batch) response.body += '[';
  for (const GraphqlAnswer &answer : answers) {
    if (&answer != &answers.front()) response.body += ',';
    bool ran = by_specification && answer.failed && status_of(answer) == 200 && answer.json.starts_with("{\"errors\"");
    response.body += ran ? "{\"data\":null," + answer.json.substr(1) : answer.json;
  }
  if (batch) response.body += ']';
  return finish(options, request, std::move(response));
}

HttpResponse event_stream_response(const Options &options, const HttpRequest &request) {
  HttpResponse response;
  response.content_type = event_stream;
  return finish(options, request, std::move(response));
}

// A line end in JSON is white space: one line is one event's data.
std::string next_event(std::string_view result_json) {
  std::string event = "event: next\ndata: ";
  event += result_json;
  std::replace_if(
      event.begin() + 12, event.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return event + "\n\n";
}

std::string complete_event() { return "event: complete\ndata:\n\n"; }

// RFC 6455, section 4.2.1.
std::optional<HttpResponse> refuse_upgrade(const Options &options, const HttpRequest &request) {
  if (!equal_names(header(request, "upgrade"), "websocket"))
    return error_response(options, request, 400, "bad-request", "an upgrade to this protocol is not supported");
  if (request.path != graphql_path)
    return error_response(options, request, 404, "not-found", "there is no WebSocket at " + printable(request.path, 200),
                          "GraphQL is at /v1/graphql.");
  if (request.method != "GET" || header(request, "sec-websocket-key").empty())
    return error_response(options, request, 400, "bad-request", "a WebSocket begins with GET and the header Sec-WebSocket-Key");
  if (header(request, "sec-websocket-version") != "13") {
    HttpResponse response = error_response(options, request, 426, "bad-request", "the version of WebSockets here is 13");
    response.headers.emplace_back("sec-websocket-version", "13");
    return response;
  }
  std::string_view origin = header(request, "origin");
  if (!origin.empty() && !options.cors.allows(origin))
    return error_response(options, request, 400, "access-denied", "the origin " + printable(origin, 200) + " is not allowed",
                          "Allowed origins are in the setting gqlsvl.cors_origins.");
  std::string_view offered = header(request, "sec-websocket-protocol");
  if (offered.empty()) return std::nullopt; // as graphql-ws
  for (std::string_view rest = offered; !rest.empty();)
    if (std::string_view name = take_part(rest, ','); name == "graphql-transport-ws" || name == "graphql-ws") return std::nullopt;
  return error_response(options, request, 400, "not-supported", "none of the offered WebSocket sub-protocols is supported",
                        "Use graphql-transport-ws (npm graphql-ws) or graphql-ws (npm subscriptions-transport-ws).");
}

} // namespace gqlsvl::server
