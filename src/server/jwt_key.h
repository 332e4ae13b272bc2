// Keys of JSON Web Tokens: from PEM or JWK, and whether one of them made a signature.
//
// In:  text of a key, the signed part of a token and its signature. Out: JwtKeyMaterial; yes or no.
// Pure: OpenSSL, no I/O. Always: a key serves one algorithm only, and its type and curve are that algorithm's; HMACs are compared in
// constant time.
// Source: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 (algorithms), RFC 8037 (EdDSA). Tests: test/unit/jwt_key_test.cpp.
#pragma once
#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace gqlsvl::server {

enum class JwtAlgorithm { HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, EdDSA };

std::optional<JwtAlgorithm> algorithm_named(std::string_view name);
const char *name_of(JwtAlgorithm algorithm);
bool is_hmac(JwtAlgorithm algorithm);

struct JwtKeyMaterial {
  JwtAlgorithm algorithm = JwtAlgorithm::HS256;
  std::string bytes; // HMAC: the secret; else the public key as DER of SubjectPublicKeyInfo
  std::string id;    // `kid` of a JWK; empty: none
};

// Nothing when it is not a public key or certificate of the algorithm's type.
std::optional<JwtKeyMaterial> key_of_pem(JwtAlgorithm algorithm, const std::string &pem);

// Nothing when it is not a public or symmetric JWK that is understood. Without `alg`: RS256, the curve's algorithm, EdDSA, HS256.
std::optional<JwtKeyMaterial> key_of_jwk(const json::Value &jwk);

bool signature_is_right(const JwtKeyMaterial &key, std::string_view signed_part, std::string_view signature);

// Base64url without padding (RFC 7515, appendix C). False on any other character.
bool decode_base64url(std::string_view text, std::string &bytes);

} // namespace gqlsvl::server
