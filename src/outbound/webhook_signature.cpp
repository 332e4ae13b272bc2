#include "outbound/webhook_signature.h"
#include "base/error.h"
#include "outbound/digest.h"

#include <openssl/evp.h>

#include <strings.h>

#include <sstream>

namespace gqlsvl::outbound {

static constexpr std::string_view prefix = "whsec_";
static constexpr std::size_t shortest_key = 24, longest_key = 64;

static std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  std::string with_end(out.size() + 1, '\0'); // EVP_EncodeBlock writes a zero byte behind
  EVP_EncodeBlock(reinterpret_cast<unsigned char *>(with_end.data()), reinterpret_cast<const unsigned char *>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return with_end.substr(0, out.size());
}

// Empty when it is not base64 with its padding.
static std::string from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  std::string out(text.size() / 4 * 3, '\0');
  int bytes = EVP_DecodeBlock(reinterpret_cast<unsigned char *>(out.data()), reinterpret_cast<const unsigned char *>(text.data()),
                              static_cast<int>(text.size()));
  if (bytes < 0) return {};
  out.resize(static_cast<std::size_t>(bytes) - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  return base64(out) == text ? out : std::string(); // the decoder passes over blanks and stray bits
}

std::vector<std::string> parse_signing_keys(const std::string &secret) {
  std::vector<std::string> keys;
  std::istringstream words(secret);
  for (std::string word; words >> word;) {
    std::string key = word.starts_with(prefix) ? from_base64(std::string_view(word).substr(prefix.size())) : "";
    if (key.size() < shortest_key || key.size() > longest_key)
      throw Error(sqlstate::invalid_parameter, "key " + std::to_string(keys.size() + 1) + " of the signing secret is not valid",
                  "It is not whsec_ with 24 to 64 bytes in base64 behind it.",
                  "Make one with: SELECT 'whsec_' || encode(gen_random_bytes(32), 'base64') (extension pgcrypto).");
    keys.push_back(std::move(key));
  }
  if (keys.empty())
    throw Error(sqlstate::invalid_parameter, "the signing secret holds no key", {}, "It is one key, or several separated by spaces.");
  return keys;
}

bool is_signature_header(const std::string &name) {
  for (const char *own : {"webhook-id", "webhook-timestamp", "webhook-signature"})
    if (strcasecmp(own, name.c_str()) == 0) return true;
  return false;
}

Headers signature_headers(const std::vector<std::string> &keys, const std::string &id, std::int64_t unix_seconds, std::string_view body) {
  std::string time = std::to_string(unix_seconds), signatures;
  const std::string content = id + '.' + time + '.' + std::string(body);
  for (const std::string &key : keys) signatures += (signatures.empty() ? "v1," : " v1,") + base64(hmac_sha256(key, content));
  return {{"webhook-id", id}, {"webhook-timestamp", time}, {"webhook-signature", signatures}};
}

} // namespace gqlsvl::outbound
