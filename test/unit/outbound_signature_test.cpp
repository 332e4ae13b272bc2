// Webhook signatures: those of Standard Webhooks. Verified by an implementation of others in test/clients/signature.test.mjs.
#include "outbound/webhook_signature.h"
#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::outbound;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

static const std::string key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

// The example that the specification's reference libraries use in their tests.
TEST(OutboundSignature, IsThatOfTheSpecification) {
  EXPECT_THAT(signature_headers(parse_signing_keys(key), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
              ElementsAre(Pair("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), Pair("webhook-timestamp", "1614265330"),
                          Pair("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
}

TEST(OutboundSignature, SignsWithEachKeyWhileOneIsReplaced) {
  auto value = [](const std::string &secret) { return signature_headers(parse_signing_keys(secret), "id", 1, "{}")[2].second; };
  EXPECT_EQ(value(other + " " + key), value(other) + " " + value(key));
}

TEST(OutboundSignature, DependsOnIdTimeBodyAndKey) {
  auto keys = parse_signing_keys(key);
  auto signature = [](Headers headers) { return headers[2].second; };
  std::string base = signature(signature_headers(keys, "a", 1, "{}"));
  EXPECT_NE(signature(signature_headers(keys, "b", 1, "{}")), base);
  EXPECT_NE(signature(signature_headers(keys, "a", 2, "{}")), base);
  EXPECT_NE(signature(signature_headers(keys, "a", 1, "{} ")), base);
  EXPECT_NE(signature(signature_headers(parse_signing_keys(other), "a", 1, "{}")), base);
  EXPECT_NE(signature(signature_headers(keys, "a", 1, "")), base);
}

TEST(OutboundSignature, RefusesWhatIsNoKeyWithoutRepeatingIt) {
  for (std::string wrong :
       {"", " ", "secretsecretsecretsecretsecret", "whsec_", "whsec_c2hvcnQ=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2L LaSw", "whsec_!fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
    try {
      parse_signing_keys(wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error &error) {
      EXPECT_EQ(error.sqlstate, sqlstate::invalid_parameter);
      EXPECT_NE(error.hint, "");
      if (wrong.size() > 8) EXPECT_EQ((error.message() + error.detail + error.hint).find(wrong.substr(6)), std::string::npos) << wrong;
    }
  }
  try {
    parse_signing_keys(key + " nonsense");
    FAIL();
  } catch (const Error &error) { EXPECT_THAT(error.message(), HasSubstr("key 2")); }
}

TEST(OutboundSignature, TakesKeysOf24To64Bytes) {
  auto accepted = [](std::size_t thirds) {
    try {
      return parse_signing_keys("whsec_" + std::string(thirds * 4, 'A')).front().size();
    } catch (const Error &) { return std::size_t(0); }
  };
  EXPECT_EQ(accepted(7), 0u);
  EXPECT_EQ(accepted(8), 24u);
  EXPECT_EQ(accepted(21), 63u);
  EXPECT_EQ(accepted(22), 0u);
}
