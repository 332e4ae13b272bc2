#include "server/jwt.h"

#include "base/error.h"

#include <array>
#include <charconv>
#include <cmath>
#include <memory>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace gqlsvl::server {

namespace {

constexpr std::size_t least_hmac_key_bytes = 32; // Hasura refuses shorter ones too

struct Named {
  const char *name;
  JwtAlgorithm algorithm;
};
constexpr std::array<Named, 6> algorithms{{{"HS256", JwtAlgorithm::HS256},
                                           {"HS384", JwtAlgorithm::HS384},
                                           {"HS512", JwtAlgorithm::HS512},
                                           {"RS256", JwtAlgorithm::RS256},
                                           {"RS384", JwtAlgorithm::RS384},
                                           {"RS512", JwtAlgorithm::RS512}}};

bool is_hmac(JwtAlgorithm a) { return a == JwtAlgorithm::HS256 || a == JwtAlgorithm::HS384 || a == JwtAlgorithm::HS512; }

const EVP_MD *digest_of(JwtAlgorithm a) {
  switch (a) {
  case JwtAlgorithm::HS256:
  case JwtAlgorithm::RS256: return EVP_sha256();
  case JwtAlgorithm::HS384:
  case JwtAlgorithm::RS384: return EVP_sha384();
  case JwtAlgorithm::HS512:
  case JwtAlgorithm::RS512: return EVP_sha512();
  }
  return EVP_sha256();
}

const char *name_of(JwtAlgorithm a) {
  for (const Named &n : algorithms)
    if (n.algorithm == a) return n.name;
  return "?";
}

[[noreturn]] void refuse(const std::string &detail, const std::string &hint) {
  throw Error(sqlstate::invalid_parameter, "gqlsvl.jwt_secret is not valid", detail, hint);
}

std::string_view text_member(std::string_view name, const json::Value &value) {
  if (!value.is_string())
    refuse("The member \"" + std::string(name) + "\" is not a string.", "See the documentation of gqlsvl.jwt_secret.");
  return value.text;
}

struct FreePkey {
  void operator()(EVP_PKEY *p) const { EVP_PKEY_free(p); }
};
using Pkey = std::unique_ptr<EVP_PKEY, FreePkey>;

Pkey read_public_key(const std::string &pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (!bio) return nullptr;
  Pkey key;
  if (pem.find("BEGIN CERTIFICATE") != std::string::npos) {
    std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return nullptr;
  return key;
}

std::int64_t whole_number(const json::Value &value, std::int64_t otherwise) {
  double number = 0;
  auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (!value.is_number() || error != std::errc() || !(std::fabs(number) < 9e15)) return otherwise;
  return static_cast<std::int64_t>(number);
}

void read_algorithm(JwtKey &key, std::string_view name) {
  for (const Named &n : algorithms)
    if (name == n.name) {
      key.algorithm = n.algorithm;
      return;
    }
  refuse("The member \"type\" names an algorithm that is not supported.", "Use HS256, HS384, HS512, RS256, RS384 or RS512.");
}

void read_audience(JwtKey &key, const json::Value &value) {
  if (value.is_array()) {
    for (const json::Value &item : value.items) key.audience.emplace_back(text_member("audience", item));
  } else
    key.audience.emplace_back(text_member("audience", value));
}

void read_member(JwtKey &key, const std::string &name, const json::Value &value) {
  if (name == "type")
    read_algorithm(key, text_member(name, value));
  else if (name == "key")
    key.key = text_member(name, value);
  else if (name == "claims_namespace")
    key.claims_namespace = text_member(name, value);
  else if (name == "claims_format") {
    std::string_view format = text_member(name, value);
    if (format != "json" && format != "stringified_json") refuse("claims_format is neither json nor stringified_json.", "");
    key.claims_are_text = format == "stringified_json";
  } else if (name == "audience")
    read_audience(key, value);
  else if (name == "issuer")
    key.issuer = text_member(name, value);
  else if (name == "allowed_skew") {
    key.allowed_skew_s = whole_number(value, -1);
    if (key.allowed_skew_s < 0) refuse("allowed_skew is not a number of seconds.", "");
  } else if (name == "header") {
    std::optional<std::string_view> type = value.string("type"), header = value.string("name");
    if (type == "CustomHeader" && header) {
      key.header.assign(*header);
      for (char &c : key.header) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else if (type != "Authorization")
      refuse("The member \"header\" is not {\"type\": \"Authorization\"} or {\"type\": \"CustomHeader\", \"name\": ...}.",
             "Tokens in cookies are not supported yet.");
  } else
    refuse("The member \"" + name + "\" is not supported.",
           "Supported: type, key, claims_namespace, claims_format, audience, issuer, allowed_skew, header.");
}

JwtKey read_key(const json::Value &object) {
  if (!object.is_object()) refuse("It is not a JSON object or an array of them.", "Example: {\"type\": \"HS256\", \"key\": \"...\"}");
  JwtKey key;
  for (const auto &[name, value] : object.members) read_member(key, name, value);
  if (!object.find("type")) refuse("The member \"type\" is missing.", "Example: {\"type\": \"HS256\", \"key\": \"...\"}");
  if (is_hmac(key.algorithm)) {
    if (key.key.size() < least_hmac_key_bytes) refuse("The key is shorter than 32 bytes.", "Make one with: openssl rand -hex 32");
  } else if (!read_public_key(key.key))
    refuse("The key is not an RSA public key or certificate in PEM form.", "Newlines inside the JSON string are written \\n.");
  return key;
}

bool signature_is_right(const JwtKey &key, std::string_view signed_part, std::string_view signature) {
  const auto *data = reinterpret_cast<const unsigned char *>(signed_part.data());
  if (is_hmac(key.algorithm)) {
    unsigned char expected[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (!HMAC(digest_of(key.algorithm), key.key.data(), static_cast<int>(key.key.size()), data, signed_part.size(), expected, &length))
      return false;
    return signature.size() == length && CRYPTO_memcmp(expected, signature.data(), length) == 0;
  }
  Pkey public_key = read_public_key(key.key);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool right = public_key && context &&
               EVP_DigestVerifyInit(context.get(), nullptr, digest_of(key.algorithm), nullptr, public_key.get()) == 1 &&
               EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char *>(signature.data()), signature.size(), data,
                                signed_part.size()) == 1;
  ERR_clear_error();
  return right;
}

JwtVerdict invalid(std::string message) {
  JwtVerdict verdict;
  verdict.code = "invalid-jwt";
  verdict.message = "Could not verify JWT: " + std::move(message);
  return verdict;
}

bool in_audience(const JwtKey &key, const json::Value *claim) {
  if (key.audience.empty()) return true;
  if (!claim) return false;
  auto accepted = [&](const json::Value &v) {
    for (const std::string &a : key.audience)
      if (v.is_string() && v.text == a) return true;
    return false;
  };
  if (!claim->is_array()) return accepted(*claim);
  for (const json::Value &item : claim->items)
    if (accepted(item)) return true;
  return false;
}

// What is left to check of a token whose signature is right (RFC 7519, section 4.1).
JwtVerdict check_claims(const JwtKey &key, json::Value payload, std::int64_t now_s) {
  JwtVerdict verdict;
  constexpr std::int64_t unreadable = -1;
  if (const json::Value *exp = payload.find("exp")) {
    std::int64_t at = whole_number(*exp, unreadable);
    if (at <= 0) return invalid("JWTClaimsSetDecodeError exp is not a number of seconds");
    if (now_s >= at + key.allowed_skew_s) return invalid("JWTExpired");
    verdict.expires_at = at + key.allowed_skew_s;
  }
  if (const json::Value *nbf = payload.find("nbf")) {
    std::int64_t from = whole_number(*nbf, unreadable);
    if (from < 0) return invalid("JWTClaimsSetDecodeError nbf is not a number of seconds");
    if (now_s + key.allowed_skew_s < from) return invalid("JWTNotYetValid");
  }
  if (!in_audience(key, payload.find("aud"))) return invalid("JWTNotInAudience");
  if (!key.issuer.empty() && payload.string("iss") != std::optional<std::string_view>(key.issuer)) return invalid("JWTNotInIssuer");
  verdict.valid = true;
  verdict.payload = std::move(payload);
  verdict.key = &key;
  return verdict;
}

std::optional<json::Value> decode_object(std::string_view part) {
  std::string bytes;
  json::ParseError error;
  if (!decode_base64url(part, bytes)) return std::nullopt;
  std::optional<json::Value> value = json::parse(bytes, error, 32);
  if (!value || !value->is_object()) return std::nullopt;
  return value;
}

} // namespace

bool decode_base64url(std::string_view text, std::string &bytes) {
  bytes.clear();
  if (text.size() % 4 == 1) return false;
  unsigned buffer = 0;
  int bits = 0;
  for (char c : text) {
    int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '-'             ? 62
                : c == '_'             ? 63
                                       : -1;
    if (value < 0) return false;
    buffer = (buffer << 6 | static_cast<unsigned>(value)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xff);
    }
  }
  return true;
}

JwtConfig parse_jwt_config(std::string_view text) {
  JwtConfig config;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return config;
  json::ParseError error;
  std::optional<json::Value> value = json::parse(text, error, 8);
  // The parser's own message quotes the text around the error: the key may be in it.
  if (!value)
    refuse("It is not valid JSON (at byte " + std::to_string(error.byte) + ").", "Example: {\"type\": \"HS256\", \"key\": \"...\"}");
  if (value->is_array()) {
    for (const json::Value &item : value->items) config.keys.push_back(read_key(item));
  } else
    config.keys.push_back(read_key(*value));
  return config;
}

JwtVerdict verify_jwt(const JwtConfig &config, std::string_view token, std::int64_t now_s) {
  std::size_t first = token.find('.');
  std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return invalid("JWSError CompactDecodeError: a token has three parts separated by dots");
  std::optional<json::Value> header = decode_object(token.substr(0, first));
  std::optional<json::Value> payload = decode_object(token.substr(first + 1, second - first - 1));
  std::string signature;
  if (!header || !payload || !decode_base64url(token.substr(second + 1), signature))
    return invalid("JWSError CompactDecodeError: a part is not base64url of a JSON object");
  // RFC 7515, section 4.1.11: a `crit` that is not understood makes the token invalid; none is.
  if (header->find("crit")) return invalid("JWSError JWSCritUnprotected");

  std::optional<std::string_view> alg = header->string("alg");
  bool any_of_this_algorithm = false;
  for (const JwtKey &key : config.keys) {
    if (alg != std::optional<std::string_view>(name_of(key.algorithm))) continue;
    any_of_this_algorithm = true;
    if (signature_is_right(key, token.substr(0, second), signature)) return check_claims(key, std::move(*payload), now_s);
  }
  return invalid(any_of_this_algorithm ? "JWSError JWSInvalidSignature"
                                       : "JWSError JWSNoValidKey: the token's algorithm is not configured");
}

} // namespace gqlsvl::server
