// HTTP requests and answers over libwebsockets.
#include "server/io/exchange.h"

#include <array>
#include <charconv>

namespace gqlsvl::server {

namespace {

constexpr std::size_t discarded_at_most = 64u << 20; // of a body that is too large: read to its end so that the client sees the answer

struct KnownHeader {
  lws_token_indexes token;
  const char *name;
};
constexpr std::array<KnownHeader, 10> known_headers{{{WSI_TOKEN_HOST, "host"},
                                                     {WSI_TOKEN_ORIGIN, "origin"},
                                                     {WSI_TOKEN_HTTP_ACCEPT, "accept"},
                                                     {WSI_TOKEN_HTTP_AUTHORIZATION, "authorization"},
                                                     {WSI_TOKEN_HTTP_CONTENT_TYPE, "content-type"},
                                                     {WSI_TOKEN_HTTP_CONTENT_LENGTH, "content-length"},
                                                     {WSI_TOKEN_HTTP_TRANSFER_ENCODING, "transfer-encoding"},
                                                     {WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, "access-control-request-headers"},
                                                     {WSI_TOKEN_PROTOCOL, "sec-websocket-protocol"},
                                                     {WSI_TOKEN_UPGRADE, "upgrade"}}};

const char *method_name(int method) {
  switch (method) {
  case LWSHUMETH_GET: return "GET";
  case LWSHUMETH_POST: return "POST";
  case LWSHUMETH_OPTIONS: return "OPTIONS";
  case LWSHUMETH_PUT: return "PUT";
  case LWSHUMETH_PATCH: return "PATCH";
  case LWSHUMETH_DELETE: return "DELETE";
  case LWSHUMETH_HEAD: return "HEAD";
  default: return "this method";
  }
}

std::optional<std::size_t> content_length(const HttpRequest &request) {
  auto it = request.headers.find("content-length");
  if (it == request.headers.end()) return std::nullopt;
  std::size_t length = 0;
  auto [end, error] = std::from_chars(it->second.data(), it->second.data() + it->second.size(), length);
  return error == std::errc() ? std::optional<std::size_t>(length) : std::nullopt;
}

} // namespace

HttpRequest Server::read_request(lws *wsi) const {
  HttpRequest request;
  char *uri = nullptr;
  int length = 0;
  request.method = method_name(lws_http_get_uri_and_method(wsi, &uri, &length));
  if (uri && length > 0) request.path.assign(uri, static_cast<std::size_t>(length));
  for (const KnownHeader &known : known_headers) {
    int size = lws_hdr_total_length(wsi, known.token);
    if (size <= 0) continue;
    std::string value(static_cast<std::size_t>(size) + 1, '\0');
    int copied = lws_hdr_copy(wsi, value.data(), size + 1, known.token);
    if (copied < 0) continue;
    value.resize(static_cast<std::size_t>(copied));
    request.headers[known.name] = std::move(value);
  }
  for (const std::string &name : custom_headers_) {
    int size = lws_hdr_custom_length(wsi, name.data(), static_cast<int>(name.size()));
    if (size < 0) continue;
    std::string value(static_cast<std::size_t>(size) + 1, '\0');
    int copied = lws_hdr_custom_copy(wsi, value.data(), size + 1, name.data(), static_cast<int>(name.size()));
    if (copied < 0) continue;
    value.resize(static_cast<std::size_t>(copied));
    request.headers[name.substr(0, name.size() - 1)] = std::move(value);
  }
  return request;
}

int Server::http_request(lws *wsi) {
  auto exchange = std::make_unique<Exchange>();
  exchange->id = ++last_id_;
  exchange->wsi = wsi;
  exchange->request = read_request(wsi);
  Exchange &kept = *exchange;
  drop_exchange(wsi);
  exchange_by_id_[kept.id] = &kept;
  exchanges_[wsi] = std::move(exchange);

  bool has_body = kept.request.method == "POST" || kept.request.method == "PUT" || kept.request.method == "PATCH";
  std::optional<std::size_t> length = content_length(kept.request);
  if (has_body && kept.request.headers.count("transfer-encoding")) {
    kept.close_after = true;
    respond(kept, error_response(options_, kept.request, 411, "bad-request", "a chunked body is not supported", "Send Content-Length."));
    return 0;
  }
  kept.request.body_too_large = has_body && length.value_or(0) > options_.most_request_bytes;
  if (has_body && length.value_or(0) > discarded_at_most) kept.close_after = true;
  if (has_body && length.value_or(0) > 0 && !kept.close_after) return 0;
  return http_complete(wsi);
}

int Server::http_body(lws *wsi, std::string_view bytes) {
  auto it = exchanges_.find(wsi);
  if (it == exchanges_.end()) return -1;
  HttpRequest &request = it->second->request;
  if (request.body.size() + bytes.size() > options_.most_request_bytes) request.body_too_large = true;
  if (!request.body_too_large) request.body += bytes;
  return 0;
}

int Server::http_complete(lws *wsi) {
  auto it = exchanges_.find(wsi);
  if (it == exchanges_.end()) return -1;
  Exchange &exchange = *it->second;
  if (exchange.answered || exchange.ticket) return 0;
  lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0); // from here on gqlsvl.request_timeout counts
  auto routed = route(options_, exchange.request, problem_, now_s());
  if (auto *response = std::get_if<HttpResponse>(&routed)) {
    respond(exchange, std::move(*response));
    return 0;
  }
  exchange.work = std::move(std::get<HttpWork>(routed));
  run_next(exchange);
  return 0;
}

// The requests of a batch one after the other: a later one sees what an earlier one has written.
void Server::run_next(Exchange &exchange) {
  std::size_t next = exchange.answers.size();
  if (next == exchange.work.requests.size())
    return respond(exchange, graphql_response(options_, exchange.request, exchange.answers, exchange.work.batch));
  auto done = [this, id = exchange.id](Outcome outcome) {
    auto it = exchange_by_id_.find(id);
    if (it == exchange_by_id_.end()) return;
    it->second->ticket = 0;
    it->second->answers.push_back({std::move(outcome.json), outcome.failed});
    run_next(*it->second);
  };
  if (auto ticket = calls_.submit(CallKind::Execute, exchange.work.session, exchange.work.requests[next], 0, std::move(done)))
    exchange.ticket = *ticket;
  else
    respond(exchange, error_response(options_, exchange.request, 503, "busy", "too many requests are waiting", "Try again later."));
}

void Server::respond(Exchange &exchange, HttpResponse response) {
  exchange.response = std::move(response);
  exchange.answered = true;
  lws_callback_on_writable(exchange.wsi);
}

int Server::write_headers(lws *wsi, const HttpResponse &response) {
  std::string buffer(LWS_PRE + 4096, '\0');
  auto *start = reinterpret_cast<unsigned char *>(buffer.data()) + LWS_PRE, *end = start + 4096, *at = start;
  auto add = [&](std::string name, const std::string &value) {
    name += ':';
    return lws_add_http_header_by_name(wsi, reinterpret_cast<const unsigned char *>(name.c_str()),
                                       reinterpret_cast<const unsigned char *>(value.data()), static_cast<int>(value.size()), &at, end);
  };
  if (lws_add_http_header_status(wsi, static_cast<unsigned>(response.status), &at, end)) return -1;
  if (!response.content_type.empty() && add("content-type", response.content_type)) return -1;
  for (const auto &[name, value] : response.headers)
    if (add(name, value)) return -1;
  if (response.status != 204 && lws_add_http_header_content_length(wsi, response.body.size(), &at, end)) return -1;
  return lws_finalize_write_http_header(wsi, start, &at, end);
}

int Server::http_writable(lws *wsi) {
  auto it = exchanges_.find(wsi);
  if (it == exchanges_.end() || !it->second->answered) return 0;
  Exchange &exchange = *it->second;
  bool has_body = exchange.request.method != "HEAD" && exchange.response.status != 204 && !exchange.response.body.empty();
  if (!exchange.headers_sent) {
    if (write_headers(wsi, exchange.response)) return -1;
    exchange.headers_sent = true;
    if (has_body && lws_send_pipe_choked(wsi)) {
      lws_callback_on_writable(wsi);
      return 0;
    }
  }
  if (has_body) {
    std::string buffer(LWS_PRE, '\0');
    buffer += exchange.response.body;
    std::size_t size = exchange.response.body.size();
    if (lws_write(wsi, reinterpret_cast<unsigned char *>(buffer.data()) + LWS_PRE, size, LWS_WRITE_HTTP_FINAL) < static_cast<int>(size))
      return -1;
  }
  bool close_now = exchange.close_after || shutting_down_;
  drop_exchange(wsi);
  return lws_http_transaction_completed(wsi) || close_now ? -1 : 0;
}

void Server::drop_exchange(lws *wsi) {
  auto it = exchanges_.find(wsi);
  if (it == exchanges_.end()) return;
  if (it->second->ticket) calls_.cancel(it->second->ticket);
  exchange_by_id_.erase(it->second->id);
  exchanges_.erase(it);
}

// > 0: an answer was sent instead of the upgrade.
int Server::confirm_upgrade(lws *wsi, const char *protocol) {
  HttpRequest request = read_request(wsi);
  std::optional<HttpResponse> refusal = shutting_down_
                                            ? error_response(options_, request, 503, "start-failed", "the server is shutting down")
                                            : refuse_upgrade(options_, request, protocol ? protocol : "");
  if (!refusal) return 0;
  if (write_headers(wsi, *refusal)) return -1;
  std::string buffer(LWS_PRE, '\0');
  buffer += refusal->body;
  auto *body = reinterpret_cast<unsigned char *>(buffer.data()) + LWS_PRE;
  if (lws_write(wsi, body, refusal->body.size(), LWS_WRITE_HTTP_FINAL) < 0) return -1;
  return 1;
}

} // namespace gqlsvl::server
