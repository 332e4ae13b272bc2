#include "server/jwt.h"

#include "base/error.h"
#include "base/text.h"

#include <charconv>
#include <cmath>

namespace gqlsvl::server {

namespace {

constexpr std::size_t least_hmac_key_bytes = 32; // Hasura refuses shorter ones too

[[noreturn]] void refuse(const std::string &detail, const std::string &hint) {
  throw Error(sqlstate::invalid_parameter, "gqlsvl.jwt_secret is not valid", detail, hint);
}

std::string_view text_member(std::string_view name, const json::Value &value) {
  if (!value.is_string())
    refuse("The member \"" + std::string(name) + "\" is not a string.", "See the documentation of gqlsvl.jwt_secret.");
  return value.text;
}

std::int64_t whole_number(const json::Value &value, std::int64_t otherwise) {
  double number = 0;
  auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (!value.is_number() || error != std::errc() || !(std::fabs(number) < 9e15)) return otherwise;
  return static_cast<std::int64_t>(number);
}

void read_audience(JwtKey &key, const json::Value &value) {
  if (value.is_array()) {
    for (const json::Value &item : value.items) key.audience.emplace_back(text_member("audience", item));
  } else
    key.audience.emplace_back(text_member("audience", value));
}

ClaimsPath read_path(std::string_view member, const json::Value &value) {
  std::optional<ClaimsPath> path = parse_claims_path(text_member(member, value));
  if (!path)
    refuse("The member \"" + std::string(member) + "\" is not a path.", "Examples: $, $.hasura.claims, $['https://example.com/claims'].");
  return *path;
}

void read_claims_map(JwtKey &key, const json::Value &value) {
  if (!value.is_object() || value.members.empty()) refuse("The member \"claims_map\" is not an object of claims.", "");
  for (const auto &[name, written] : value.members) {
    ClaimsRule &rule = key.claims.map.emplace_back();
    rule.name = name;
    if (const json::Value *path = written.find("path")) {
      rule.path = read_path("path", *path);
      if (const json::Value *otherwise = written.find("default")) rule.value = *otherwise;
    } else
      rule.value = written;
  }
}

void read_header(JwtKey &key, const json::Value &value) {
  std::string_view type = value.string("type").value_or(""), name = value.string("name").value_or("");
  if (type == "CustomHeader" && !name.empty())
    key.header = lower(name);
  else if (type == "Cookie" && !name.empty()) {
    key.header = "cookie";
    key.cookie = name;
  } else if (type != "Authorization")
    refuse("The member \"header\" is none of those there are.",
           R"(Use {"type": "Authorization"}, {"type": "CustomHeader", "name": ...} or {"type": "Cookie", "name": ...}.)");
}

void read_claims_format(JwtKey &key, const json::Value &value) {
  std::string_view format = text_member("claims_format", value);
  if (format != "json" && format != "stringified_json") refuse("claims_format is neither json nor stringified_json.", "");
  key.claims.are_text = format == "stringified_json";
}

void read_skew(JwtKey &key, const json::Value &value) {
  key.allowed_skew_s = whole_number(value, -1);
  if (key.allowed_skew_s < 0) refuse("allowed_skew is not a number of seconds.", "");
}

void read_member(JwtKey &key, const std::string &name, const json::Value &value) {
  if (name == "claims_namespace")
    key.claims.name = text_member(name, value);
  else if (name == "claims_namespace_path")
    key.claims.path = read_path(name, value);
  else if (name == "claims_format")
    read_claims_format(key, value);
  else if (name == "claims_map")
    read_claims_map(key, value);
  else if (name == "audience")
    read_audience(key, value);
  else if (name == "issuer")
    key.issuer = text_member(name, value);
  else if (name == "allowed_skew")
    read_skew(key, value);
  else if (name == "header")
    read_header(key, value);
  else if (name != "type" && name != "key")
    refuse("The member \"" + name + "\" is not supported.", "Supported: type, key, claims_namespace, claims_namespace_path, claims_format, "
                                                            "claims_map, audience, issuer, allowed_skew, header.");
}

JwtKeyMaterial read_material(const json::Value &object) {
  const json::Value *type = object.find("type"), *key = object.find("key");
  if (!type) refuse("The member \"type\" is missing.", "Example: {\"type\": \"HS256\", \"key\": \"...\"}");
  std::optional<JwtAlgorithm> algorithm = algorithm_named(text_member("type", *type));
  if (!algorithm)
    refuse("The member \"type\" names an algorithm that is not supported.", "Use HS256, RS256, ES256, their 384 and 512 forms, or EdDSA.");
  std::string text(key ? text_member("key", *key) : "");
  if (is_hmac(*algorithm)) return {*algorithm, std::move(text), {}};
  std::optional<JwtKeyMaterial> material = key_of_pem(*algorithm, text);
  if (!material)
    refuse(std::string("The key is not a public key or certificate for ") + name_of(*algorithm) + " in PEM form.",
           "Newlines inside the JSON string are written \\n.");
  return *material;
}

JwtKey checked(JwtKey key) {
  if (is_hmac(key.material.algorithm) && key.material.bytes.size() < least_hmac_key_bytes)
    refuse("The key is shorter than 32 bytes.", "Make one with: openssl rand -hex 32");
  return key;
}

void read_keys(JwtConfig &config, const json::Value &object) {
  if (!object.is_object()) refuse("It is not a JSON object or an array of them.", "Example: {\"type\": \"HS256\", \"key\": \"...\"}");
  if (const json::Value *set = object.find("keys"); set && set->is_array()) {
    for (const json::Value &jwk : set->items) read_keys(config, jwk);
    return;
  }
  JwtKey key;
  if (object.find("kty")) {
    std::optional<JwtKeyMaterial> material = key_of_jwk(object);
    if (!material) refuse("A JWK is not a key of a supported algorithm.", "Supported: RSA, EC (P-256, P-384, P-521), OKP (Ed25519), oct.");
    key.material = std::move(*material);
  } else {
    for (const auto &[name, value] : object.members) read_member(key, name, value);
    key.material = read_material(object);
  }
  config.keys.push_back(checked(std::move(key)));
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

JwtConfig parse_jwt_config(std::string_view text) {
  JwtConfig config;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return config;
  json::ParseError error;
  std::optional<json::Value> value = json::parse(text, error, 8);
  // The parser's own message quotes the text around the error: the key may be in it.
  if (!value)
    refuse("It is not valid JSON (at byte " + std::to_string(error.byte) + ").", "Example: {\"type\": \"HS256\", \"key\": \"...\"}");
  if (value->is_array()) {
    for (const json::Value &item : value->items) read_keys(config, item);
  } else
    read_keys(config, *value);
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

  std::optional<std::string_view> alg = header->string("alg"), id = header->string("kid");
  bool any_of_this_algorithm = false;
  for (const JwtKey &key : config.keys) {
    if (alg != std::optional<std::string_view>(name_of(key.material.algorithm))) continue;
    if (id && !key.material.id.empty() && *id != key.material.id) continue;
    any_of_this_algorithm = true;
    if (signature_is_right(key.material, token.substr(0, second), signature)) return check_claims(key, std::move(*payload), now_s);
  }
  return invalid(any_of_this_algorithm ? "JWSError JWSInvalidSignature"
                                       : "JWSError JWSNoValidKey: no key of the token's algorithm and kid is configured");
}

} // namespace gqlsvl::server
