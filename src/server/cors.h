// Which browser pages may call: the Origin header against gqlsvl.cors_origins.
//
// In:  the setting (comma separated origins, or *), an Origin header. Out: allowed or not, and the Access-Control-* headers to add.
// Pure. Always: an empty setting allows no origin; a request without Origin is not a browser's and passes (it proves nothing and is
// not hindered); origins are compared whole, without regard to case.
// Source: Fetch standard, "CORS protocol". Tests: test/unit/cors_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gqlsvl::server {

class Cors {
public:
  Cors() = default;
  explicit Cors(std::string_view setting);

  bool allows(std::string_view origin) const;
  // For an answer to a request with this Origin; empty when it is not allowed. `wanted_headers`: the preflight's
  // Access-Control-Request-Headers. All are allowed: what a header may do is decided when it comes, not by its name.
  std::vector<std::pair<std::string, std::string>> headers(std::string_view origin, bool preflight,
                                                           std::string_view wanted_headers = {}) const;

private:
  bool any_ = false;
  std::vector<std::string> origins_; // lower case
};

} // namespace gqlsvl::server
