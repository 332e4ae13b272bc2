// Requests as JSON, and which way an operation takes.
#include "server/graphql_request.h"
#include "server/operation_kind.h"

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

TEST(OperationKind, IsTheKindOfTheOperationThatWouldRun) {
  using enum OperationKind;
  EXPECT_EQ(operation_kind("{ a }", ""), Query);
  EXPECT_EQ(operation_kind("subscription { a }", ""), Subscription);
  EXPECT_EQ(operation_kind("# query\n mutation M($s: String = \"{ subscription\") @x(a: {b: 1}) { a }", ""), Mutation);
  EXPECT_EQ(operation_kind("fragment subscription on A { b } query { ...subscription }", ""), Query);
  EXPECT_EQ(operation_kind("query A { a } subscription B { b }", "B"), Subscription);
  EXPECT_EQ(operation_kind("query A { a } subscription B { b }", "A"), Query);
  EXPECT_EQ(operation_kind("query A { subscription { b } }", ""), Query);
  EXPECT_EQ(operation_kind("query ($a: String = \"\"\" \\\"\"\" } subscription { \"\"\") { b }", ""), Query);
  EXPECT_EQ(operation_kind("subscription { a(s: \"}\\\"} mutation\") }", ""), Subscription);
  for (const char *rubbish : {"", "\"", "\"\"\"", "{{{{", "}}}} subscription", "\\", "query", "\"\\"}) operation_kind(rubbish, "x");
}
