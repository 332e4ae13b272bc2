// The head of an HTTP/1 request: text -> method, path, arguments, headers, and how the body is framed.
//
// In:  everything before the empty line. Out: RequestHead, or the status and reason to refuse it with.
// Pure. Always: strict where laxness lets one request be read as two: bare line ends, folded lines, blanks before a colon, a repeated or
// odd Content-Length and Content-Length beside Transfer-Encoding are refused. Header names in lower case; a repeated header's values are
// joined by a comma.
// Source: RFC 9112, sections 2-7; RFC 9110, section 5. Tests: test/unit/http_head_test.cpp, test/fuzz/http_head_fuzz.cpp.
#pragma once
#include "server/http_message.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace gqlsvl::server {

struct RequestHead {
  HttpRequest request;
  bool keep_alive = true;
  bool upgrade = false;          // to whatever the header `upgrade` says
  bool expects_continue = false; // the client waits for 100 before it sends the body
  bool chunked = false;
  std::uint64_t content_length = 0;
};

struct HeadProblem {
  int status;
  std::string message;
};

std::variant<RequestHead, HeadProblem> parse_request_head(std::string_view head);

// "a=1&b=%20" as a browser's form writes it: + and %20 are blanks.
std::vector<std::pair<std::string, std::string>> parse_arguments(std::string_view query);

} // namespace gqlsvl::server
