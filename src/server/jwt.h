// JSON Web Tokens: is this token signed by the configured key, and valid now?
//
// In:  the value of gqlsvl.jwt_secret (= HASURA_GRAPHQL_JWT_SECRET: an object, an array of them, a JWK or a set), a compact token, the
// time. Out: the token's payload, or a code and message as Hasura v2 words them. Pure: no clock, no I/O. Always: the algorithm is the
// configured one, never the token's choice (no `none`, no HMAC with a public key); signatures are compared in constant time; neither key
// nor token appears in a message. Source: RFC 7515, RFC 7519; Hasura v2 docs "JWT config". Tests: test/unit/jwt_test.cpp,
// test/fuzz/jwt_fuzz.cpp.
#pragma once
#include "server/claims_path.h"
#include "server/jwt_key.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gqlsvl::server {

struct JwtKey {
  JwtKeyMaterial material;
  ClaimsPlace claims;
  std::vector<std::string> audience;
  std::string issuer;
  std::int64_t allowed_skew_s = 0;
  std::string header = "authorization"; // lower case; another header carries the bare token
  std::string cookie;                   // not empty: the token is in this cookie
};

struct JwtConfig {
  std::vector<JwtKey> keys; // empty: tokens are not accepted
};

// Throws Error (22023) that names the wrong or unsupported member, never its value. Empty text: no keys.
JwtConfig parse_jwt_config(std::string_view text);

struct JwtVerdict {
  bool valid = false;
  std::string code, message; // when not valid
  json::Value payload;       // an object when valid
  std::int64_t expires_at = 0;
  const JwtKey *key = nullptr; // the one that verified it
};

JwtVerdict verify_jwt(const JwtConfig &config, std::string_view token, std::int64_t now_s);

} // namespace gqlsvl::server
