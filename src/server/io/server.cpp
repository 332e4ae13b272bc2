#include "server/io/server.h"

#include "base/error.h"

#include <algorithm>
#include <ctime>

#include <libwebsockets.h>

#include <unistd.h>

namespace gqlsvl::server {

namespace {

constexpr std::int64_t init_timeout_ms = 3000, keep_alive_ms = 25000;
constexpr int rx_buffer_bytes = 16 * 1024, close_answer_s = 3;
constexpr auto write_close = static_cast<lws_write_protocol>(4); // LWS_WRITE_CLOSE: in the library, not in its public header

int on_event(lws *wsi, enum lws_callback_reasons reason, void *, void *in, size_t length) {
  auto *server = static_cast<Server *>(lws_context_user(lws_get_context(wsi)));
  // An exception must not cross libwebsockets' C frames: the connection is closed instead.
  try {
    return server ? server->callback(wsi, reason, in, length) : 0;
  } catch (const std::exception &) { return -1; }
}

// The first one gets connections without a sub-protocol.
const lws_protocols protocols[] = {{"http", on_event, 0, rx_buffer_bytes, 0, nullptr, 0},
                                   {"graphql-transport-ws", on_event, 0, rx_buffer_bytes, 1, nullptr, 0},
                                   {"graphql-ws", on_event, 0, rx_buffer_bytes, 2, nullptr, 0},
                                   {nullptr, nullptr, 0, 0, 0, nullptr, 0}};

std::string_view bytes_of(void *in, std::size_t length) { return {static_cast<const char *>(in), length}; }

} // namespace

struct Server::Wire {
  Wire(lws *connection, std::uint64_t id, Socket::Parts parts, Headers upgrade, Socket::Find find,
       std::function<void(live::SubscriberId, bool)> own)
      : socket(
            id, parts, std::move(upgrade), std::move(find), [connection](Socket &) { lws_callback_on_writable(connection); },
            std::move(own)) {}

  std::string incoming; // of a message that is not complete
  bool close_sent = false;
  Socket socket;
};

Server::Server(uv_loop_t *loop, Options options, Backend &backend, ChangeSignal &signal, Log log)
    : log_(log), calls_(backend),
      live_(calls_, signal, std::chrono::milliseconds(options.live_refresh_ms), [this](live::SubscriberId s) { live_ready(s); }),
      http_(loop, {calls_, live_, options_}, [this](HttpServer::Upgrade upgrade) { upgraded(std::move(upgrade)); }), timer_(new uv_timer_t),
      loop_(loop) {
  uv_timer_init(loop, timer_);
  try {
    create_context(loop);
  } catch (...) {
    uv_close(reinterpret_cast<uv_handle_t *>(timer_), [](uv_handle_t *h) { delete reinterpret_cast<uv_timer_t *>(h); });
    throw;
  }
  listeners_ = std::make_unique<ListenSockets>(
      loop, [this](int fd) { accepted(fd); }, log_);
  reconfigure(std::move(options));
}

void Server::create_context(uv_loop_t *loop) {
  lws_set_log_level(0, nullptr);
  void *loops[1] = {loop};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = protocols;
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES;
  info.foreign_loops = loops;
  info.gid = -1;
  info.uid = -1;
  info.user = this;
  info.server_string = "gqlsvl";
  info.max_http_header_data2 = HttpConnection::most_head_bytes;
  info.pt_serv_buf_size = rx_buffer_bytes;
  info.timeout_secs = 20;
  info.keepalive_timeout = 60;
  context_ = lws_create_context(&info);
  if (context_) vhost_ = lws_create_vhost(context_, &info);
  if (vhost_) return;
  if (context_) lws_context_destroy(context_);
  throw Error(sqlstate::internal, "libwebsockets could not be started", "Its plug-in for libuv may be missing.",
              "Install the package libwebsockets-evlib-uv.");
}

Server::~Server() {
  listeners_.reset();
  lws_context_destroy(context_);
  uv_close(reinterpret_cast<uv_handle_t *>(timer_), [](uv_handle_t *h) { delete reinterpret_cast<uv_timer_t *>(h); });
}

// Connections that are open keep the session they were given; new ones meet the new options.
void Server::reconfigure(Options options) {
  options_ = std::move(options);
  live_.set_refresh(std::chrono::milliseconds(options_.live_refresh_ms));
  if (!shutting_down_) listeners_->open(options_.listen_addresses, options_.port);
}

void Server::accepted(int fd) {
  if (connections() >= options_.most_connections) {
    // No byte of the request is read: the answer is the same for all.
    static constexpr char full[] = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    (void)!write(fd, full, sizeof full - 1);
    close(fd);
    return;
  }
  http_.adopt(fd);
}

// The handshake is whole: libwebsockets reads it from here, within this call, and closes the descriptor when it fails.
void Server::upgraded(HttpServer::Upgrade upgrade) {
  upgrade_headers_ = std::move(upgrade.headers);
  lws_adopt_socket_vhost_readbuf(vhost_, upgrade.fd, upgrade.received.data(), upgrade.received.size());
  upgrade_headers_.clear();
}

int Server::callback(lws *wsi, int reason, void *in, std::size_t length) {
  switch (reason) {
  case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: ++upgraded_; return 0;
  case LWS_CALLBACK_WSI_DESTROY:
    if (upgraded_ > 0) --upgraded_;
    return 0;
  case LWS_CALLBACK_HTTP: return -1; // a handshake that is not one after all
  case LWS_CALLBACK_ESTABLISHED: return socket_open(wsi);
  case LWS_CALLBACK_RECEIVE: return socket_message(wsi, bytes_of(in, length));
  case LWS_CALLBACK_SERVER_WRITEABLE: return socket_writable(wsi);
  case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: {
    auto it = sockets_.find(wsi);
    return it != sockets_.end() && it->second->close_sent ? -1 : 0; // the answer to ours
  }
  case LWS_CALLBACK_CLOSED:
    if (auto it = sockets_.find(wsi); it != sockets_.end()) {
      socket_by_id_.erase(it->second->socket.id());
      std::unique_ptr<Wire> ended = std::move(it->second); // its end unsubscribes and may call back here
      sockets_.erase(it);
    }
    return 0;
  default: return 0;
  }
}

std::int64_t Server::now_s() { return static_cast<std::int64_t>(std::time(nullptr)); }

Socket *Server::find_socket(std::uint64_t id) {
  auto it = socket_by_id_.find(id);
  return it == socket_by_id_.end() ? nullptr : &it->second->socket;
}

void Server::live_ready(live::SubscriberId subscriber) {
  auto it = socket_of_subscriber_.find(subscriber);
  if (it == socket_of_subscriber_.end()) return http_.live_ready(subscriber);
  if (Socket *socket = find_socket(it->second)) socket->live_ready(subscriber);
}

int Server::socket_open(lws *wsi) {
  std::uint64_t id = ++last_id_;
  auto own = [this, id](live::SubscriberId subscriber, bool owned) {
    if (owned)
      socket_of_subscriber_[subscriber] = id;
    else
      socket_of_subscriber_.erase(subscriber);
  };
  const lws_protocols *protocol = lws_get_protocol(wsi);
  bool current = protocol && protocol->name == std::string_view("graphql-transport-ws");
  auto dialect = current ? Protocol::Dialect::TransportWs : Protocol::Dialect::Legacy;
  auto wire = std::make_unique<Wire>(
      wsi, id, Socket::Parts{calls_, live_, options_, dialect}, std::exchange(upgrade_headers_, {}),
      [this](std::uint64_t other) { return find_socket(other); }, std::move(own));
  socket_by_id_[id] = wire.get();
  sockets_[wsi] = std::move(wire);
  std::int64_t now = static_cast<std::int64_t>(uv_now(loop_));
  deadlines_.emplace(now + init_timeout_ms, id);
  if (!keep_alive_at_ms_) keep_alive_at_ms_ = now + keep_alive_ms;
  return 0;
}

int Server::socket_message(lws *wsi, std::string_view bytes) {
  auto it = sockets_.find(wsi);
  if (it == sockets_.end()) return -1;
  Wire &wire = *it->second;
  if (wire.socket.close()) return 0;
  if (wire.incoming.size() + bytes.size() > options_.most_request_bytes) {
    wire.incoming.clear();
    wire.socket.end(close_code::too_big, "a message is larger than gqlsvl.max_request_size");
    return 0;
  }
  wire.incoming += bytes;
  if (lws_remaining_packet_payload(wsi) > 0 || !lws_is_final_fragment(wsi)) return 0;
  std::string message = std::exchange(wire.incoming, {});
  bool was_acknowledged = wire.socket.acknowledged();
  wire.socket.receive(message, lws_frame_is_binary(wsi) != 0, now_s());
  if (!was_acknowledged && wire.socket.acknowledged() && wire.socket.expires_at() > 0) {
    // A token may be valid for years: the deadline is looked at again at least daily.
    std::int64_t left_s = std::clamp<std::int64_t>(wire.socket.expires_at() - now_s(), 0, 86400);
    deadlines_.emplace(static_cast<std::int64_t>(uv_now(loop_)) + left_s * 1000, wire.socket.id());
  }
  return 0;
}

int Server::socket_writable(lws *wsi) {
  auto it = sockets_.find(wsi);
  if (it == sockets_.end()) return -1;
  Socket &socket = it->second->socket;
  if (std::optional<std::string> text = socket.next_message()) {
    std::string buffer(LWS_PRE, '\0');
    std::size_t size = text->size();
    buffer += *text;
    if (lws_write(wsi, reinterpret_cast<unsigned char *>(buffer.data()) + LWS_PRE, size, LWS_WRITE_TEXT) < static_cast<int>(size))
      return -1;
    if (socket.has_message() || socket.close()) lws_callback_on_writable(wsi);
    return 0;
  }
  return socket.close() && !it->second->close_sent ? send_close(wsi, *it->second) : 0;
}

// The close frame is written by hand and the peer's answer awaited: where libwebsockets was built for debugging (Debian's is), it closes a
// connection twice under libuv and never gets to send the frame of lws_close_reason().
int Server::send_close(lws *wsi, Wire &wire) {
  const Protocol::Close &close = *wire.socket.close();
  std::string buffer(LWS_PRE, '\0');
  buffer += static_cast<char>(close.code >> 8);
  buffer += static_cast<char>(close.code & 0xff);
  buffer += close.reason;
  wire.close_sent = true;
  lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_ACK, close_answer_s);
  return lws_write(wsi, reinterpret_cast<unsigned char *>(buffer.data()) + LWS_PRE, buffer.size() - LWS_PRE, write_close) < 0 ? -1 : 0;
}

void Server::look_after_sockets() {
  std::int64_t now = static_cast<std::int64_t>(uv_now(loop_));
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    std::uint64_t id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Socket *socket = find_socket(id);
    if (!socket || socket->close()) continue;
    socket->initialisation_timed_out();
    if (!socket->acknowledged() || socket->expires_at() == 0) continue;
    std::int64_t left_s = socket->expires_at() - now_s();
    if (left_s <= 0)
      socket->token_expired();
    else
      deadlines_.emplace(now + std::min<std::int64_t>(left_s, 86400) * 1000, id);
  }
  if (!keep_alive_at_ms_ || keep_alive_at_ms_ > now) return;
  for (auto &[wsi, wire] : sockets_) wire->socket.keep_alive();
  keep_alive_at_ms_ = sockets_.empty() ? 0 : now + keep_alive_ms;
}

void Server::finish_turn() {
  uv_update_time(loop_);
  look_after_sockets();
  live_.run(std::chrono::steady_clock::now());
  http_.run(static_cast<std::int64_t>(uv_now(loop_)));
  arm_timer();
}

// One timer for all that is due by time; none when nothing is.
void Server::arm_timer() {
  std::int64_t now = static_cast<std::int64_t>(uv_now(loop_)), due = INT64_MAX;
  if (!deadlines_.empty()) due = std::min(due, deadlines_.begin()->first);
  if (keep_alive_at_ms_) due = std::min(due, keep_alive_at_ms_);
  if (auto at = http_.next_due_ms()) due = std::min(due, *at);
  if (auto at = live_.next_due()) {
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(*at - std::chrono::steady_clock::now());
    due = std::min<std::int64_t>(due, now + std::max<std::int64_t>(wait.count(), 0));
  }
  if (due == INT64_MAX) {
    uv_timer_stop(timer_);
    return;
  }
  uv_timer_start(
      timer_, [](uv_timer_t *) {}, static_cast<std::uint64_t>(std::max<std::int64_t>(due - now, 0)), 0);
}

void Server::shut_down() {
  if (shutting_down_) return;
  shutting_down_ = true;
  listeners_->close();
  http_.shut_down();
  for (auto &[wsi, wire] : sockets_) wire->socket.end(close_code::restart, "the server restarts");
}

} // namespace gqlsvl::server
