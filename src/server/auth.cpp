#include "server/auth.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace gqlsvl::server {

namespace {

constexpr std::string_view role_header = "x-hasura-role", secret_header = "x-hasura-admin-secret";

const std::string *find(const Headers &headers, std::string_view name) {
  auto it = headers.find(name);
  return it == headers.end() ? nullptr : &it->second;
}

Denial deny(std::string code, std::string message, std::string hint = {}) {
  return Denial{false, std::move(code), std::move(message), std::move(hint)};
}

// Digests have one length, so the time does not tell the secret's.
bool equal_secrets(std::string_view a, std::string_view b) {
  unsigned char digest_a[SHA256_DIGEST_LENGTH], digest_b[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char *>(a.data()), a.size(), digest_a);
  SHA256(reinterpret_cast<const unsigned char *>(b.data()), b.size(), digest_b);
  return CRYPTO_memcmp(digest_a, digest_b, sizeof digest_a) == 0;
}

using Variables = std::map<std::string, std::string>; // x-hasura-*, lower case

std::string to_json(const Variables &variables) {
  std::string out = "{";
  for (const auto &[name, value] : variables) {
    if (out.size() > 1) out += ',';
    json::append_string(out, name);
    out += ':';
    json::append_string(out, value);
  }
  return out + "}";
}

// U+0000 would end the name where Postgres reads it.
bool is_role_name(std::string_view role) { return role.find('\0') == role.npos; }

Session make_session(const AuthConfig &config, const std::string &role, Variables variables, std::string claims) {
  Session session;
  auto mapped = config.role_map.find(role);
  session.role = mapped == config.role_map.end() ? role : mapped->second;
  variables[std::string(role_header)] = role;
  session.hasura_user = to_json(variables);
  session.claims = std::move(claims);
  return session;
}

AuthResult admin_session(const AuthConfig &config, const Headers &headers) {
  const std::string *role = find(headers, role_header);
  // Hasura's own name for "all rights" is the role we run an admin request as.
  bool as_admin = !role || role->empty() || *role == "admin";
  if (as_admin && config.admin_role.empty())
    return deny("access-denied", "the request has the admin secret but no role to run as",
                "Set gqlsvl.admin_role, or send the header x-hasura-role.");
  if (role && !is_role_name(*role)) return deny("access-denied", "the requested role is no name of a role");
  Variables variables;
  for (const auto &[name, value] : headers)
    if (name.starts_with("x-hasura-") && name != secret_header) variables[name] = value;
  Session session = make_session(config, as_admin ? config.admin_role : *role, std::move(variables), "{}");
  session.admin = true;
  return session;
}

std::string text_of(const json::Value &value) { return value.is_string() ? value.text : json::to_string(value); }

struct HasuraClaims {
  std::string default_role;
  std::vector<std::string> allowed_roles;
  Variables variables;
};

// The namespace's object, its names in lower case. Out of `problem`: what is wrong.
std::variant<HasuraClaims, Denial> read_claims(const json::Value &object) {
  HasuraClaims claims;
  bool has_default = false, has_allowed = false;
  for (const auto &[written, value] : object.members) {
    std::string name = lower(written);
    if (name == "x-hasura-allowed-roles") {
      if (!value.is_array()) return deny("jwt-invalid-claims", "invalid x-hasura-allowed-roles; should be a list of roles");
      has_allowed = true;
      for (const json::Value &item : value.items)
        if (item.is_string()) claims.allowed_roles.push_back(item.text);
    } else if (name == "x-hasura-default-role") {
      if (!value.is_string()) return deny("jwt-invalid-claims", "invalid x-hasura-default-role; should be a role");
      has_default = true;
      claims.default_role = value.text;
    } else if (name.starts_with("x-hasura-"))
      claims.variables[name] = text_of(value);
  }
  if (!has_allowed) return deny("jwt-missing-role-claims", "JWT claim does not contain x-hasura-allowed-roles");
  if (!has_default) return deny("jwt-missing-role-claims", "JWT claim does not contain x-hasura-default-role");
  return claims;
}

AuthResult token_session(const AuthConfig &config, const JwtVerdict &verdict, const Headers &headers) {
  const std::string *wanted = find(headers, role_header);
  auto found = find_claims(verdict.key->claims, verdict.payload);
  HasuraClaims claims;
  if (auto *object = std::get_if<json::Value>(&found)) {
    auto read = read_claims(*object);
    if (auto *denial = std::get_if<Denial>(&read)) return std::move(*denial);
    claims = std::move(std::get<HasuraClaims>(read));
  } else if (const std::string &wrong = std::get<NoClaims>(found).wrong; !wrong.empty())
    return deny("jwt-invalid-claims", wrong);
  else {
    std::optional<std::string_view> role = verdict.payload.string("role");
    if (!role || role->empty())
      return deny("jwt-missing-role-claims", "claims key: '" + verdict.key->claims.name + "' not found",
                  "A token names its role under that key, or in the claim \"role\".");
    claims.default_role = *role;
    claims.allowed_roles = {claims.default_role};
  }
  const std::string &role = wanted && !wanted->empty() ? *wanted : claims.default_role;
  if (std::find(claims.allowed_roles.begin(), claims.allowed_roles.end(), role) == claims.allowed_roles.end())
    return deny("access-denied", wanted ? "Your requested role is not in allowed roles" : "Your default role is not in allowed roles");
  if (!is_role_name(role)) return deny("jwt-invalid-claims", "the token's role is no name of a role");
  Session session = make_session(config, role, std::move(claims.variables), json::to_string(verdict.payload));
  session.expires_at = verdict.expires_at;
  return session;
}

struct OfferedToken {
  bool present = false, malformed = false;
  std::string_view token;
};

// The value of a cookie (RFC 6265, section 4.2.1); empty when it is not there.
std::string_view cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
  }
  return {};
}

OfferedToken find_token(const AuthConfig &config, const Headers &headers) {
  OfferedToken offered;
  for (const JwtKey &key : config.jwt.keys) {
    const std::string *value = find(headers, key.header);
    std::string_view token = value ? std::string_view(*value) : std::string_view();
    if (!key.cookie.empty()) token = cookie(token, key.cookie);
    if (token.empty()) continue;
    offered.present = true;
    offered.token = token;
    if (key.header != "authorization") return offered;
    if (lower(offered.token.substr(0, 7)) == "bearer ") {
      offered.token.remove_prefix(7);
      offered.token.remove_prefix(std::min(offered.token.find_first_not_of(' '), offered.token.size()));
    } else
      offered.malformed = true;
    return offered;
  }
  return offered;
}

} // namespace

bool has_admin_secret(const AuthConfig &config, const Headers &headers) {
  const std::string *secret = find(headers, secret_header);
  return secret && !config.admin_secret.empty() && equal_secrets(*secret, config.admin_secret);
}

AuthResult authenticate(const AuthConfig &config, const Headers &headers, std::int64_t now_s) {
  if (has_admin_secret(config, headers)) return admin_session(config, headers);
  if (find(headers, secret_header)) return deny("access-denied", "invalid \"x-hasura-admin-secret\"");
  OfferedToken offered = find_token(config, headers);
  if (offered.malformed) return deny("invalid-headers", "Malformed Authorization header", "Send Authorization: Bearer TOKEN.");
  if (offered.present) {
    JwtVerdict verdict = verify_jwt(config.jwt, offered.token, now_s);
    if (!verdict.valid) return deny(verdict.code, verdict.message);
    return token_session(config, verdict, headers);
  }
  if (find(headers, "authorization") && config.jwt.keys.empty())
    return deny("access-denied", "the request has a token but no key to verify it is configured", "Set gqlsvl.jwt_secret.");
  if (!config.anonymous_role.empty()) return make_session(config, config.anonymous_role, {}, "{}");
  Denial denial = deny("access-denied", "the request has no credentials",
                       config.closed() ? "Set gqlsvl.jwt_secret, gqlsvl.admin_secret or gqlsvl.anonymous_role to let requests in."
                                       : "Send Authorization: Bearer TOKEN.");
  denial.no_credentials = true;
  return denial;
}

std::map<std::string, std::string, std::less<>> parse_role_map(std::string_view text) {
  std::map<std::string, std::string, std::less<>> map;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return map;
  json::ParseError error;
  std::optional<json::Value> value = json::parse(text, error, 4);
  bool right = value && value->is_object();
  if (right)
    for (const auto &[name, role] : value->members) {
      right = right && role.is_string() && !role.text.empty();
      map[name] = role.text;
    }
  if (!right)
    throw Error(sqlstate::invalid_parameter, "gqlsvl.role_map is not a JSON object of strings", {}, "Example: {\"user\": \"customer\"}");
  return map;
}

Headers merge_init_payload(Headers upgrade, const json::Value &payload) {
  for (const char *name : {"Authorization", "authorization"})
    if (auto token = payload.string(name)) upgrade["authorization"] = *token;
  if (const json::Value *headers = payload.find("headers"); headers && headers->is_object())
    for (const auto &[name, value] : headers->members)
      if (value.is_string() || value.is_number()) upgrade[lower(name)] = value.text;
  return upgrade;
}

} // namespace gqlsvl::server
