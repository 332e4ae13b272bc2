// The port: HTTP (http_server.h) and WebSockets, these by libwebsockets, on a libuv loop that the caller drives.
//
// In:  Options, a Backend for requests, the ChangeSignal, bytes of clients. Out: bytes to clients, calls, log lines.
// One turn of the caller's loop: signal -> changed(); outcomes -> Backend's callbacks; uv_run(NOWAIT); finish_turn().
// Always: nothing blocks; one thread; closed by default (auth.h). Secrets, tokens and documents are never logged.
// After shut_down() the loop is run until idle() so that the close frames (1012: come again) leave.
#pragma once
#include "server/io/http_server.h"
#include "server/io/listen_socket.h"
#include "server/routes.h"
#include "server/socket.h"

#include <memory>
#include <unordered_map>

struct lws;
struct lws_context;
struct lws_vhost;

namespace gqlsvl::server {

class Server {
public:
  Server(uv_loop_t *loop, Options options, Backend &backend, ChangeSignal &signal, Log log);
  ~Server();
  Server(const Server &) = delete;

  void reconfigure(Options options);
  void set_problem(std::string reason) { http_.set_problem(std::move(reason)); } // for /healthz; empty: healthy
  LiveQueries &live() { return live_; }
  void finish_turn();
  void shut_down();
  bool idle() const { return connections() == 0; }
  std::size_t connections() const { return upgraded_ + http_.connections(); }

  int callback(lws *wsi, int reason, void *in, std::size_t length); // for libwebsockets only

private:
  struct Wire; // a Socket and its libwebsockets connection

  void create_context(uv_loop_t *loop);
  void accepted(int fd);
  void upgraded(HttpServer::Upgrade upgrade);
  int socket_open(lws *wsi);
  int socket_message(lws *wsi, std::string_view bytes);
  int socket_writable(lws *wsi);
  int send_close(lws *wsi, Wire &wire);
  Socket *find_socket(std::uint64_t id);
  void live_ready(live::SubscriberId subscriber);

  void look_after_sockets();
  void arm_timer();
  static std::int64_t now_s();

  Options options_;
  Log log_;
  Calls calls_;
  LiveQueries live_;
  HttpServer http_;
  bool shutting_down_ = false;
  std::size_t upgraded_ = 0; // connections that libwebsockets has
  std::uint64_t last_id_ = 0;
  lws_context *context_ = nullptr;
  lws_vhost *vhost_ = nullptr;
  std::unique_ptr<ListenSockets> listeners_;
  uv_timer_t *timer_;
  uv_loop_t *loop_;
  Headers upgrade_headers_; // of the connection that libwebsockets is taking over
  std::unordered_map<lws *, std::unique_ptr<Wire>> sockets_;
  std::unordered_map<std::uint64_t, Wire *> socket_by_id_;
  std::unordered_map<live::SubscriberId, std::uint64_t> socket_of_subscriber_;
  std::multimap<std::int64_t, std::uint64_t> deadlines_; // ms of the loop -> socket to look at: init time-out, end of token
  std::int64_t keep_alive_at_ms_ = 0;                    // 0: no sockets
};

} // namespace gqlsvl::server
