#include "outbound/transfer.h"

#include "base/text.h"
#include "base/utf8.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace gqlsvl::outbound {

static constexpr std::size_t longest_header_block = 64 * 1024;
// What is read and thrown away of a longer body, so that the connection can be kept; beyond, the connection is dropped.
static constexpr std::size_t longest_discarded_body = 1024 * 1024;

Transfer::Transfer(Request request, const Limits &limits)
    : deadline(Clock::now() + request.timeout), limits_(limits), start_(Clock::now()), request_(std::move(request)) {
  answer_.ticket = request_.ticket;
}

Transfer::~Transfer() {
  if (easy != nullptr) curl_easy_cleanup(easy);
  curl_slist_free_all(header_list_);
}

static bool is_token(const std::string &text) {
  static constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f && separators.find(static_cast<char>(c)) == std::string_view::npos;
  });
}

// A line break in a header would let its author write further headers.
std::string Transfer::refusal() const {
  if (!is_token(request_.method)) return "\"" + request_.method + "\" is not an HTTP method";
  for (const auto &[name, value] : request_.headers) {
    if (!is_token(name)) return "\"" + name + "\" is not the name of an HTTP header";
    if (value.find_first_of(std::string("\r\n\0", 3)) != std::string::npos) return "header \"" + name + "\" holds a line break";
  }
  return {};
}

std::string Transfer::origin_of(const std::string &url) {
  auto scheme = url.find("://");
  auto end = url.find_first_of("/?#", scheme == std::string::npos ? 0 : scheme + 3);
  std::string origin = url.substr(0, end);
  std::transform(origin.begin(), origin.end(), origin.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return origin;
}

static void append_header(curl_slist *&list, const std::string &line) {
  curl_slist *longer = curl_slist_append(list, line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list = longer;
}

void Transfer::prepare() {
  easy = curl_easy_init();
  if (easy == nullptr) throw std::bad_alloc();
  bool has_type = false;
  for (const auto &[name, value] : request_.headers) {
    append_header(header_list_, value.empty() ? name + ";" : name + ": " + value); // "name;" is libcurl's way to send it empty
    has_type = has_type || strcasecmp(name.c_str(), "content-type") == 0;
  }
  if (!has_type) append_header(header_list_, "Content-Type:"); // none, instead of libcurl's form type
  append_header(header_list_, "Expect:");                      // no round trip for 100-continue

  auto set = [this](CURLoption option, auto value) {
    if (curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  };
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_ERRORBUFFER, detail_);
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L); // Lambda's path is signed as it stands
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(CURLOPT_POSTFIELDS, request_.body.data());
  if (request_.method == "GET" && request_.body.empty())
    set(CURLOPT_HTTPGET, 1L);
  else if (request_.method != "POST")
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  set(CURLOPT_HTTPHEADER, header_list_);
  if (!limits_.user_agent.empty()) set(CURLOPT_USERAGENT, limits_.user_agent.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L); // giving up does not wait for a resolver thread
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!limits_.ca_file.empty()) {
    set(CURLOPT_CAINFO, limits_.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char *>(nullptr)); // only these: a private authority is named so as not to trust all others
  }
  set(CURLOPT_TCP_KEEPALIVE, 1L); // a function may work for 15 minutes; routers forget idle connections sooner
  // The deadline is kept by Client, from add() on; this only replaces libcurl's own limit of 300 s for connecting.
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(request_.timeout.count(), 1)));
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  set(CURLOPT_OPENSOCKETDATA, this);
}

std::size_t Transfer::on_body(char *data, std::size_t size, std::size_t count, void *transfer) noexcept {
  auto *self = static_cast<Transfer *>(transfer);
  std::size_t bytes = size * count, room = self->limits_.body_bytes - self->answer_.body.size();
  self->body_bytes_ += bytes;
  try {
    self->answer_.body.append(data, std::min(bytes, room));
  } catch (const std::bad_alloc &) { return 0; }
  self->answer_.body_cut = self->body_bytes_ > self->limits_.body_bytes;
  return self->body_bytes_ > self->limits_.body_bytes + longest_discarded_body ? 0 : bytes;
}

std::size_t Transfer::on_header(char *data, std::size_t size, std::size_t count, void *transfer) noexcept {
  auto *self = static_cast<Transfer *>(transfer);
  std::size_t bytes = size * count;
  self->header_bytes_ += bytes; // of interim answers (1xx) and trailers too: a peer may send these without end
  if (self->header_bytes_ > longest_header_block) {
    self->headers_too_large_ = true;
    return 0;
  }
  std::string_view line(data, bytes);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  try {
    if (line.starts_with("HTTP/")) self->answer_.headers.clear();
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return bytes;
    self->answer_.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  } catch (const std::bad_alloc &) { return 0; }
  return bytes;
}

curl_socket_t Transfer::on_open(void *transfer, curlsocktype, curl_sockaddr *address) noexcept {
  auto *self = static_cast<Transfer *>(transfer);
  Address real;
  try {
    if (!address_of(&address->addr, real)) return CURL_SOCKET_BAD;
    if (self->limits_.deny.contains(real) && !self->limits_.allow.contains(real)) {
      self->denied_ = address_text(real);
      return CURL_SOCKET_BAD;
    }
  } catch (const std::bad_alloc &) { return CURL_SOCKET_BAD; }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::string Transfer::failure(CURLcode code) const {
  // libcurl calls it out of memory when one line is longer than the 100 kB it takes.
  bool line_too_long = code == CURLE_OUT_OF_MEMORY && header_bytes_ > 0 && body_bytes_ == 0;
  if (headers_too_large_ || line_too_long) return "the answer's headers are larger than " + std::to_string(longest_header_block) + " bytes";
  std::string detail = readable_text(*detail_ != 0 ? detail_ : curl_easy_strerror(code), CURL_ERROR_SIZE);
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST: return "could not resolve host: " + detail;
  case CURLE_COULDNT_CONNECT:
    if (!denied_.empty()) return "address " + denied_ + " is denied by gqlsvl.outbound_deny";
    if (os_error == ECONNREFUSED) return "connection refused";
    return "could not connect: " + (os_error != 0 ? std::string(strerrordesc_np(static_cast<int>(os_error))) : detail);
  case CURLE_OPERATION_TIMEDOUT: return "time-out after " + std::to_string(request_.timeout.count()) + " ms";
  case CURLE_GOT_NOTHING: return "the connection was closed before an answer came";
  case CURLE_PARTIAL_FILE: return "the connection was closed before the answer was complete";
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR: return "the connection broke: " + detail;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CACERT_BADFILE: return "TLS: " + detail;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL: return "the URL cannot be used: " + detail;
  default: return detail;
  }
}

Answer Transfer::fail(const std::string &reason) {
  answer_.status = 0;
  answer_.headers.clear();
  answer_.body.clear();
  answer_.body_cut = false;
  answer_.error = reason;
  answer_.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_);
  return std::move(answer_);
}

Answer Transfer::time_out() {
  std::string reason = "time-out after " + std::to_string(request_.timeout.count()) + " ms";
  long status = 0;
  if (easy != nullptr) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != 0) reason += ": the answer (HTTP " + std::to_string(status) + ") was not complete";
  return fail(reason);
}

Answer Transfer::finish(CURLcode code) {
  // A body given up because of its length: its status is known and its beginning kept, which is all that is asked of it.
  bool body_given_up = code == CURLE_WRITE_ERROR && answer_.body_cut && !headers_too_large_;
  if (code != CURLE_OK && !body_given_up) return fail(failure(code));
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer_.status = static_cast<int>(status);
  answer_.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_);
  return std::move(answer_);
}

} // namespace gqlsvl::outbound
