// A token counts only when the configured key signed it with the configured algorithm and it is valid now.
#include "server/jwt.h"

#include "base/error.h"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

using namespace gqlsvl;
using namespace gqlsvl::server;

namespace {

constexpr char secret[] = "0123456789abcdef0123456789abcdef";
const std::string config_text = std::string(R"({"type":"HS256","key":")") + secret + "\"}";

std::string base64url(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned buffer = 0;
  int bits = 0;
  for (unsigned char c : bytes) {
    buffer = (buffer << 8 | c) & 0xffff;
    for (bits += 8; bits >= 6;) out += digits[buffer >> (bits -= 6) & 63];
  }
  if (bits) out += digits[buffer << (6 - bits) & 63];
  return out;
}

std::string sign(const std::string &header, const std::string &payload, const std::string &key = secret, const EVP_MD *md = EVP_sha256()) {
  std::string text = base64url(header) + "." + base64url(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(md, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(text.data()), text.size(), mac, &length);
  return text + "." + base64url({reinterpret_cast<char *>(mac), length});
}

std::string hs256(const std::string &payload) { return sign(R"({"alg":"HS256","typ":"JWT"})", payload); }

std::string message(const std::string &token, std::int64_t now = 1000, const std::string &config = config_text) {
  JwtConfig parsed = parse_jwt_config(config);
  JwtVerdict verdict = verify_jwt(parsed, token, now);
  return verdict.valid ? "valid" : verdict.message;
}

std::string config_error(const std::string &text) {
  try {
    parse_jwt_config(text);
    return "accepted";
  } catch (const Error &e) { return e.detail; }
}

} // namespace

TEST(Jwt, AcceptsWhatTheKeySigned) {
  JwtConfig config = parse_jwt_config(config_text);
  JwtVerdict verdict = verify_jwt(config, hs256(R"({"sub":"u1","exp":2000})"), 1000);
  ASSERT_TRUE(verdict.valid) << verdict.message;
  EXPECT_EQ(json::to_string(verdict.payload), R"({"sub":"u1","exp":2000})");
  EXPECT_EQ(verdict.expires_at, 2000);
}

TEST(Jwt, AcceptsTheExampleOfRfc7515) { // appendix A.1
  std::string key;
  ASSERT_TRUE(decode_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", key));
  JwtConfig config;
  config.keys.emplace_back();
  config.keys[0].material.bytes = key;
  std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p"
      "c19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_TRUE(verify_jwt(config, token, 1300819379).valid);
  EXPECT_EQ(verify_jwt(config, token, 1300819380).message, "Could not verify JWT: JWTExpired");
}

TEST(Jwt, RefusesAnotherKeyAndAChangedPayload) {
  EXPECT_EQ(message(sign(R"({"alg":"HS256"})", "{}", "another key of at least thirty-two bytes")),
            "Could not verify JWT: JWSError JWSInvalidSignature");
  std::string token = hs256(R"({"role":"user"})"), other = hs256(R"({"role":"boss"})");
  std::string forged = other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'));
  EXPECT_EQ(message(forged), "Could not verify JWT: JWSError JWSInvalidSignature");
}

TEST(Jwt, RefusesNoneInAnySpelling) {
  for (const char *alg : {"none", "None", "NONE", "nOnE", ""}) {
    std::string head = base64url(std::string(R"({"alg":")") + alg + "\"}") + "." + base64url("{}");
    EXPECT_NE(message(head + "."), "valid") << alg;
    EXPECT_NE(message(hs256("{}").replace(0, hs256("{}").find('.'), head.substr(0, head.find('.')))), "valid") << alg;
  }
  EXPECT_NE(message(sign("{}", "{}")), "valid");
}

TEST(Jwt, TheAlgorithmIsTheConfiguredOneNotTheTokens) {
  EXPECT_NE(message(sign(R"({"alg":"HS512"})", "{}", secret, EVP_sha512())), "valid");
}

TEST(Jwt, AnRsaPublicKeyIsNeverAnHmacKey) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_RSA_gen(2048), EVP_PKEY_free);
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(bio.get(), pair.get());
  char *data = nullptr;
  std::string pem;
  long size = BIO_get_mem_data(bio.get(), &data);
  pem.assign(data, static_cast<std::size_t>(size));
  std::string config = R"({"type":"RS256","key":)";
  json::append_string(config, pem);
  config += "}";
  EXPECT_NE(message(sign(R"({"alg":"HS256"})", "{}", pem), 1000, config), "valid");
  EXPECT_NE(message(sign(R"({"alg":"RS256"})", "{}", pem), 1000, config), "valid");

  std::string text = base64url(R"({"alg":"RS256"})") + "." + base64url("{}");
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pair.get());
  std::size_t length = 0;
  auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
  EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size());
  std::string signature(length, '\0');
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &length, bytes, text.size());
  signature.resize(length);
  EXPECT_EQ(message(text + "." + base64url(signature), 1000, config), "valid");
}

TEST(Jwt, TimesAreCheckedWithTheAllowedSkew) {
  std::string skewed = std::string(R"({"type":"HS256","allowed_skew":60,"key":")") + secret + "\"}";
  EXPECT_EQ(message(hs256(R"({"exp":1000})"), 1000), "Could not verify JWT: JWTExpired");
  EXPECT_EQ(message(hs256(R"({"exp":1000})"), 1059, skewed), "valid");
  EXPECT_EQ(message(hs256(R"({"exp":1000})"), 1060, skewed), "Could not verify JWT: JWTExpired");
  EXPECT_EQ(message(hs256(R"({"nbf":1001})"), 1000), "Could not verify JWT: JWTNotYetValid");
  EXPECT_EQ(message(hs256(R"({"nbf":1001})"), 1000, skewed), "valid");
  EXPECT_NE(message(hs256(R"({"exp":"tomorrow"})")), "valid");
  EXPECT_NE(message(hs256(R"({"exp":1e300})")), "valid");
}

TEST(Jwt, AudienceAndIssuerMustMatchWhenConfigured) {
  std::string config = std::string(R"({"type":"HS256","audience":["shop","admin"],"issuer":"us","key":")") + secret + "\"}";
  EXPECT_EQ(message(hs256(R"({"aud":"shop","iss":"us"})"), 0, config), "valid");
  EXPECT_EQ(message(hs256(R"({"aud":["x","admin"],"iss":"us"})"), 0, config), "valid");
  EXPECT_EQ(message(hs256(R"({"aud":"x","iss":"us"})"), 0, config), "Could not verify JWT: JWTNotInAudience");
  EXPECT_EQ(message(hs256(R"({"iss":"us"})"), 0, config), "Could not verify JWT: JWTNotInAudience");
  EXPECT_EQ(message(hs256(R"({"aud":"shop"})"), 0, config), "Could not verify JWT: JWTNotInIssuer");
}

TEST(Jwt, RubbishIsRefused) {
  std::string token = hs256("{}");
  for (const std::string &bad : {std::string(), std::string("a.b"), token + ".x", "!" + token, token.substr(0, token.size() - 1),
                                 hs256("[]"), hs256("{"), std::string("..")})
    EXPECT_NE(message(bad), "valid") << bad;
}

TEST(JwtConfig, TakesAJwkASetOfThemAndTheKeyThatATokenNames) {
  std::string jwk = R"({"kty":"oct","kid":"a","k":")" + base64url(secret) + "\"}",
              other = R"({"kty":"oct","kid":"b","k":")" + base64url(std::string(32, 'x')) + "\"}";
  std::string set = "{\"keys\":[" + other + "," + jwk + "]}";
  for (const std::string &config : {jwk, set}) EXPECT_EQ(message(hs256("{}"), 0, config), "valid") << config;
  EXPECT_EQ(message(sign(R"({"alg":"HS256","kid":"a"})", "{}"), 0, set), "valid");
  EXPECT_NE(message(sign(R"({"alg":"HS256","kid":"b"})", "{}"), 0, set), "valid");
}

TEST(JwtConfig, NamesTheWrongMemberAndNeverTheKey) {
  EXPECT_EQ(parse_jwt_config("  ").keys.size(), 0u);
  EXPECT_EQ(parse_jwt_config("[" + config_text + "," + config_text + "]").keys.size(), 2u);
  EXPECT_NE(config_error(R"({"type":"HS256","key":"short"})").find("32 bytes"), std::string::npos);
  EXPECT_NE(config_error(R"({"jwk_url":"https://x"})").find("jwk_url"), std::string::npos);
  EXPECT_NE(config_error(R"({"type":"none","key":"x"})").find("type"), std::string::npos);
  EXPECT_NE(config_error(R"({"type":"RS256","key":"no pem"})").find("PEM"), std::string::npos);
  for (const char *member :
       {R"("claims_namespace_path":"a")", R"("claims_map":{})", R"("header":{"type":"Cookie"})", R"("allowed_skew":-1)"}) {
    std::string text = config_text;
    text.insert(1, std::string(member) + ",");
    EXPECT_NE(config_error(text), "accepted") << member;
    EXPECT_EQ(config_error(text).find(secret), std::string::npos) << member;
  }
  EXPECT_NE(config_error(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})").find("JWK"), std::string::npos);
  EXPECT_EQ(config_error(R"({"type":"HS256","key":"very secret)").find("very secret"), std::string::npos);
}
