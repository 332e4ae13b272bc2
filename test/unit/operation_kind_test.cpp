// Which way an operation takes: the kind of the one that would run, for any bytes.
#include "server/operation_kind.h"

#include <gtest/gtest.h>

using namespace gqlsvl::server;
using enum OperationKind;

TEST(OperationKind, IsTheKindOfTheOperationThatWouldRun) {
  EXPECT_EQ(operation_kind("{ a }", ""), Query);
  EXPECT_EQ(operation_kind("subscription { a }", ""), Subscription);
  EXPECT_EQ(operation_kind("query A { a } subscription B { b }", "B"), Subscription);
  EXPECT_EQ(operation_kind("query A { a } subscription B { b }", "A"), Query);
  EXPECT_EQ(operation_kind("fragment subscription on A { b } query { ...subscription }", ""), Query);
  EXPECT_EQ(operation_kind("query A { subscription { b } }", ""), Query);
}

TEST(OperationKind, StringsCommentsAndArgumentsAreNotKeywords) {
  EXPECT_EQ(operation_kind("# query\n mutation M($s: String = \"{ subscription\") @x(a: {b: 1}) { a }", ""), Mutation);
  EXPECT_EQ(operation_kind("query ($a: String = \"\"\" \\\"\"\" } subscription { \"\"\") { b }", ""), Query);
  EXPECT_EQ(operation_kind("subscription { a(s: \"}\\\"} mutation\") }", ""), Subscription);
}

TEST(OperationKind, AWrongDocumentIsAQuery) {
  for (const char *rubbish : {"", "\"", "\"\"\"", "{{{{", "}}}} subscription", "\\", "query", "\"\\"})
    EXPECT_EQ(operation_kind(rubbish, "x"), Query) << rubbish;
}
