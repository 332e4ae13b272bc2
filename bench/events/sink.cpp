// A receiver that is faster than any sender: answers 200 to each POST from one epoll loop and remembers when it came.
//
//   sink PORT_FILE          listens on a free port of 127.0.0.1 and writes its number into PORT_FILE
// A request counts when its last byte has been read. Its time is CLOCK_REALTIME, its number the first digits after "n": in the body.
//   POST /PATH          200 at once        POST /slow/PATH   200 after 5 s        GET /count/PATH   how many
//   GET /times/PATH     a line "number microseconds-since-1970" per request           GET /reset        forgets all
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using Clock = std::chrono::system_clock;
constexpr auto slow_answer = std::chrono::seconds(5);
constexpr char empty_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

struct Seen {
  long number, microseconds;
};
std::map<std::string, std::vector<Seen>> seen;
std::unordered_map<int, std::string> received; // what a connection has sent and was not answered
struct Late {
  Clock::time_point at;
  int connection;
  bool operator<(const Late &other) const { return at > other.at; }
};
std::priority_queue<Late> late;

void send_all(int connection, const std::string &bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t sent = send(connection, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) return;
    done += static_cast<std::size_t>(sent);
  }
}

std::string report(const std::string &path) {
  std::string body;
  if (path.starts_with("/count/")) {
    body = std::to_string(seen[path.substr(6)].size());
  } else if (path.starts_with("/times/")) {
    for (const Seen &one : seen[path.substr(6)]) body += std::to_string(one.number) + ' ' + std::to_string(one.microseconds) + '\n';
  } else {
    seen.clear();
  }
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void answer(int connection, const std::string &method, const std::string &path, const std::string &body) {
  if (method == "GET") return send_all(connection, report(path));
  const std::size_t number = body.find("\"n\":");
  const auto now = Clock::now();
  seen[path].push_back({number == std::string::npos ? 0 : std::strtol(body.c_str() + number + 4, nullptr, 10),
                        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count()});
  if (path.starts_with("/slow/")) return late.push({now + slow_answer, connection});
  send_all(connection, empty_answer);
}

// All whole requests of the buffer; senders that use "chunked" or pipeline behind a slow answer are not among those measured.
void answer_all(int connection, std::string &buffer) {
  for (;;) {
    const std::size_t head = buffer.find("\r\n\r\n");
    if (head == std::string::npos) return;
    std::size_t length = 0;
    for (std::size_t at = 0; at < head; at = buffer.find("\r\n", at) + 2)
      if (strncasecmp(buffer.c_str() + at, "content-length:", 15) == 0) length = std::strtoul(buffer.c_str() + at + 15, nullptr, 10);
    if (buffer.size() < head + 4 + length) return;
    const std::size_t method = buffer.find(' '), path = buffer.find(' ', method + 1);
    answer(connection, buffer.substr(0, method), buffer.substr(method + 1, path - method - 1), buffer.substr(head + 4, length));
    buffer.erase(0, head + 4 + length);
  }
}

void read_from(int connection) {
  char bytes[65536];
  const ssize_t count = recv(connection, bytes, sizeof bytes, 0);
  if (count <= 0) {
    received.erase(connection);
    close(connection);
    return;
  }
  std::string &buffer = received[connection];
  buffer.append(bytes, static_cast<std::size_t>(count));
  answer_all(connection, buffer);
}

int wait_ms() {
  if (late.empty()) return -1;
  return static_cast<int>(std::max<long>(0, std::chrono::ceil<std::chrono::milliseconds>(late.top().at - Clock::now()).count()));
}

} // namespace

int main(int count, char **arguments) {
  if (count != 2) return 2;
  const int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, set = epoll_create1(0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr *>(&address), size) || listen(listener, 1024)) return 1;
  getsockname(listener, reinterpret_cast<sockaddr *>(&address), &size);
  FILE *port_file = fopen(arguments[1], "w");
  if (!port_file) return 1;
  fprintf(port_file, "%d\n", ntohs(address.sin_port));
  fclose(port_file);
  const auto watch = [set](int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
  };
  watch(listener);
  for (;;) {
    epoll_event events[256];
    const int ready = epoll_wait(set, events, 256, wait_ms());
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != listener) {
        read_from(events[i].data.fd);
        continue;
      }
      const int connection = accept(listener, nullptr, nullptr);
      if (connection < 0) continue;
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(connection);
    }
    for (; !late.empty() && late.top().at <= Clock::now(); late.pop())
      if (received.contains(late.top().connection)) send_all(late.top().connection, empty_answer);
  }
}
