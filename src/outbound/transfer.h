// One request on its way: a libcurl easy handle with everything it points to.
//
// In:  a Request, the address lists. Out: the Answer, once libcurl has finished it or its deadline has passed.
// Always: what is kept of an answer is bounded (body: Options::body_bytes, headers: 64 kB, then the transfer is given up); no exception
// leaves a callback; the address connected to is checked when the socket is opened, after DNS.
#pragma once
#include "outbound/address_list.h"
#include "outbound/client.h"

#include <curl/curl.h>

namespace gqlsvl::outbound {

using Clock = std::chrono::steady_clock;

struct Limits {
  AddressList allow, deny;
  std::string ca_file;
  std::size_t body_bytes;
  std::string user_agent;
};

class Transfer {
public:
  Transfer(Request request, const Limits &limits);
  ~Transfer();
  Transfer(const Transfer &) = delete;

  std::string refusal() const;            // why this request cannot be sent at all; empty: it can
  void prepare();                         // creates the handle; throws std::bad_alloc
  Answer finish(CURLcode code);           // of a transfer that libcurl has finished
  Answer fail(const std::string &reason); // without an HTTP answer
  Answer time_out();
  static std::string origin_of(const std::string &url); // scheme://host[:port] in lower case: what a connection is kept for

  CURL *easy = nullptr;
  const Clock::time_point deadline;

private:
  static std::size_t on_body(char *data, std::size_t size, std::size_t count, void *transfer) noexcept;
  static std::size_t on_header(char *data, std::size_t size, std::size_t count, void *transfer) noexcept;
  static curl_socket_t on_open(void *transfer, curlsocktype purpose, curl_sockaddr *address) noexcept;
  std::string failure(CURLcode code) const;

  const Limits &limits_;
  const Clock::time_point start_;
  Request request_;
  Answer answer_;
  curl_slist *header_list_ = nullptr;
  std::string denied_; // the address refused last
  std::size_t header_bytes_ = 0, body_bytes_ = 0;
  bool headers_too_large_ = false;
  char detail_[CURL_ERROR_SIZE] = "";
};

} // namespace gqlsvl::outbound
