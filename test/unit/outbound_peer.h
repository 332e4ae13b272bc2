// A peer for tests of outbound::Client: plain sockets on 127.0.0.1, one thread for each connection, good and bad manners by path.
//
// /ok answers 200 and keeps the connection; /echo sends the request back as the body; the other paths are named after what they do wrong.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace gqlsvl::test {

class Peer {
public:
  // Set before the first request: answers instead of what is below, with a status ("200 OK") and a body. Called by the peer's threads.
  std::function<std::pair<std::string, std::string>(const std::string &path, const std::string &request)> script;
  Peer() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr *>(&address), bytes) != 0 || listen(listener_, 512) != 0)
      throw std::runtime_error("the test's peer cannot listen");
    getsockname(listener_, reinterpret_cast<sockaddr *>(&address), &bytes);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~Peer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (int one : open_) shutdown(one, SHUT_RDWR);
    }
    for (auto &thread : threads_) thread.join();
    close(listener_);
  }
  int port() const { return port_; }
  std::string url(const std::string &path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  int connections() const { return connections_; }
  int requests() const { return requests_; }

private:
  void accept_all() {
    for (;;) {
      int one = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (one < 0) return;
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(one);
      threads_.emplace_back([this, one] {
        serve(one);
        std::lock_guard done(mutex_);
        std::erase(open_, one);
        close(one);
      });
    }
  }

  static bool send_all(int to, const std::string &text) {
    for (std::size_t sent = 0; sent < text.size();) {
      ssize_t now = send(to, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += static_cast<std::size_t>(now);
    }
    return true;
  }

  static bool read_request(int from, std::string &request) {
    request.clear();
    char buffer[65536];
    std::size_t wanted = std::string::npos;
    while (request.size() < wanted) {
      ssize_t now = recv(from, buffer, sizeof buffer, 0);
      if (now <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(now));
      auto end = request.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      auto length = request.find("Content-Length: ");
      wanted = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
    }
    return true;
  }

  static std::string answer(const std::string &status, const std::string &headers, const std::string &body) {
    return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  void serve(int one) {
    std::string request;
    while (read_request(one, request)) {
      ++requests_;
      std::string path = request.substr(request.find(' ') + 1);
      path = path.substr(0, path.find(' '));
      if (!respond(one, path, request)) return;
    }
  }

  // False: the connection ends here.
  bool respond(int one, const std::string &path, const std::string &request) {
    if (script) {
      auto [status, body] = script(path, request);
      return send_all(one, answer(status, "", body));
    }
    if (path == "/ok") return send_all(one, answer("200 OK", "X-Seen: Yes\r\n", "fine"));
    if (path == "/echo") return send_all(one, answer("200 OK", "", request));
    if (path == "/redirect") return send_all(one, answer("302 Found", "Location: /ok\r\n", ""));
    if (path == "/interim") return send_all(one, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + answer("200 OK", "X-Late: 1\r\n", ""));
    if (path == "/half") return send_all(one, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") && false;
    if (path == "/close") return false;
    if (path == "/reset") return reset(one);
    if (path == "/rubbish") return send_all(one, "220 mail.example ESMTP\r\n\r\n") && false;
    if (path == "/hang") return hang();
    if (path == "/drip") return drip(one);
    if (path == "/endless-body") return endless(one, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", std::string(65536, 'x'));
    if (path == "/long-body") return send_all(one, answer("200 OK", "", std::string(200000, 'x')));
    if (path == "/endless-headers") return endless(one, "HTTP/1.1 200 OK\r\n", "X-More: " + std::string(1000, 'y') + "\r\n");
    if (path == "/one-huge-header") return send_all(one, answer("200 OK", "X-Huge: " + std::string(1000000, 'z') + "\r\n", "")) && false;
    return send_all(one, answer("404 Not Found", "", ""));
  }

  static bool reset(int one) {
    linger now{1, 0};
    setsockopt(one, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return false;
  }
  bool hang() {
    while (!stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return false;
  }
  bool drip(int one) {
    if (!send_all(one, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")) return false;
    while (!stopping_ && send_all(one, ".")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return false;
  }
  bool endless(int one, const std::string &beginning, const std::string &rest) {
    bool going = send_all(one, beginning);
    while (going && !stopping_) going = send_all(one, rest);
    return false;
  }

  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0}, requests_{0};
  std::mutex mutex_; // guards open_ and threads_
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

} // namespace gqlsvl::test
