// Requests as JSON, and what an error says.
// Dialect: D9-body
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
