// A transform's answer changes what it names and nothing else, and cannot send what a definition could not.
#include "outbound/transform.h"
#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::outbound;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

static const Message webhook{"POST", "https://a.example/", {{"X-Kept", "1"}, {"X-Shop", "2"}}, "{}"}, lambda{"POST", "", {}, "{}"};

static Message transformed(Message message, const std::string &answer) {
  apply_transform(message, answer);
  return message;
}
static std::string refusal(const Message &message, const std::string &answer) {
  try {
    transformed(message, answer);
  } catch (const Error &error) {
    EXPECT_NE(error.hint, "") << answer;
    return error.message();
  }
  return "accepted";
}

TEST(OutboundTransform, ChangesWhatItNames) {
  Message all = transformed(
      webhook,
      R"({"url":"http://b/?q=1","method":"PUT","headers":{"x-shop":"3","X-Kept":null,"x-new":"{{NAME}}"},"body":{"b":1.0,"a":[null]}})");
  EXPECT_EQ(all.url, "http://b/?q=1");
  EXPECT_EQ(all.method, "PUT");
  EXPECT_THAT(all.headers, ElementsAre(Pair("x-shop", "3"), Pair("x-new", "{{NAME}}"))) << "names are not filled in";
  EXPECT_EQ(all.body, R"({"b":1.0,"a":[null]})");
  Message nothing = transformed(webhook, "{}");
  EXPECT_EQ(nothing.url + nothing.method + nothing.body, webhook.url + webhook.method + webhook.body);
  EXPECT_EQ(nothing.headers, webhook.headers);
}

TEST(OutboundTransform, ABodyIsAnyJson) {
  EXPECT_EQ(transformed(webhook, R"({"body":"text"})").body, "\"text\"");
  EXPECT_EQ(transformed(webhook, R"({"body":null})").body, "null");
}

TEST(OutboundTransform, NamesWhatIsWrong) {
  EXPECT_THAT(refusal(webhook, "[]"), HasSubstr("is not a JSON object"));
  EXPECT_THAT(refusal(webhook, "nonsense"), HasSubstr("is not a JSON object"));
  EXPECT_THAT(refusal(webhook, R"({"uri":"x"})"), HasSubstr("has a member \"uri\""));
  EXPECT_THAT(refusal(webhook, R"({"method":"CONNECT"})"), HasSubstr("method"));
  EXPECT_THAT(refusal(webhook, R"({"method":1})"), HasSubstr("method"));
  EXPECT_THAT(refusal(webhook, R"({"url":1})"), HasSubstr("url"));
  EXPECT_THAT(refusal(webhook, R"({"url":"ftp://a/"})"), HasSubstr("scheme \"ftp\""));
  EXPECT_THAT(refusal(webhook, R"({"url":"lambda:pay"})"), HasSubstr("not http or https"));
  EXPECT_THAT(refusal(webhook, R"({"headers":[]})"), HasSubstr("headers"));
  EXPECT_THAT(refusal(webhook, R"({"headers":{"a b":"x"}})"), HasSubstr("\"a b\""));
  EXPECT_THAT(refusal(webhook, R"({"headers":{"Host":"x"}})"), HasSubstr("\"Host\""));
  EXPECT_THAT(refusal(webhook, R"({"headers":{"a":1}})"), HasSubstr("neither a string nor null"));
  EXPECT_THAT(refusal(webhook, R"({"headers":{"a":"x\r\ny: z"}})"), HasSubstr("control character"));
}

TEST(OutboundTransform, LeavesAFunctionTheFunction) {
  EXPECT_EQ(transformed(lambda, R"({"body":1,"headers":{"x":"y"}})").body, "1");
  EXPECT_THAT(refusal(lambda, R"({"url":"http://a/"})"), HasSubstr("calls a Lambda function"));
  EXPECT_THAT(refusal(lambda, R"({"method":"GET"})"), HasSubstr("calls a Lambda function"));
  EXPECT_THAT(refusal(lambda, R"({"headers":{"Authorization":"x"}})"), HasSubstr("which gqlsvl sets itself"));
}
