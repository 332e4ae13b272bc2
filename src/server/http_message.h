// An HTTP request and its answer as values: no socket, no framing.
#pragma once
#include "base/no_postgres.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gqlsvl::server {

using Headers = std::map<std::string, std::string, std::less<>>; // names in lower case

struct HttpRequest {
  std::string method, path;
  std::vector<std::pair<std::string, std::string>> arguments; // of the URL, decoded
  Headers headers;
  std::string body;
  bool body_too_large = false;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8"; // empty: there is no body
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

} // namespace gqlsvl::server
