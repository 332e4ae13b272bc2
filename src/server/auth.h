// Who is asking: headers -> Session, or a refusal.
//
// In:  AuthConfig (from settings), request headers with lower-case names (for a socket: connection_init's merged with the upgrade's), time.
// Out: Session of the database side, or the GraphQL error to answer with.
// Pure. Always: closed by default (no key, no secret, no anonymous role: nobody gets in); the admin secret is compared in constant time;
// x-hasura-* headers are believed only together with the admin secret, save x-hasura-role, which chooses among the token's roles.
// Whether the role exists and is granted is checked by the executor at each request, not here.
// Source: Hasura v2 docs "Authentication"; codes and messages as Hasura's. Tests: test/unit/auth_test.cpp.
#pragma once
#include "server/backend.h"
#include "server/http_message.h"
#include "server/jwt.h"

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace gqlsvl::server {

struct AuthConfig {
  JwtConfig jwt;
  std::string admin_secret, admin_role, anonymous_role;     // empty: not set
  std::map<std::string, std::string, std::less<>> role_map; // role of a token -> database role

  bool closed() const { return jwt.keys.empty() && admin_secret.empty() && anonymous_role.empty(); }
};

struct Denial {
  bool no_credentials = false; // nothing was offered: HTTP 401
  std::string code, message, hint;
};

using AuthResult = std::variant<Session, Denial>;

AuthResult authenticate(const AuthConfig &config, const Headers &headers, std::int64_t now_s);

bool has_admin_secret(const AuthConfig &config, const Headers &headers);

// JSON object of strings -> map. Throws Error (22023) otherwise.
std::map<std::string, std::string, std::less<>> parse_role_map(std::string_view text);

// Adds connection_init's payload to the upgrade's headers; the payload wins. Reads payload.headers.* and payload.Authorization.
Headers merge_init_payload(Headers upgrade, const json::Value &payload);

} // namespace gqlsvl::server
