// Signatures are those of AWS's published test suite; a Lambda request signs what it sends.
#include "outbound/sigv4.h"
#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

using namespace gqlsvl;
using namespace gqlsvl::outbound;
using ::testing::EndsWith;
using ::testing::HasSubstr;

static const Credentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
static const Scope suite{"us-east-1", "service", "20150830T123600Z"};
static const Headers host_and_date{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}};

static std::string signature(const Signable &request) {
  std::string text = authorization(request, example, suite);
  return text.substr(text.rfind('=') + 1);
}

// Names of the cases are those of AWS's aws-sig-v4-test-suite.
TEST(OutboundSigV4, MatchesAwsTestSuite) {
  Headers form = host_and_date;
  form.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(signature({"GET", "/", {}, host_and_date, ""}), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
      << "get-vanilla";
  EXPECT_EQ(signature({"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}, host_and_date, ""}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")
      << "get-vanilla-query-order-key-case";
  EXPECT_EQ(signature({"POST", "/", {}, host_and_date, ""}), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")
      << "post-vanilla";
  EXPECT_EQ(signature({"POST", "/", {}, form, "Param1=value1"}), "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")
      << "post-x-www-form-urlencoded";
}

TEST(OutboundSigV4, TrimsHeaderValues) {
  Headers headers{
      {"Host", "example.amazonaws.com"}, {"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}, {"X-Amz-Date", suite.time}};
  EXPECT_EQ(signature({"GET", "/", {}, headers, ""}), "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")
      << "get-header-value-trim";
}

TEST(OutboundSigV4, SignsTheDocumentedIamExample) {
  Headers headers{
      {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"Host", "iam.amazonaws.com"}, {"X-Amz-Date", suite.time}};
  std::string text = authorization({"GET", "/", {{"Action", "ListUsers"}, {"Version", "2010-05-08"}}, headers, ""}, example,
                                   {"us-east-1", "iam", suite.time});
  EXPECT_EQ(text, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                  "SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(OutboundSigV4, WritesTheTimeInUtc) {
  EXPECT_EQ(amz_time(1440938160), "20150830T123600Z");
  EXPECT_EQ(amz_time(0), "19700101T000000Z");
}

// Properties that hold for any request: order and case of headers and order of the query do not matter, everything else does.
TEST(OutboundSigV4, DependsOnEachPartAndNotOnTheirOrder) {
  Signable base{"POST", "/a/b", {{"x", "1"}, {"y", "2"}}, host_and_date, "body"};
  std::string before = signature(base);
  Signable same = base;
  std::swap(same.query[0], same.query[1]);
  same.headers = {{"x-amz-date", suite.time}, {"HOST", "example.amazonaws.com"}};
  EXPECT_EQ(signature(same), before);
  for (auto change :
       std::vector<void (*)(Signable &)>{[](Signable &r) { r.method = "PUT"; }, [](Signable &r) { r.path += "c"; },
                                         [](Signable &r) { r.query[0].second = "2"; }, [](Signable &r) { r.headers[0].second += "x"; },
                                         [](Signable &r) { r.headers.emplace_back("x-more", ""); }, [](Signable &r) { r.body = "Body"; }}) {
    Signable other = base;
    change(other);
    EXPECT_NE(signature(other), before);
  }
}

static std::string header(const Request &request, const std::string &name) {
  for (const auto &[key, value] : request.headers)
    if (key == name) return value;
  return "(absent)";
}

static Request invoke(const std::string &webhook, LambdaEndpoint where = {"eu-west-1", ""}, Credentials credentials = example,
                      Invocation invocation = {.body = "{}"}) {
  return lambda_request(parse_target(webhook), where, credentials, std::move(invocation), 1440938160);
}

static Request invoke_with(Headers headers) {
  return invoke("lambda:pay", {"eu-west-1", ""}, example, {.headers = std::move(headers), .body = "{}"});
}

TEST(OutboundLambda, CallsTheRegionsEndpoint) {
  Request request = invoke("lambda:pay");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/pay/invocations");
  EXPECT_EQ(header(request, "Host"), "lambda.eu-west-1.amazonaws.com");
  EXPECT_EQ(header(request, "X-Amz-Invocation-Type"), "RequestResponse");
  EXPECT_EQ(header(request, "X-Amz-Security-Token"), "(absent)");
  EXPECT_THAT(header(request, "Authorization"), HasSubstr("/20150830/eu-west-1/lambda/aws4_request, "
                                                          "SignedHeaders=content-type;host;x-amz-date;x-amz-invocation-type, "));
  EXPECT_EQ(request.body, "{}");
}

TEST(OutboundLambda, EncodesAnArnAndItsQualifier) {
  EXPECT_EQ(invoke("arn:aws:lambda:us-east-2:123456789012:function:pay:$LATEST").url,
            "https://lambda.us-east-2.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-2%3A123456789012%3Afunction%3Apay/"
            "invocations?Qualifier=%24LATEST");
  EXPECT_THAT(invoke("arn:aws-cn:lambda:cn-north-1:123456789012:function:pay").url,
              HasSubstr("https://lambda.cn-north-1.amazonaws.com.cn/"));
}

TEST(OutboundLambda, EncodesThePathTwiceToSignIt) {
  Signable request{"POST", "/2015-03-31/functions/a%3Ab/invocations", {}, host_and_date, ""};
  EXPECT_THAT(canonical_request(request), ::testing::StartsWith("POST\n/2015-03-31/functions/a%253Ab/invocations\n"));
}

TEST(OutboundLambda, SignsTheSessionToken) {
  Credentials temporary = example;
  temporary.session_token = "token/+==";
  Request request = invoke("lambda:pay:live", {"eu-west-1", ""}, temporary);
  EXPECT_EQ(header(request, "X-Amz-Security-Token"), "token/+==");
  EXPECT_THAT(header(request, "Authorization"), HasSubstr(";x-amz-security-token, "));
  EXPECT_THAT(request.url, EndsWith("/invocations?Qualifier=live"));
}

TEST(OutboundLambda, TakesAnotherEndpointWithAPathPrefix) {
  Request request = invoke("lambda:pay", {"eu-west-1", "http://127.0.0.1:9001/stage/"});
  EXPECT_EQ(request.url, "http://127.0.0.1:9001/stage/2015-03-31/functions/pay/invocations");
  EXPECT_EQ(header(request, "Host"), "127.0.0.1:9001");
}

static std::string message(const std::function<void()> &call) {
  try {
    call();
  } catch (const Error &error) {
    EXPECT_NE(error.hint, "");
    return error.what();
  }
  return "accepted";
}

// AWS refuses a request with an x-amz-* header that is not signed.
TEST(OutboundLambda, SignsTheHeadersOfTheDefinition) {
  Request request = invoke_with({{"X-Amz-Client-Context", "e30="}, {"x-shop", " a  b "}});
  EXPECT_EQ(header(request, "x-shop"), " a  b ");
  EXPECT_THAT(header(request, "Authorization"),
              HasSubstr("SignedHeaders=content-type;host;x-amz-client-context;x-amz-date;x-amz-invocation-type;x-shop, "));
}

TEST(OutboundLambda, SendsUnsignedWhatProxiesMayChange) {
  Request request = invoke_with({{"User-Agent", "shop"}, {"X-Amzn-Trace-Id", "Root=1"}});
  EXPECT_EQ(header(request, "User-Agent"), "shop");
  EXPECT_EQ(header(request, "X-Amzn-Trace-Id"), "Root=1");
  EXPECT_EQ(header(request, "Authorization"), header(invoke("lambda:pay"), "Authorization"));
}

TEST(OutboundLambda, RefusesAHeaderThatItSetsItself) {
  for (std::string name :
       {"Host", "AUTHORIZATION", "content-type", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Invocation-Type", "X-Amz-Content-Sha256"})
    EXPECT_EQ(message([&] { invoke_with({{name, "x"}}); }), "header \"" + name + "\" is set by gqlsvl itself in a Lambda request");
}

TEST(OutboundLambda, ChecksTheBodysSizeBeforeItIsSent) {
  auto send = [](const char *type, std::size_t bytes) {
    return message([&] { invoke("lambda:pay", {"eu-west-1", ""}, example, {.type = type, .body = std::string(bytes, ' ')}); });
  };
  EXPECT_EQ(send("RequestResponse", 6291456), "accepted");
  EXPECT_EQ(send("RequestResponse", 6291457),
            "the body of 6291457 bytes is too large for Lambda, which takes 6291456 with invocation type RequestResponse");
  EXPECT_EQ(send("Event", 1048576), "accepted");
  EXPECT_THAT(send("Event", 1048577), HasSubstr("takes 1048576 with invocation type Event"));
  try {
    invoke("lambda:pay", {"eu-west-1", ""}, example, {.body = std::string(7000000, ' ')});
    FAIL();
  } catch (const Error &error) { EXPECT_EQ(error.sqlstate, sqlstate::program_limit) << "which the worker takes as final"; }
}

TEST(OutboundLambda, SaysWhatIsMissing) {
  EXPECT_THAT(message([] { invoke("lambda:pay", {"", ""}); }), HasSubstr("no AWS region"));
  EXPECT_THAT(message([] { invoke("lambda:pay", {"eu-west-1", ""}, {}); }), HasSubstr("no AWS credentials"));
  EXPECT_THAT(message([] { invoke("lambda:pay", {"eu-west-1", "http://a/b?c"}); }), HasSubstr("gqlsvl.aws_endpoint"));
  EXPECT_THAT(message([] { invoke("lambda:pay", {"eu-west-1", "lambda:x"}); }), HasSubstr("gqlsvl.aws_endpoint"));
}
