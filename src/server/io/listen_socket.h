// The listening sockets: bound by ourselves, watched by libuv, accepted connections are handed on.
//
// In:  addresses and port. Out: `accepted(fd)` for each connection; a log line for each failure.
// Always: a bind that fails is tried again with growing pauses (1 s .. 30 s) and never spins; out of descriptors, accepting pauses.
// libwebsockets' own bind is not used: after a failure it leaves a living context behind that spins.
#pragma once
#include "base/no_postgres.h"

#include <uv.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gqlsvl::server {

enum class LogLevel { Info, Warning };
using Log = std::function<void(LogLevel, const std::string &message, const std::string &detail, const std::string &hint)>;

class ListenSockets {
public:
  ListenSockets(uv_loop_t *loop, std::function<void(int)> accepted, Log log);
  ~ListenSockets(); // the loop must run once more to free the handles
  ListenSockets(const ListenSockets &) = delete;

  void open(const std::string &addresses, int port); // closes what was open if it differs
  void close();
  bool listening() const { return !sockets_.empty(); }

private:
  struct Socket {
    uv_poll_t poll;
    int fd;
    ListenSockets *owner;
  };
  void try_open();
  bool open_one(const std::string &host, std::string &problem);
  bool bind_address(const struct addrinfo &address, const std::string &host, std::string &problem);
  void retry_later(unsigned after_ms);
  void accept_some(Socket &socket);
  void set_accepting(bool accepting);
  static void release(Socket *socket);

  uv_loop_t *loop_;
  std::function<void(int)> accepted_;
  Log log_;
  std::string addresses_;
  int port_ = 0;
  unsigned pause_ms_ = 0;
  bool paused_ = false;
  uv_timer_t *timer_;
  std::vector<Socket *> sockets_;
};

} // namespace gqlsvl::server
