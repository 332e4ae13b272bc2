// A webhook is accepted only if it names a place to go to; the error names the part that is wrong and holds no secret of it.
#include "outbound/target.h"
#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace gqlsvl;
using outbound::parse_target;
using outbound::Target;
using ::testing::HasSubstr;

static std::string refusal(const std::string &webhook) {
  try {
    parse_target(webhook);
  } catch (const Error &error) {
    EXPECT_EQ(error.sqlstate, sqlstate::invalid_parameter) << webhook;
    EXPECT_NE(error.hint, "") << webhook;
    return error.what();
  }
  return "accepted";
}

TEST(OutboundTarget, AcceptsHttpUrls) {
  for (std::string url : {"http://example.com", "https://example.com/", "HTTPS://Example.COM:8443/a/b?c=d&e=%20f",
                          "http://127.0.0.1:1/hook", "http://[::1]:65535/x", "https://a-b.c_d.example./", "http://localhost?x=1"}) {
    Target target = parse_target(url);
    EXPECT_EQ(target.kind, Target::Kind::Webhook);
    EXPECT_EQ(target.url, url);
  }
}

TEST(OutboundTarget, NamesTheWrongPartOfAUrl) {
  EXPECT_EQ(refusal(""), "webhook is empty");
  EXPECT_EQ(refusal("example.com/hook"), "webhook has no scheme");
  EXPECT_EQ(refusal("ftp://example.com/"), "webhook scheme \"ftp\" is not accepted");
  EXPECT_EQ(refusal("javascript:alert(1)"), "webhook scheme \"javascript\" is not accepted");
  EXPECT_EQ(refusal("http:example.com"), "webhook has no host");
  EXPECT_EQ(refusal("http:///hook"), "webhook has no host");
  EXPECT_EQ(refusal("http://:80/"), "webhook has no host");
  EXPECT_EQ(refusal("http://exa mple.com/"), "webhook holds a character that no URL may hold");
  EXPECT_EQ(refusal("http://example.com/\r\nX: y"), "webhook holds a character that no URL may hold");
  EXPECT_EQ(refusal("http://exämple.com/"), "webhook holds a character that no URL may hold");
  EXPECT_EQ(refusal("http://a..b/"), "invalid webhook host \"a..b\"");
  EXPECT_EQ(refusal("http://-a.b/"), "invalid webhook host \"-a.b\"");
  EXPECT_EQ(refusal("http://a$b/"), "invalid webhook host \"a$b\"");
  EXPECT_EQ(refusal("http://" + std::string(64, 'a') + "/"), "invalid webhook host \"" + std::string(64, 'a') + "\"");
  EXPECT_EQ(refusal("http://[::1/"), "invalid webhook host");
  EXPECT_EQ(refusal("http://[::g]/"), "invalid webhook host \"[::g]\"");
  EXPECT_EQ(refusal("http://[::1]80/"), "invalid webhook host");
  for (std::string port : {"0", "65536", "", "8o", "123456"})
    EXPECT_EQ(refusal("http://a:" + port + "/"), "invalid webhook port \"" + port + "\"");
  EXPECT_EQ(refusal("http://a/b#c"), "webhook has a fragment");
  EXPECT_EQ(refusal("http://a/%zz"), "webhook has a malformed percent escape");
  EXPECT_EQ(refusal("http://a/%2"), "webhook has a malformed percent escape");
  EXPECT_EQ(refusal("http://a/" + std::string(8000, 'x')), "webhook is too long");
}

TEST(OutboundTarget, RefusesAPasswordWithoutRepeatingIt) {
  try {
    parse_target("https://user:s3cret@example.com/");
    FAIL();
  } catch (const Error &error) {
    EXPECT_THAT(error.what(), HasSubstr("user information"));
    EXPECT_THAT(error.hint, HasSubstr("Authorization header"));
    EXPECT_EQ((error.message() + error.detail + error.hint).find("s3cret"), std::string::npos);
  }
}

TEST(OutboundTarget, ReadsAnArn) {
  Target target = parse_target("arn:aws:lambda:eu-west-1:123456789012:function:pay");
  EXPECT_EQ(target.kind, Target::Kind::Lambda);
  EXPECT_EQ(target.function, "arn:aws:lambda:eu-west-1:123456789012:function:pay");
  EXPECT_EQ(target.region, "eu-west-1");
  EXPECT_EQ(target.qualifier, "");
  target = parse_target("arn:aws:lambda:eu-west-1:123456789012:function:pay:$LATEST");
  EXPECT_EQ(target.function, "arn:aws:lambda:eu-west-1:123456789012:function:pay");
  EXPECT_EQ(target.qualifier, "$LATEST");
  EXPECT_EQ(parse_target("arn:aws-cn:lambda:cn-north-1:123456789012:function:pay").region, "cn-north-1");
  EXPECT_EQ(parse_target("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:pay:7").qualifier, "7");
}

TEST(OutboundTarget, ReadsAFunctionName) {
  Target target = parse_target("lambda:pay_order-2:live");
  EXPECT_EQ(target.kind, Target::Kind::Lambda);
  EXPECT_EQ(target.function, "pay_order-2");
  EXPECT_EQ(target.qualifier, "live");
  EXPECT_EQ(target.region, "");
}

TEST(OutboundTarget, NamesTheWrongPartOfAnArn) {
  EXPECT_THAT(refusal("arn:aws:sqs:eu-west-1:123456789012:queue"), HasSubstr("not that of a Lambda function"));
  EXPECT_THAT(refusal("arn:"), HasSubstr("not that of a Lambda function"));
  EXPECT_THAT(refusal("arn:gcp:lambda:eu-west-1:123456789012:function:f"), HasSubstr("unknown AWS partition \"gcp\""));
  EXPECT_THAT(refusal("arn:aws:lambda:eu-west-1:123456789012:function"), HasSubstr("6 parts"));
  EXPECT_THAT(refusal("arn:aws:lambda:europe:123456789012:function:f"), HasSubstr("invalid AWS region \"europe\""));
  EXPECT_THAT(refusal("arn:aws:lambda:eu-west-1@evil.example:123456789012:function:f"), HasSubstr("invalid AWS region"));
  EXPECT_THAT(refusal("arn:aws:lambda:cn-north-1:123456789012:function:f"), HasSubstr("does not belong to partition \"aws\""));
  EXPECT_THAT(refusal("arn:aws-cn:lambda:eu-west-1:123456789012:function:f"), HasSubstr("does not belong to partition \"aws-cn\""));
  EXPECT_THAT(refusal("arn:aws:lambda:eu-west-1:12345:function:f"), HasSubstr("invalid AWS account \"12345\""));
  EXPECT_THAT(refusal("arn:aws:lambda:eu-west-1:123456789012:layer:f"), HasSubstr("names a \"layer\""));
}

TEST(OutboundTarget, NamesTheWrongPartOfAFunction) {
  EXPECT_THAT(refusal("lambda:"), HasSubstr("invalid Lambda function name \"\""));
  EXPECT_THAT(refusal("lambda:pay order"), HasSubstr("invalid Lambda function name"));
  EXPECT_THAT(refusal("lambda:" + std::string(65, 'a')), HasSubstr("invalid Lambda function name"));
  EXPECT_THAT(refusal("lambda:pay:"), HasSubstr("invalid Lambda qualifier \"\""));
  EXPECT_THAT(refusal("lambda:pay:$latest"), HasSubstr("invalid Lambda qualifier"));
  EXPECT_THAT(refusal("lambda:pay:a:b"), HasSubstr("more than a Lambda function and a qualifier"));
}

// Any damage to a good text is either refused with an Error or still a target that holds no character unfit for a request line.
TEST(OutboundTarget, NeverLetsAControlCharacterThrough) {
  for (std::string good : {"https://example.com:8443/a?b=c", "arn:aws:lambda:eu-west-1:123456789012:function:pay:live", "lambda:pay:live"})
    for (std::size_t at = 0; at <= good.size(); ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged = good;
        damaged.insert(at, 1, static_cast<char>(byte));
        try {
          Target target = parse_target(damaged);
          for (unsigned char c : target.url + target.function + target.qualifier + target.region)
            ASSERT_TRUE(c > ' ' && c < 0x7f) << damaged;
        } catch (const Error &error) { ASSERT_EQ(error.sqlstate, sqlstate::invalid_parameter); }
      }
}
