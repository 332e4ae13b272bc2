// Signatures by the examples of the RFCs, and keys that are not what they say.
#include "server/jwt_key.h"

#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::server;

namespace {

std::optional<JwtKeyMaterial> key(const std::string &text) {
  json::ParseError error;
  return key_of_jwk(json::parse(text, error).value());
}

bool verifies(const std::optional<JwtKeyMaterial> &material, const std::string &token) {
  std::string signature;
  std::size_t dot = token.rfind('.');
  return material && decode_base64url(token.substr(dot + 1), signature) && signature_is_right(*material, token.substr(0, dot), signature);
}

const std::string p256 =
    R"({"kty":"EC","crv":"P-256","kid":"one","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string es256 =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const std::string ed25519 = R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
const std::string eddsa = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                          "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

} // namespace

TEST(JwtKey, TheExamplesOfTheRfcsVerify) {
  EXPECT_TRUE(verifies(key(p256), es256)) << "RFC 7515, appendix A.3";
  EXPECT_TRUE(verifies(key(ed25519), eddsa)) << "RFC 8037, appendix A.4";
  EXPECT_EQ(key(p256)->algorithm, JwtAlgorithm::ES256);
  EXPECT_EQ(key(p256)->id, "one");
  EXPECT_EQ(key(ed25519)->algorithm, JwtAlgorithm::EdDSA);
}

TEST(JwtKey, AChangedByteOrAnotherFormDoesNot) {
  for (const std::string &token : {es256, eddsa})
    for (std::size_t at : {std::size_t{3}, token.size() / 2, token.size() - 4}) {
      std::string changed = token;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(verifies(key(token == es256 ? p256 : ed25519), changed)) << at;
    }
  EXPECT_FALSE(verifies(key(p256), es256.substr(0, es256.size() - 4)));
  EXPECT_FALSE(verifies(key(p256), es256.substr(0, es256.rfind('.') + 1)));
  EXPECT_FALSE(verifies(key(ed25519), es256));
}

TEST(JwtKey, AJwkServesItsOwnAlgorithmOnly) {
  auto with = [](std::string jwk, const std::string &member) { return jwk.insert(1, member + ","); };
  EXPECT_TRUE(key(with(p256, R"("alg":"ES256")")));
  for (const char *alg : {"ES384", "RS256", "HS256", "none", "EdDSA"})
    EXPECT_FALSE(key(with(p256, R"("alg":")" + std::string(alg) + '"'))) << alg;
  for (const char *wrong : {"{}", R"({"kty":"RSA"})", R"({"kty":"RSA","n":"!","e":"AQAB"})",
                            R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", R"({"kty":"EC","crv":"P-999","x":"AA","y":"AA"})",
                            R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", R"({"kty":"oct"})", R"({"kty":"oct","k":"AA","alg":"RS256"})"})
    EXPECT_FALSE(key(wrong)) << wrong;
  EXPECT_FALSE(key_of_pem(JwtAlgorithm::ES256, "no PEM"));
}
