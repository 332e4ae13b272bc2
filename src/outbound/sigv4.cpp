#include "outbound/sigv4.h"
#include "outbound/digest.h"

#include <algorithm>
#include <ctime>
#include <map>

namespace gqlsvl::outbound {

static constexpr char hex_lower[] = "0123456789abcdef", hex_upper[] = "0123456789ABCDEF";

static std::string hex(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes) {
    out += hex_lower[c >> 4];
    out += hex_lower[c & 15];
  }
  return out;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  std::string out;
  for (unsigned char c : text) {
    bool unreserved =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved || (keep_slash && c == '/')) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += hex_upper[c >> 4];
      out += hex_upper[c & 15];
    }
  }
  return out;
}

std::string encoded_query(const Headers &query) {
  Headers encoded;
  for (const auto &[name, value] : query) encoded.emplace_back(percent_encode(name, false), percent_encode(value, false));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto &[name, value] : encoded) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

// Trimmed, and runs of spaces become one.
static std::string header_value(std::string_view value) {
  std::string out;
  for (char c : value) {
    bool space = c == ' ' || c == '\t';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Lower-case names in order; the values of a name that comes twice are joined by commas, in the order given.
static std::map<std::string, std::string> canonical_headers(const Headers &headers) {
  std::map<std::string, std::string> out;
  for (const auto &[name, value] : headers) {
    std::string key = name;
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    auto [at, added] = out.emplace(key, header_value(value));
    if (!added) at->second += "," + header_value(value);
  }
  return out;
}

static std::string signed_names(const std::map<std::string, std::string> &headers) {
  std::string out;
  for (const auto &[name, value] : headers) out += (out.empty() ? "" : ";") + name;
  return out;
}

std::string canonical_request(const Signable &request) {
  auto headers = canonical_headers(request.headers);
  std::string out = request.method + "\n" + (request.path.empty() ? "/" : percent_encode(request.path, true)) + "\n";
  out += encoded_query(request.query) + "\n";
  for (const auto &[name, value] : headers) out += name + ":" + value + "\n";
  return out + "\n" + signed_names(headers) + "\n" + hex(sha256(request.body));
}

std::string authorization(const Signable &request, const Credentials &credentials, const Scope &scope) {
  std::string day = scope.time.substr(0, 8);
  std::string credential_scope = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
  std::string to_sign = "AWS4-HMAC-SHA256\n" + scope.time + "\n" + credential_scope + "\n" + hex(sha256(canonical_request(request)));
  std::string key = hmac_sha256("AWS4" + credentials.secret_access_key, day);
  for (const std::string &part : {scope.region, scope.service, std::string("aws4_request")}) key = hmac_sha256(key, part);
  return "AWS4-HMAC-SHA256 Credential=" + credentials.access_key_id + "/" + credential_scope +
         ", SignedHeaders=" + signed_names(canonical_headers(request.headers)) + ", Signature=" + hex(hmac_sha256(key, to_sign));
}

std::string amz_time(std::int64_t unix_seconds) {
  std::time_t seconds = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return text;
}

} // namespace gqlsvl::outbound
