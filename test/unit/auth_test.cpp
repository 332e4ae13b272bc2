// Who gets in, as whom, and what a refusal says.
#include "server/auth.h"

#include "base/error.h"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

using namespace gqlsvl;
using namespace gqlsvl::server;

namespace {

std::string base64url(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  int n = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(out.data()), reinterpret_cast<const unsigned char *>(bytes.data()),
                          static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  while (out.ends_with('=')) out.pop_back();
  for (char &c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string bearer(const std::string &payload) {
  std::string text = base64url(R"({"alg":"HS256"})") + "." + base64url(payload), key(32, 'k');
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), 32, reinterpret_cast<const unsigned char *>(text.data()), text.size(), mac, &length);
  return "Bearer " + text + "." + base64url({reinterpret_cast<char *>(mac), length});
}

AuthConfig configured() {
  AuthConfig config;
  config.jwt = parse_jwt_config(R"({"type":"HS256","key":")" + std::string(32, 'k') + "\"}");
  config.admin_secret = "open sesame";
  config.admin_role = "boss";
  return config;
}

Session session(const AuthConfig &config, const Headers &headers) {
  AuthResult result = authenticate(config, headers, 1000);
  if (auto *denial = std::get_if<Denial>(&result)) ADD_FAILURE() << denial->message;
  return std::holds_alternative<Session>(result) ? std::get<Session>(result) : Session{};
}

Denial denial(const AuthConfig &config, const Headers &headers) {
  AuthResult result = authenticate(config, headers, 1000);
  if (std::holds_alternative<Session>(result)) ADD_FAILURE() << "let in as " << std::get<Session>(result).role;
  return std::holds_alternative<Denial>(result) ? std::get<Denial>(result) : Denial{};
}

const std::string hasura_payload =
    R"({"sub":"7","exp":2000,"https://hasura.io/jwt/claims":{"x-hasura-default-role":"user","x-hasura-allowed-roles":["user","editor"],"X-Hasura-User-Id":"7"}})";

} // namespace

TEST(Auth, AFreshInstallLetsNobodyInAndSaysWhatToSet) {
  Denial d = denial(AuthConfig{}, {});
  EXPECT_TRUE(d.no_credentials);
  EXPECT_EQ(d.code, "access-denied");
  EXPECT_NE(d.hint.find("gqlsvl.jwt_secret"), std::string::npos);
  EXPECT_EQ(denial(AuthConfig{}, {{"x-hasura-admin-secret", ""}}).code, "access-denied");
}

TEST(Auth, HasurasNamespaceGivesRoleAndVariables) {
  Session s = session(configured(), {{"authorization", bearer(hasura_payload)}});
  EXPECT_EQ(s.role, "user");
  EXPECT_EQ(s.hasura_user, R"({"x-hasura-role":"user","x-hasura-user-id":"7"})");
  EXPECT_EQ(s.claims, hasura_payload);
  EXPECT_EQ(s.expires_at, 2000);
  EXPECT_FALSE(s.admin);
}

TEST(Auth, TheRoleHeaderChoosesAmongTheTokensRolesOnly) {
  EXPECT_EQ(session(configured(), {{"authorization", bearer(hasura_payload)}, {"x-hasura-role", "editor"}}).role, "editor");
  Denial d = denial(configured(), {{"authorization", bearer(hasura_payload)}, {"x-hasura-role", "boss"}});
  EXPECT_EQ(d.code, "access-denied");
  EXPECT_EQ(d.message, "Your requested role is not in allowed roles");
}

TEST(Auth, SessionVariablesInHeadersAreNotBelievedWithAToken) {
  Session s = session(configured(), {{"authorization", bearer(hasura_payload)}, {"x-hasura-user-id", "8"}, {"x-hasura-org", "1"}});
  EXPECT_EQ(s.hasura_user, R"({"x-hasura-role":"user","x-hasura-user-id":"7"})");
}

TEST(Auth, APlainRoleClaimIsEnough) {
  Session s = session(configured(), {{"authorization", bearer(R"({"role":"web"})")}});
  EXPECT_EQ(s.role, "web");
  EXPECT_EQ(s.hasura_user, R"({"x-hasura-role":"web"})");
  EXPECT_EQ(denial(configured(), {{"authorization", bearer(R"({"role":"web"})")}, {"x-hasura-role", "boss"}}).code, "access-denied");
}

TEST(Auth, ATokenWithoutARoleIsRefused) {
  EXPECT_EQ(denial(configured(), {{"authorization", bearer("{}")}}).code, "jwt-missing-role-claims");
  EXPECT_EQ(denial(configured(), {{"authorization", bearer(R"({"https://hasura.io/jwt/claims":{}})")}}).code, "jwt-missing-role-claims");
  EXPECT_EQ(denial(configured(), {{"authorization", bearer(R"({"https://hasura.io/jwt/claims":"x"})")}}).code, "jwt-invalid-claims");
}

TEST(Auth, StringifiedClaimsAreRead) {
  AuthConfig config = configured();
  config.jwt.keys[0].claims.are_text = true;
  std::string payload = R"({"https://hasura.io/jwt/claims":"{\"x-hasura-default-role\":\"user\",\"x-hasura-allowed-roles\":[\"user\"]}"})";
  EXPECT_EQ(session(config, {{"authorization", bearer(payload)}}).role, "user");
}

TEST(Auth, ATokenMayComeInACookieOrAHeaderOfItsOwn) {
  AuthConfig config = configured();
  std::string token = bearer(R"({"role":"web"})").substr(7);
  config.jwt.keys[0].header = "cookie";
  config.jwt.keys[0].cookie = "session";
  EXPECT_EQ(session(config, {{"cookie", "xsession=a; session=" + token + "; b=c"}}).role, "web");
  EXPECT_TRUE(denial(config, {{"cookie", "xsession=" + token}}).no_credentials);
  config.jwt.keys[0].header = "x-token";
  config.jwt.keys[0].cookie = "";
  EXPECT_EQ(session(config, {{"x-token", token}}).role, "web");
}

TEST(Auth, AMapPutsTheClaimsTogether) {
  AuthConfig config;
  config.jwt = parse_jwt_config(R"({"type":"HS256","key":")" + std::string(32, 'k') + R"(","claims_map":{
    "x-hasura-allowed-roles":{"path":"$.user.roles"},"x-hasura-default-role":{"path":"$.user.role","default":"user"},
    "x-hasura-user-id":{"path":"$.sub"},"x-hasura-org":"7"}})");
  Session s = session(config, {{"authorization", bearer(R"({"sub":"u1","user":{"roles":["user","editor"]}})")}});
  EXPECT_EQ(s.hasura_user, R"({"x-hasura-org":"7","x-hasura-role":"user","x-hasura-user-id":"u1"})");
  Denial d = denial(config, {{"authorization", bearer(R"({"user":{"roles":["user"]}})")}});
  EXPECT_EQ(d.code, "jwt-invalid-claims");
  EXPECT_NE(d.message.find("x-hasura-user-id"), std::string::npos);
}

TEST(Auth, ARoleThatPostgresWouldReadOtherwiseIsRefused) {
  EXPECT_EQ(denial(configured(), {{"authorization", bearer(R"({"role":"web\u0000x"})")}}).code, "jwt-invalid-claims");
  EXPECT_EQ(denial(configured(), {{"x-hasura-admin-secret", "open sesame"}, {"x-hasura-role", std::string("web\0x", 5)}}).code,
            "access-denied");
}

TEST(Auth, AnExpiredTokenSaysSo) {
  Denial d = denial(configured(), {{"authorization", bearer(R"({"role":"web","exp":999})")}});
  EXPECT_EQ(d.code, "invalid-jwt");
  EXPECT_EQ(d.message, "Could not verify JWT: JWTExpired");
}

TEST(Auth, ABadTokenIsNotAnAnonymousRequest) {
  AuthConfig config = configured();
  config.anonymous_role = "anon";
  EXPECT_EQ(session(config, {}).role, "anon");
  EXPECT_EQ(denial(config, {{"authorization", "Bearer x"}}).code, "invalid-jwt");
  EXPECT_EQ(denial(config, {{"authorization", "Basic eDp5"}}).code, "invalid-headers");
  EXPECT_EQ(denial(config, {{"x-hasura-admin-secret", "wrong"}}).code, "access-denied");
}

TEST(Auth, TheAdminSecretRunsAsAdminRoleOrAsTheRoleAskedFor) {
  Headers headers{{"x-hasura-admin-secret", "open sesame"}};
  Session s = session(configured(), headers);
  EXPECT_EQ(s.role, "boss");
  EXPECT_TRUE(s.admin);
  EXPECT_EQ(s.hasura_user.find("sesame"), std::string::npos);
  headers["x-hasura-role"] = "user";
  headers["x-hasura-user-id"] = "8";
  s = session(configured(), headers);
  EXPECT_EQ(s.role, "user");
  EXPECT_EQ(s.hasura_user, R"({"x-hasura-role":"user","x-hasura-user-id":"8"})");
}

TEST(Auth, AnAdminWithoutARoleIsRefusedWithAHint) {
  AuthConfig config = configured();
  config.admin_role.clear();
  EXPECT_NE(denial(config, {{"x-hasura-admin-secret", "open sesame"}}).hint.find("gqlsvl.admin_role"), std::string::npos);
}

TEST(Auth, RolesAreMapped) {
  AuthConfig config = configured();
  config.role_map = parse_role_map(R"({"user":"customer"})");
  Session s = session(config, {{"authorization", bearer(R"({"role":"user"})")}});
  EXPECT_EQ(s.role, "customer");
  EXPECT_EQ(s.hasura_user, R"({"x-hasura-role":"user"})");
  EXPECT_THROW(parse_role_map("[1]"), Error);
  EXPECT_THROW(parse_role_map(R"({"a":1})"), Error);
}

TEST(Auth, TheInitPayloadWinsOverTheUpgradesHeaders) {
  json::ParseError error;
  auto payload = json::parse(R"({"headers":{"Authorization":"Bearer b","X-Hasura-Role":"r"}})", error);
  Headers merged = merge_init_payload({{"authorization", "Bearer a"}, {"cookie", "c"}}, *payload);
  EXPECT_EQ(merged, (Headers{{"authorization", "Bearer b"}, {"cookie", "c"}, {"x-hasura-role", "r"}}));
  payload = json::parse(R"({"Authorization":"Bearer d"})", error);
  EXPECT_EQ(merge_init_payload({}, *payload)["authorization"], "Bearer d");
}
