// Requests as JSON, and what an error says.
// Dialect: D9-body D9-batch
#include "server/graphql_request.h"

#include <gtest/gtest.h>

using namespace gqlsvl::server;

TEST(RequestBody, ReadsOneRequestOrABatch) {
  RequestBody one = parse_request_body(R"({"query":"{a}","variables":{"n":12345678901234567890},"operationName":null,"extensions":{}})");
  ASSERT_EQ(one.requests.size(), 1u);
  EXPECT_EQ(one.requests[0].variables, R"({"n":12345678901234567890})");
  RequestBody batch = parse_request_body(R"([{"query":"{a}"},{"query":"{b}"}])");
  EXPECT_TRUE(batch.batch);
  EXPECT_EQ(batch.requests.size(), 2u);
}

TEST(RequestBody, NamesADocumentByIdOrHash) {
  auto document = [](const char *text) {
    RequestBody body = parse_request_body(text);
    return body.error.empty() ? body.requests.at(0).document + "|" + body.requests.at(0).query : body.error;
  };
  EXPECT_EQ(document(R"({"documentId":"a"})"), "a|");
  EXPECT_EQ(document(R"({"query":"","documentId":"a"})"), "a|");
  EXPECT_EQ(document(R"({"query":null,"extensions":{"persistedQuery":{"version":1,"sha256Hash":"AB"}}})"), "sha256:ab|");
  EXPECT_EQ(document(R"({"query":"{a}","extensions":{"persistedQuery":{"sha256Hash":"ab"}}})"), "sha256:ab|{a}");
  EXPECT_EQ(document(R"({"query":"{a}","documentId":"a"})"), "the member \"query\" is beside documentId: one of them says what to run");
  for (const char *none : {R"({"documentId":1})", R"({"documentId":null})", R"({"extensions":[]})",
                           R"({"extensions":{"persistedQuery":1}})", R"({"extensions":{"persistedQuery":{"sha256Hash":1}}})"})
    EXPECT_EQ(document(none), "the member \"query\" is missing") << none;
  const RequestBody url = read_arguments({{"extensions", R"({"persistedQuery":{"sha256Hash":"ab"}})"}, {"variables", R"({"a":1})"}});
  ASSERT_EQ(url.requests.size(), 1u);
  EXPECT_EQ(url.requests[0].document, "sha256:ab");
  EXPECT_EQ(url.requests[0].variables, R"({"a":1})");
  EXPECT_TRUE(url.requests[0].read_only);
  EXPECT_EQ(read_arguments({{"documentId", "a"}, {"extensions", "x"}}).error_code, "invalid-json");
  EXPECT_EQ(read_arguments({{"documentId", "a"}, {"extensions", "[]"}}).error_code, "parse-failed");
}

TEST(RequestBody, SaysWhatIsWrong) {
  EXPECT_EQ(parse_request_body("nonsense").error_code, "invalid-json");
  EXPECT_EQ(parse_request_body("").error_code, "invalid-json");
  for (const char *text :
       {"[]", "1", "{}", R"({"query":1})", R"({"query":"","variables":[]})", R"({"query":"","operationName":1})", R"([1])"})
    EXPECT_FALSE(parse_request_body(text).error.empty()) << text;
}

TEST(RequestError, IsOneThatTheSameRequestCanNeverAvoid) {
  auto with = [](const char *code) { return error_json(code, "m"); };
  for (const char *code : {"validation-failed", "parse-failed", "bad-request", "access-denied", "not-supported"})
    EXPECT_TRUE(is_request_error(with(code))) << code;
  for (const char *code : {"constraint-violation", "unexpected", "time-limit-exceeded"}) EXPECT_FALSE(is_request_error(with(code))) << code;
  for (const char *other : {"", "{}", R"({"data":{}})", R"({"errors":[]})", R"({"errors":[{}]})", R"({"errors":1})"})
    EXPECT_FALSE(is_request_error(other)) << other;
  EXPECT_EQ(first_error_code(with("busy")), "busy");
}
