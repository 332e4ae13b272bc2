#include "server/io/listen_socket.h"

#include "base/text.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gqlsvl::server {

namespace {

constexpr unsigned first_pause_ms = 1000, longest_pause_ms = 30000, accept_pause_ms = 1000;
constexpr int accepted_per_turn = 64, unacknowledged_ms = 30000;

std::vector<std::string> split(const std::string &list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < list.size();) {
    std::size_t end = std::min(list.find(',', at), list.size());
    if (std::string_view name = trimmed(std::string_view(list).substr(at, end - at)); !name.empty()) names.emplace_back(name);
    at = end + 1;
  }
  return names;
}

// A peer that vanished without a word is noticed by the kernel: our keep-alive messages stay unacknowledged.
void prepare_connection(int fd) {
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int limit = unacknowledged_ms;
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

} // namespace

ListenSockets::ListenSockets(uv_loop_t *loop, std::function<void(int)> accepted, Log log)
    : loop_(loop), accepted_(std::move(accepted)), log_(std::move(log)), timer_(new uv_timer_t) {
  uv_timer_init(loop_, timer_);
  timer_->data = this;
}

ListenSockets::~ListenSockets() {
  close();
  uv_close(reinterpret_cast<uv_handle_t *>(timer_), [](uv_handle_t *h) { delete reinterpret_cast<uv_timer_t *>(h); });
}

void ListenSockets::release(Socket *socket) {
  uv_poll_stop(&socket->poll);
  ::close(socket->fd);
  uv_close(reinterpret_cast<uv_handle_t *>(&socket->poll), [](uv_handle_t *h) { delete static_cast<Socket *>(h->data); });
}

void ListenSockets::close() {
  for (Socket *socket : sockets_) release(socket);
  sockets_.clear();
  uv_timer_stop(timer_);
}

void ListenSockets::open(const std::string &addresses, int port) {
  if (addresses == addresses_ && port == port_) return;
  close();
  addresses_ = addresses;
  port_ = port;
  pause_ms_ = 0;
  try_open();
}

// All addresses or none: half a service would hide the failure.
void ListenSockets::try_open() {
  paused_ = false;
  std::string problem;
  bool all = true;
  for (const std::string &host : split(addresses_)) all = all && open_one(host, problem);
  if (all) {
    if (listening()) log_(LogLevel::Info, "gqlsvl listens on " + addresses_ + ", port " + std::to_string(port_), "", "");
    pause_ms_ = 0;
    return;
  }
  for (Socket *socket : sockets_) release(socket);
  sockets_.clear();
  pause_ms_ = std::min(pause_ms_ ? pause_ms_ * 2 : first_pause_ms, longest_pause_ms);
  log_(LogLevel::Warning, "gqlsvl could not listen on port " + std::to_string(port_), problem,
       "Is another program using the port? Set gqlsvl.port or gqlsvl.listen_addresses. Trying again in " +
           std::to_string(pause_ms_ / 1000) + " s.");
  retry_later(pause_ms_);
}

void ListenSockets::retry_later(unsigned after_ms) {
  uv_update_time(loop_);
  uv_timer_start(
      timer_,
      [](uv_timer_t *timer) {
        auto *self = static_cast<ListenSockets *>(timer->data);
        self->paused_ ? self->set_accepting(true) : self->try_open();
      },
      after_ms, 0);
}

bool ListenSockets::open_one(const std::string &host, std::string &problem) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  int error = getaddrinfo(host == "*" ? nullptr : host.c_str(), std::to_string(port_).c_str(), &hints, &found);
  if (error) {
    problem = "Address \"" + host + "\": " + gai_strerror(error) + ".";
    return false;
  }
  // A name such as localhost may stand for an address family that this machine does not have: one that works is enough.
  bool any = false, in_use = false;
  for (addrinfo *a = found; a; a = a->ai_next) {
    bool bound = bind_address(*a, host, problem);
    any |= bound;
    in_use |= !bound && errno == EADDRINUSE;
  }
  freeaddrinfo(found);
  return any && !in_use;
}

bool ListenSockets::bind_address(const addrinfo &address, const std::string &host, std::string &problem) {
  int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  if (fd >= 0) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (fd < 0 || ::bind(fd, address.ai_addr, address.ai_addrlen) != 0 || ::listen(fd, SOMAXCONN) != 0) {
    int reason = errno;
    problem = "Address \"" + host + "\", port " + std::to_string(port_) + ": " + std::strerror(reason) + ".";
    if (fd >= 0) ::close(fd);
    errno = reason;
    return false;
  }
  auto *socket = new Socket{{}, fd, this};
  socket->poll.data = socket;
  uv_poll_init(loop_, &socket->poll, fd);
  sockets_.push_back(socket);
  set_accepting(true);
  return true;
}

void ListenSockets::set_accepting(bool accepting) {
  for (Socket *socket : sockets_) {
    if (accepting)
      uv_poll_start(&socket->poll, UV_READABLE, [](uv_poll_t *poll, int, int) {
        auto *s = static_cast<Socket *>(poll->data);
        s->owner->accept_some(*s);
      });
    else
      uv_poll_stop(&socket->poll);
  }
}

void ListenSockets::accept_some(Socket &socket) {
  for (int i = 0; i < accepted_per_turn; ++i) {
    int fd = accept4(socket.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      prepare_connection(fd);
      accepted_(fd);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      log_(LogLevel::Warning, "gqlsvl accepts no connections for a second", std::string("Reason: ") + std::strerror(errno) + ".",
           "Raise the limit of open files of the server, or lower gqlsvl.max_connections.");
      paused_ = true;
      set_accepting(false);
      retry_later(accept_pause_ms);
    }
    return;
  }
}

} // namespace gqlsvl::server
