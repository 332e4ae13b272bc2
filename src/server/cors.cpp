#include "server/cors.h"

#include <algorithm>

namespace gqlsvl::server {

static std::string normal_form(std::string_view origin) {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!origin.empty() && blank(origin.front())) origin.remove_prefix(1);
  while (!origin.empty() && (blank(origin.back()) || origin.back() == '/')) origin.remove_suffix(1);
  std::string out(origin);
  for (char &c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

Cors::Cors(std::string_view setting) {
  while (!setting.empty()) {
    std::size_t comma = setting.find(',');
    std::string origin = normal_form(setting.substr(0, comma));
    if (origin == "*")
      any_ = true;
    else if (!origin.empty())
      origins_.push_back(std::move(origin));
    setting.remove_prefix(comma == std::string_view::npos ? setting.size() : comma + 1);
  }
}

bool Cors::allows(std::string_view origin) const {
  return any_ || std::find(origins_.begin(), origins_.end(), normal_form(origin)) != origins_.end();
}

std::vector<std::pair<std::string, std::string>> Cors::headers(std::string_view origin, bool preflight,
                                                               std::string_view wanted_headers) const {
  if (origin.empty() || !allows(origin)) return {};
  // The origin is named even under `*`: the answer then also serves requests with credentials, as Hasura's does.
  std::vector<std::pair<std::string, std::string>> out{{"access-control-allow-origin", std::string(origin)}, {"vary", "Origin"}};
  if (preflight) {
    out.emplace_back("access-control-allow-methods", "GET, POST, OPTIONS");
    out.emplace_back("access-control-allow-headers", wanted_headers.empty() ? "authorization, content-type" : wanted_headers);
    out.emplace_back("access-control-max-age", "1728000");
  } else
    out.emplace_back("access-control-expose-headers", "x-request-id");
  return out;
}

} // namespace gqlsvl::server
