// One HTTP/1.1 connection on a libuv loop: bytes in, whole requests out, one answer each, in order.
//
//   Head --whole--> Body --whole--> Working --respond()--> Writing --sent--> Head ...      any --refused, closing--> Lingering --> ended
//                                   Working --begin_stream()--> Streaming --end_stream()--> Lingering
//
// In:  an accepted descriptor, answers. Out: Owner::requested for each request, Owner::ended once at the end.
// Always: one request at a time; what a client sends ahead waits, `most_ahead_bytes` of it here and the rest in the kernel. Every state
// but Working has a deadline. A client that closes is gone: its request is not answered. At the end what the client still sends is read
// and thrown away for a while, else the kernel might take the answer back.
// libwebsockets' own HTTP is not used: pipelined requests with a body make 4.1 loop without end, and it does not list header names.
// Source: RFC 9112, section 9. Tests: test/clients/abuse.test.mjs.
#pragma once
#include "server/chunked_body.h"
#include "server/http_head.h"

#include <uv.h>

#include <optional>

namespace gqlsvl::server {

class HttpConnection {
public:
  static constexpr std::size_t most_head_bytes = 32 * 1024, most_ahead_bytes = 64 * 1024, most_discarded_bytes = 64u << 20;

  class Owner {
  public:
    virtual ~Owner() = default;
    virtual void requested(HttpConnection &connection) = 0;                                   // respond(), now or later
    virtual void upgrade_wanted(HttpConnection &connection) = 0;                              // respond() or release()
    virtual HttpResponse refusal(const HttpRequest &request, const HeadProblem &problem) = 0; // of what is not HTTP
    virtual void deadline_set(HttpConnection &connection, std::int64_t at_ms) = 0;            // 0: none
    virtual void stream_writable(HttpConnection &connection) = 0;                             // what was sent has left
    virtual void ended(std::uint64_t id) = 0;                                                 // may free the connection
    virtual std::size_t most_request_bytes() const = 0;
  };
  HttpConnection(uv_loop_t *loop, int fd, std::uint64_t id, Owner &owner);
  ~HttpConnection();
  HttpConnection(const HttpConnection &) = delete;

  void start(); // once the owner knows it

  std::uint64_t id() const { return id_; }
  const HttpRequest &request() const { return head_.request; }
  bool at_rest() const { return state_ == State::Head; } // no request under way
  void respond(HttpResponse response);
  // An answer without end, until end_stream() or `longest_ms` (0: no limit) have passed. One piece at a time: send() only when not busy.
  void begin_stream(HttpResponse head, std::int64_t longest_ms);
  bool stream_busy() const { return stream_busy_; }
  void send(std::string piece);
  void end_stream(); // once what is under way has left
  void close_after_answer() { closing_ = true; }
  void deadline_passed();
  // The descriptor, no longer watched, and all bytes received that nobody has answered; the connection has then ended.
  int release(std::string &received);

private:
  enum class State { Head, Body, Working, Writing, Streaming, Lingering };
  void received(std::string_view bytes);
  void advance();
  bool take_head();
  bool take_body();
  void begin_body();
  void refuse(int status, std::string message);
  void write(std::string bytes);
  void written(bool well);
  void linger();
  void read(bool wanted);
  void set_deadline(std::int64_t after_ms);
  std::string head_of(const HttpResponse &response) const;
  void watch_stream();

  uv_tcp_t *tcp_; // freed by the loop
  std::uint64_t id_;
  Owner &owner_;
  State state_ = State::Head;
  bool closing_ = false, reading_ = false, stream_busy_ = false;
  std::int64_t stream_until_ms_ = 0; // of the loop; 0: no limit
  std::string incoming_, head_text_;
  RequestHead head_;
  std::optional<ChunkedBody> chunks_;
  std::uint64_t body_bytes_ = 0; // as they came
};

} // namespace gqlsvl::server
