// What an answer means: a webhook succeeds with 2xx, Lambda only if the function itself did not fail; what no retry can mend is final.
#include "outbound/target.h"

#include <gtest/gtest.h>

using namespace gqlsvl::outbound;
using namespace std::chrono_literals;

static const Target webhook = parse_target("http://example.com/"), lambda = parse_target("lambda:pay");
static constexpr std::int64_t now = 784111777; // Sun, 06 Nov 1994 08:49:37 GMT

static Answer answer(int status, Headers headers = {}, std::string body = "") {
  Answer out;
  out.status = status;
  out.headers = std::move(headers);
  out.body = std::move(body);
  return out;
}

TEST(OutboundVerdict, AWebhookSucceedsWith2xxOnly) {
  for (int status = 100; status < 600; ++status) {
    Verdict verdict = judge(webhook, answer(status), now);
    EXPECT_EQ(verdict.delivered, status >= 200 && status <= 299) << status;
    EXPECT_EQ(verdict.error, verdict.delivered ? "" : "HTTP " + std::to_string(status));
    EXPECT_TRUE(verdict.delivered || verdict.retryable);
  }
}

TEST(OutboundVerdict, NoAnswerIsTriedAgain) {
  Answer none = answer(0);
  none.error = "connection refused";
  for (const Target &target : {webhook, lambda}) {
    Verdict verdict = judge(target, none, now);
    EXPECT_FALSE(verdict.delivered);
    EXPECT_TRUE(verdict.retryable);
    EXPECT_EQ(verdict.error, "connection refused");
  }
}

TEST(OutboundVerdict, ReadsRetryAfterOfAFailure) {
  auto wait = [](int status, const std::string &value) {
    return judge(webhook, answer(status, {{"retry-after", value}}), now).retry_after;
  };
  EXPECT_EQ(wait(503, "120"), 120s);
  EXPECT_EQ(wait(302, "5"), 5s);
  EXPECT_EQ(wait(503, "Sun, 06 Nov 1994 08:50:07 GMT"), 30s);
  EXPECT_EQ(wait(503, "Sunday, 06-Nov-94 08:50:07 GMT"), 30s); // the two obsolete forms
  EXPECT_EQ(wait(503, "Sun Nov  6 08:50:07 1994"), 30s);
  EXPECT_EQ(wait(503, "Tuesday, 06-Nov-01 08:50:07 GMT"), std::chrono::hours(24 * 365));
  EXPECT_EQ(wait(503, "Monday, 06-Nov-45 08:50:07 GMT"), std::nullopt); // 1945
  EXPECT_EQ(wait(200, "120"), std::nullopt);
  EXPECT_EQ(wait(503, "999999999999"), std::chrono::hours(24 * 365));
  for (std::string useless :
       {"", "0", "-5", "1.5", "soon", "120 s", "Sun, 06 Nov 1994 08:49:07 GMT", "Sun, 06 Xyz 1994 08:50:07 GMT",
        "Sun, 06 Nov 1994 08:50:07 CET", "Sunday, 06-Nov-94 08:50:07", "Sun Nov  6 08:50:07 1994 GMT", "99999999999999999999999"})
    EXPECT_EQ(wait(503, useless), std::nullopt) << useless;
}

TEST(OutboundVerdict, LambdaSucceedsWhenTheFunctionDid) {
  EXPECT_TRUE(judge(lambda, answer(200, {}, "{\"ok\":true}"), now).delivered);
  EXPECT_TRUE(judge(lambda, answer(202), now).delivered) << "invocation type Event: accepted into Lambda's queue";
}

TEST(OutboundVerdict, AFunctionErrorIsAFailureInSpiteOf200) {
  Verdict verdict =
      judge(lambda, answer(200, {{"x-amz-function-error", "Unhandled"}}, R"({"errorMessage":"no card","errorType":"Error"})"), now);
  EXPECT_FALSE(verdict.delivered);
  EXPECT_TRUE(verdict.retryable);
  EXPECT_EQ(verdict.error, "Lambda function error Unhandled: Error: no card");
  EXPECT_EQ(judge(lambda, answer(200, {{"x-amz-function-error", "Unhandled"}}, "{\"errorMess"), now).error,
            "Lambda function error Unhandled");
  EXPECT_TRUE(judge(webhook, answer(200, {{"x-amz-function-error", "Unhandled"}}), now).delivered) << "means nothing from a webhook";
}

TEST(OutboundVerdict, OnlyFaultsOfTheEventItselfAreFinalForLambda) {
  auto retried = [](int status, const std::string &type) {
    return judge(lambda, answer(status, {{"x-amzn-errortype", type}}), now).retryable;
  };
  EXPECT_FALSE(retried(400, "InvalidRequestContentException"));
  EXPECT_FALSE(retried(413, "RequestTooLargeException"));
  EXPECT_FALSE(retried(415, "UnsupportedMediaTypeException"));
  EXPECT_TRUE(retried(400, "ExpiredTokenException:http://internal.amazon.com/")) << "new credentials mend it";
  EXPECT_TRUE(retried(403, "AccessDeniedException")) << "a grant mends it";
  EXPECT_TRUE(retried(404, "ResourceNotFoundException")) << "a deployment mends it";
  for (int status : {409, 410, 429, 500, 502, 503, 504}) EXPECT_TRUE(retried(status, "")) << status;
}

TEST(OutboundVerdict, ALambdaErrorSaysWhatAwsSaid) {
  Answer refused =
      answer(404, {{"x-amzn-errortype", "ResourceNotFoundException:http://x/"}}, R"({"Type":"User","Message":"Function not found"})");
  EXPECT_EQ(judge(lambda, refused, now).error, "Lambda answered HTTP 404 ResourceNotFoundException: Function not found");
  EXPECT_EQ(judge(lambda, answer(429, {{"retry-after", "3"}}), now).retry_after, 3s);
}

TEST(OutboundVerdict, AnErrorTextIsShortAndValidUtf8) {
  std::string umlauts;
  for (int i = 0; i < 600; ++i) umlauts += "ä";
  std::string error =
      judge(lambda, answer(200, {{"x-amz-function-error", "\xff\n"}}, "{\"errorMessage\":\"x" + umlauts + "\"}"), now).error;
  EXPECT_LT(error.size(), 600u);
  EXPECT_EQ(error.rfind("Lambda function error ??: x", 0), 0u);
  EXPECT_EQ(error.substr(error.size() - 2), "ä");
}
