// What a definition names is filled in only where its owner may name it; nothing that was filled in shows in an error or in a log.
#include "outbound/destination.h"
#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

using namespace gqlsvl;
using namespace gqlsvl::outbound;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

static const std::map<std::string, std::string> secrets{{"HOST", "shop.example"}, {"token", "s3cret-token"},
                                                        {"broken", "a\r\nX: y"},  {"bad_host", "no host!"},
                                                        {"short", "ab"},          {"key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}};

static Names names_of(bool superuser, const std::string &env_allow = "", const std::string &lambda_allow = "") {
  setenv("GQLSVL_TEST_VARIABLE", "of the environment", 1);
  Names names;
  names.secret = [](const std::string &name) {
    auto found = secrets.find(name);
    return found == secrets.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  names.environment = environment_for(superuser, env_allow);
  names.superuser = superuser;
  names.lambda_allow = lambda_allow;
  return names;
}
static const Names root = names_of(true),
                   clerk = names_of(false, "OTHER, GQLSVL_TEST_VARIABLE", "pay, arn:aws:lambda:eu-west-1:123456789012:function:shop-*");

static Error refusal(const std::string &webhook, const std::string &headers, const Names &names, const std::string &signing_secret = "") {
  try {
    destination_of(webhook, parse_headers(headers), signing_secret, names);
  } catch (const Error &error) {
    for (const auto &[name, value] : secrets)
      EXPECT_EQ((error.message() + error.detail + error.hint).find(value == "ab" ? "\x01" : value), std::string::npos);
    EXPECT_NE(error.hint, "") << error.message();
    return error;
  }
  ADD_FAILURE() << "accepted: " << webhook << ' ' << headers;
  return {"", ""};
}

TEST(OutboundDestination, FillsInNames) {
  Destination to = destination_of("https://{{HOST}}/{{ short }}?t={{token}}",
                                  parse_headers(R"({"Authorization": "Bearer {{token}}", "x": "{plain}"})"), "", clerk);
  EXPECT_EQ(to.target.url, "https://shop.example/ab?t=s3cret-token");
  EXPECT_THAT(to.headers, ElementsAre(Pair("Authorization", "Bearer s3cret-token"), Pair("x", "{plain}")));
}

TEST(OutboundDestination, TakesHeadersFromSecretsAndTheEnvironment) {
  Destination to =
      destination_of("http://a/", parse_headers(R"({"a": {"secret": "token"}, "b": {"from_env": "GQLSVL_TEST_VARIABLE"}})"), "", clerk);
  EXPECT_THAT(to.headers, ElementsAre(Pair("a", "s3cret-token"), Pair("b", "of the environment")));
}

TEST(OutboundDestination, NamesAFunction) {
  EXPECT_EQ(destination_of("lambda:{{short}}:live", {}, "", root).target.function, "ab");
  EXPECT_EQ(refusal("lambda:{{short}}:live", "{}", clerk).sqlstate, sqlstate::insufficient_privilege);
}

TEST(OutboundDestination, ASecretComesBeforeTheEnvironment) {
  setenv("HOST", "environment.example", 1);
  EXPECT_EQ(destination_of("http://{{HOST}}/", {}, "", root).target.url, "http://shop.example/");
}

// docs/rules.md, 6.
TEST(OutboundDestination, LetsOthersThanSuperusersReachOnlyWhatIsListed) {
  EXPECT_EQ(destination_of("http://a/{{PATH}}", {}, "", names_of(false, "PATH")).hidden.size(), 1u);
  for (std::string name : {"PATH", "HOME", "GQLSVL_TEST_VARIABLE2", "gqlsvl_test_variable"}) {
    Error error = refusal("http://a/{{" + name + "}}", "{}", clerk);
    EXPECT_EQ(error.sqlstate, sqlstate::insufficient_privilege) << name;
    EXPECT_THAT(error.message(), HasSubstr("gqlsvl.env_allow"));
    EXPECT_EQ(refusal("http://a/", "{\"a\": {\"from_env\": \"" + name + "\"}}", clerk).sqlstate, sqlstate::insufficient_privilege);
  }
  for (std::string listed : {"lambda:pay", "lambda:pay:live", "arn:aws:lambda:eu-west-1:123456789012:function:shop-pay:7"})
    EXPECT_EQ(destination_of(listed, {}, "", clerk).target.kind, Target::Kind::Lambda) << listed;
  for (std::string other : {"lambda:pays", "lambda:pa", "lambda:shop-pay", "arn:aws:lambda:eu-west-1:123456789012:function:pay",
                            "arn:aws:lambda:eu-west-1:999999999999:function:shop-pay"})
    EXPECT_EQ(refusal(other, "{}", clerk).sqlstate, sqlstate::insufficient_privilege) << other;
  EXPECT_EQ(refusal("lambda:pay", "{}", names_of(false)).sqlstate, sqlstate::insufficient_privilege) << "an empty list allows none";
}

TEST(OutboundDestination, SaysWhatIsNotThere) {
  EXPECT_EQ(refusal("http://a/{{ABSENT}}", "{}", root).message(),
            "{{ABSENT}} is neither a secret nor a variable of the server's environment");
  EXPECT_EQ(refusal("http://a/", R"({"x": {"secret": "absent"}})", root).message(), "secret \"absent\" of header \"x\" is not there");
  EXPECT_EQ(refusal("http://a/", R"({"x": {"from_env": "ABSENT"}})", root).message(),
            "environment variable \"ABSENT\" of header \"x\" is not there");
}

TEST(OutboundDestination, RefusesWhatAValueWouldBreak) {
  EXPECT_THAT(refusal("http://{{bad_host}}/", "{}", root).message(), HasSubstr("not valid once its {{NAME}} parts are filled in"));
  EXPECT_THAT(refusal("http://a/", R"({"x": "{{broken}}"})", root).message(), HasSubstr("header \"x\" holds a control character once"));
  EXPECT_THAT(refusal("http://a/", R"({"x": {"secret": "broken"}})", root).message(),
              HasSubstr("header \"x\" holds a control character once"));
}

TEST(OutboundDestination, RefusesMalformedDefinitions) {
  for (std::string webhook : {"http://{{}}/", "http://a/{{", "http://a/{{x", "http://a/{{a b}}", "http://a/{{a}"})
    EXPECT_THAT(refusal(webhook, "{}", root).message(), HasSubstr("a {{ without a name")) << webhook;
  for (std::string value :
       {"1", "null", "{}", R"({"from_env": 1})", R"({"secret": ""})", R"({"other": "x"})", R"({"secret": "a", "from_env": "b"})", "[]"})
    EXPECT_THAT(refusal("http://a/", "{\"x\": " + value + "}", root).message(), HasSubstr("header \"x\" of option \"headers\" is no value"))
        << value;
  EXPECT_THAT(refusal("http://a/", R"({"x": "{{"})", root).message(), HasSubstr("a {{ without a name"));
  EXPECT_THAT(refusal("http://a/", "[]", root).message(), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal("http://a/", R"({"HOST": "b"})", root).message(), HasSubstr("is set by gqlsvl itself"));
  EXPECT_THAT(refusal("lambda:pay", R"({"X-Amz-Date": "b"})", root).message(), HasSubstr("in a Lambda request"));
  EXPECT_THAT(refusal("http://a/", R"({"a b": "c"})", root).message(), HasSubstr("not the name of a header"));
}

TEST(OutboundDestination, HidesWhatWasFilledIn) {
  Destination to = destination_of("http://a/{{short}}", parse_headers(R"({"x": {"secret": "token"}})"), "", root);
  EXPECT_EQ(masked("you sent s3cret-token, s3cret-token", to), "you sent {{token}}, {{token}}");
  EXPECT_EQ(masked("about", to), "about") << "too short to be told from other text";
}

TEST(OutboundDestination, SignsWithASecretOfTheOwner) {
  EXPECT_EQ(destination_of("http://a/", {}, "key", clerk).signing_keys.size(), 1u);
  EXPECT_TRUE(destination_of("http://a/", {}, "", clerk).signing_keys.empty());
  EXPECT_EQ(refusal("http://a/", "{}", clerk, "absent").message(), "secret \"absent\" of option \"signing_secret\" is not there");
  EXPECT_EQ(refusal("http://a/", "{}", clerk, "token").message(), "key 1 of the signing secret is not valid");
  EXPECT_EQ(refusal("lambda:pay", "{}", root, "key").message(), "option \"signing_secret\" is for webhooks");
  EXPECT_THAT(refusal("http://a/", R"({"Webhook-Id": "x"})", clerk, "key").message(), HasSubstr("is set by the signature"));
  EXPECT_EQ(refusal("http://a/", "{}", clerk, "PATH").sqlstate, sqlstate::undefined_object) << "a variable is no secret";
}
