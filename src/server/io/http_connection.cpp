#include "server/io/http_connection.h"

#include <algorithm>
#include <ctime>

#include <unistd.h>

namespace gqlsvl::server {

namespace {

constexpr std::int64_t head_ms = 10000, idle_ms = 60000, body_ms = 60000, answer_ms = 60000, linger_ms = 2000, stream_comment_ms = 25000;

struct Write {
  uv_write_t request;
  std::string bytes;
};

const char *reason_of(int status) {
  switch (status) {
  case 200: return "OK";
  case 204: return "No Content";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 413: return "Content Too Large";
  case 415: return "Unsupported Media Type";
  case 426: return "Upgrade Required";
  case 431: return "Request Header Fields Too Large";
  case 501: return "Not Implemented";
  case 503: return "Service Unavailable";
  case 505: return "HTTP Version Not Supported";
  default: return "Answer";
  }
}

std::string date() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

} // namespace

HttpConnection::HttpConnection(uv_loop_t *loop, int fd, std::uint64_t id, Owner &owner) : tcp_(new uv_tcp_t), id_(id), owner_(owner) {
  uv_tcp_init(loop, tcp_);
  tcp_->data = this;
  if (uv_tcp_open(tcp_, fd) != 0) ::close(fd); // the first read then fails and ends it
}

void HttpConnection::start() {
  set_deadline(head_ms);
  read(true);
}

HttpConnection::~HttpConnection() {
  tcp_->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t *>(tcp_), [](uv_handle_t *handle) { delete reinterpret_cast<uv_tcp_t *>(handle); });
}

void HttpConnection::read(bool wanted) {
  if (wanted == reading_) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(reinterpret_cast<uv_stream_t *>(tcp_));
    return;
  }
  uv_read_start(
      reinterpret_cast<uv_stream_t *>(tcp_),
      [](uv_handle_t *, std::size_t, uv_buf_t *buffer) {
        static char bytes[64 * 1024]; // one thread, and what is read is copied at once
        *buffer = uv_buf_init(bytes, sizeof bytes);
      },
      [](uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
        auto *self = static_cast<HttpConnection *>(stream->data);
        if (!self || count == 0) return;
        if (count < 0) return self->owner_.ended(self->id_);
        self->received({buffer->base, static_cast<std::size_t>(count)});
      });
}

void HttpConnection::set_deadline(std::int64_t after_ms) {
  owner_.deadline_set(*this, after_ms ? static_cast<std::int64_t>(uv_now(tcp_->loop)) + after_ms : 0);
}

void HttpConnection::deadline_passed() {
  if (state_ == State::Streaming) return watch_stream();
  if (state_ != State::Head && state_ != State::Body) return owner_.ended(id_);
  if (state_ == State::Head && incoming_.empty()) return owner_.ended(id_); // nothing was asked
  refuse(408, "the request took too long to arrive");
}

void HttpConnection::received(std::string_view bytes) {
  if (state_ == State::Lingering || state_ == State::Streaming) return;
  if (state_ == State::Head && incoming_.empty()) set_deadline(head_ms);
  incoming_ += bytes;
  advance();
}

// take_head() and take_body() are false when there is nothing more to look at, or the owner has been told, who may have ended it all.
void HttpConnection::advance() {
  while (state_ == State::Head || state_ == State::Body)
    if (!(state_ == State::Head ? take_head() : take_body())) break;
}

bool HttpConnection::take_head() {
  while (incoming_.starts_with("\r\n")) incoming_.erase(0, 2); // RFC 9112, section 2.2
  std::size_t end = incoming_.find("\r\n\r\n");
  if (std::min(end, incoming_.size()) > most_head_bytes) {
    refuse(431, "the head of the request is larger than " + std::to_string(most_head_bytes) + " bytes");
    return false;
  }
  if (end == incoming_.npos) return false;
  head_text_ = incoming_.substr(0, end + 4);
  incoming_.erase(0, end + 4);
  auto parsed = parse_request_head(std::string_view(head_text_).substr(0, end));
  if (auto *problem = std::get_if<HeadProblem>(&parsed)) {
    refuse(problem->status, std::move(problem->message));
    return false;
  }
  head_ = std::move(std::get<RequestHead>(parsed));
  closing_ = closing_ || !head_.keep_alive;
  if (head_.upgrade && !head_.chunked && head_.content_length == 0) {
    state_ = State::Working;
    set_deadline(0);
    owner_.upgrade_wanted(*this);
    return false;
  }
  head_text_.clear();
  begin_body();
  return state_ == State::Body;
}

void HttpConnection::begin_body() {
  state_ = State::Body;
  body_bytes_ = 0;
  chunks_.reset();
  if (head_.chunked) chunks_.emplace();
  set_deadline(body_ms);
  head_.request.body_too_large = head_.content_length > owner_.most_request_bytes();
  if (head_.content_length > most_discarded_bytes) { // not even read to its end
    closing_ = true;
    head_.content_length = 0;
  } else if (head_.expects_continue && (head_.chunked || head_.content_length > 0)) {
    if (head_.request.body_too_large) { // the client waits: it need not send it
      closing_ = true;
      head_.content_length = 0;
    } else
      write("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

bool HttpConnection::take_body() {
  HttpRequest &request = head_.request;
  std::size_t taken = 0;
  if (chunks_)
    taken = chunks_->feed(incoming_, request.body);
  else {
    taken = static_cast<std::size_t>(std::min<std::uint64_t>(head_.content_length - body_bytes_, incoming_.size()));
    request.body.append(incoming_, 0, taken);
  }
  incoming_.erase(0, taken);
  body_bytes_ += taken;
  if (request.body.size() > owner_.most_request_bytes()) request.body_too_large = true;
  if (request.body_too_large) request.body.clear();
  if (chunks_ && chunks_->bad()) {
    refuse(400, "the body is not chunked as announced");
    return false;
  }
  if (body_bytes_ > most_discarded_bytes) closing_ = true;
  bool whole = chunks_ ? chunks_->done() || body_bytes_ > most_discarded_bytes : body_bytes_ == head_.content_length;
  if (!whole) return false;
  state_ = State::Working;
  set_deadline(0);
  if (incoming_.size() > most_ahead_bytes) read(false);
  owner_.requested(*this);
  return false;
}

void HttpConnection::refuse(int status, std::string message) {
  closing_ = true;
  incoming_.clear();
  state_ = State::Working;
  respond(owner_.refusal(head_.request, {status, std::move(message)}));
}

std::string HttpConnection::head_of(const HttpResponse &response) const {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ' + reason_of(response.status) + "\r\n";
  auto add = [&head](std::string_view name, std::string_view value) { head.append(name).append(": ").append(value).append("\r\n"); };
  add("date", date());
  add("server", "gqlsvl");
  if (!response.content_type.empty()) add("content-type", response.content_type);
  for (const auto &[name, value] : response.headers) add(name, value);
  if (response.status != 204 && state_ != State::Streaming) add("content-length", std::to_string(response.body.size()));
  if (closing_) add("connection", "close");
  return head + "\r\n";
}

void HttpConnection::respond(HttpResponse response) {
  if (state_ != State::Working) return;
  state_ = State::Writing;
  std::string bytes = head_of(response);
  if (head_.request.method != "HEAD" && response.status != 204) bytes += response.body;
  set_deadline(answer_ms);
  write(std::move(bytes));
}

void HttpConnection::begin_stream(HttpResponse head, std::int64_t longest_ms) {
  state_ = State::Streaming;
  closing_ = true;
  incoming_.clear();
  stream_until_ms_ = longest_ms ? static_cast<std::int64_t>(uv_now(tcp_->loop)) + longest_ms : 0;
  read(true); // tells when the client leaves
  send(head_of(head));
}

void HttpConnection::send(std::string piece) {
  if (state_ != State::Streaming) return;
  stream_busy_ = true;
  std::int64_t left = stream_until_ms_ ? stream_until_ms_ - static_cast<std::int64_t>(uv_now(tcp_->loop)) : stream_comment_ms;
  set_deadline(std::clamp<std::int64_t>(left, 1, stream_comment_ms));
  write(std::move(piece));
}

// A comment now and then keeps proxies from ending the stream, and shows whether the client still reads.
void HttpConnection::watch_stream() {
  bool over = stream_until_ms_ && static_cast<std::int64_t>(uv_now(tcp_->loop)) >= stream_until_ms_;
  if (over || stream_busy_) return owner_.ended(id_);
  send(":\n\n");
}

void HttpConnection::end_stream() {
  if (state_ == State::Streaming) state_ = State::Writing;
  if (!stream_busy_) linger();
}

void HttpConnection::write(std::string bytes) {
  auto *write = new Write{{}, std::move(bytes)};
  write->request.data = write;
  uv_buf_t buffer = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  int error = uv_write(&write->request, reinterpret_cast<uv_stream_t *>(tcp_), &buffer, 1, [](uv_write_t *request, int status) {
    auto *self = static_cast<HttpConnection *>(request->handle->data);
    delete static_cast<Write *>(request->data);
    if (self) self->written(status == 0);
  });
  if (error) delete write; // the connection is broken: reading tells
}

void HttpConnection::written(bool well) {
  if (!well) return owner_.ended(id_);
  stream_busy_ = false;
  if (state_ == State::Streaming) return owner_.stream_writable(*this);
  if (state_ != State::Writing) return; // "100 Continue"
  if (closing_) return linger();
  head_ = {};
  state_ = State::Head;
  set_deadline(incoming_.empty() ? idle_ms : head_ms);
  read(true);
  advance();
}

void HttpConnection::linger() {
  state_ = State::Lingering;
  incoming_.clear();
  set_deadline(linger_ms);
  read(true);
  auto *request = new uv_shutdown_t;
  int error = uv_shutdown(request, reinterpret_cast<uv_stream_t *>(tcp_), [](uv_shutdown_t *done, int) { delete done; });
  if (error) delete request;
}

int HttpConnection::release(std::string &received) {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<uv_handle_t *>(tcp_), &fd);
  received = head_text_ + incoming_;
  return dup(fd);
}

} // namespace gqlsvl::server
