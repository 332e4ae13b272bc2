// The parser takes every executable document of the specification, refuses the rest with line and column, and its work is bounded.
// Dialect: D9-syntax D9-language D9-bounds D10-shape
#include "graphql/language/parser.h"
#include "graphql/language/printer.h"

#include <gtest/gtest.h>

using namespace gqlsvl::graphql;
using namespace gqlsvl::graphql::language;

static Document parsed(std::string_view text) {
  GraphQLError error;
  auto document = parse(text, error);
  EXPECT_TRUE(document) << error.message;
  return document ? *document : Document{};
}
static GraphQLError refused(std::string_view text, const ParseLimits &limits = {}) {
  GraphQLError error;
  EXPECT_FALSE(parse(text, error, limits)) << text.substr(0, 100);
  return error;
}
static std::string string_value(const std::string &literal) {
  return parsed("{a(x:" + literal + ")}").operations.at(0).selections.at(0).arguments.at(0).value.text;
}

TEST(Parser, ReadsAllKindsOfDefinitions) {
  Document d = parsed("\"about\" query Q($a: [Int!]! = [1] @d, \"doc\" $b: String) @x { al: f(a: $a) @skip(if: true) { g ... on T { h } "
                      "...F ... @include(if: $b) { i } } }"
                      " mutation M { m } subscription { s } \"\"\"doc\"\"\" fragment F on T { z }");
  ASSERT_EQ(d.operations.size(), 3u);
  EXPECT_EQ(d.operations[0].name, "Q");
  EXPECT_EQ(d.operations[0].variables.at(0).type.to_string(), "[Int!]!");
  EXPECT_EQ(d.operations[1].kind, OperationKind::Mutation);
  EXPECT_EQ(d.operations[2].kind, OperationKind::Subscription);
  const Selection &field = d.operations[0].selections.at(0);
  EXPECT_EQ(field.alias, "al");
  EXPECT_EQ(field.name, "f");
  EXPECT_EQ(field.selections.size(), 4u);
  EXPECT_EQ(d.fragments.at(0).type_condition, "T");
}

TEST(Parser, TakesKeywordsAsFieldNames) {
  EXPECT_EQ(parsed("{ query mutation fragment on type true null }").operations[0].selections.size(), 7u);
}

TEST(Parser, IgnoresByteOrderMarkCommasAndComments) {
  EXPECT_EQ(parsed("\xEF\xBB\xBF,,{ a,b # c }\n, d }").operations[0].selections.size(), 3u);
}

TEST(Parser, CountsLinesForEveryKindOfLineEnd) {
  EXPECT_EQ(parsed("{\r\na\rb\n  c}").operations[0].selections[2].at.line, 4u);
  EXPECT_EQ(parsed("{\r\na\rb\n  c}").operations[0].selections[2].at.column, 3u);
}

TEST(Parser, CountsColumnsInCharacters) {
  const std::string two_bytes = "\xC3\xA9", four_bytes = "\xF0\x9F\x98\x80";
  EXPECT_EQ(parsed("{a(x:\"" + two_bytes + four_bytes + "\") b}").operations[0].selections[1].at.column, 12u);
  EXPECT_EQ(parsed("{a(x:\"\"\"" + two_bytes + "\n" + four_bytes + "\"\"\") b}").operations[0].selections[1].at.column, 7u);
  EXPECT_EQ(parsed("# " + four_bytes + "\n{ b }").operations[0].selections[0].at.column, 3u);
  EXPECT_EQ(refused("{ " + two_bytes + " }").locations.at(0).column, 3u);
}

TEST(Parser, DecodesEscapes) {
  EXPECT_EQ(string_value(R"("a\"\\\/\b\f\n\r\t\u00e9")"), "a\"\\/\b\f\n\r\t\xC3\xA9");
  EXPECT_EQ(string_value(R"("\u{1F600}\uD83D\uDE00")"), "\xF0\x9F\x98\x80\xF0\x9F\x98\x80");
}

TEST(Parser, RefusesDamagedStrings) {
  for (const char *bad : {R"("\uD83D")", R"("\uDE00")", R"("\uD83D\u0041")", R"("\u{110000}")", R"("\u{}")", R"("\u12")", R"("\x")",
                          "\"a\nb\"", "\"abc", "\"\"\"abc", "\"\xff\"", "\"\\u0000\""})
    EXPECT_NE(refused("{a(x:" + std::string(bad) + ")}").message.find("string"), std::string::npos) << bad;
}

TEST(Parser, CutsTheIndentationOfBlockStrings) {
  EXPECT_EQ(string_value("\"\"\"\n    Hello,\n      World!\n\n    Yours,\n      \\\"\"\" \n  \"\"\""),
            "Hello,\n  World!\n\nYours,\n  \"\"\" ");
  EXPECT_EQ(string_value("\"\"\"\"\"\""), "");
}

TEST(Parser, RefusesDamagedNumbers) {
  for (const char *bad : {"01", "1.", "1e", "-", "1a", "1.2.3", ".5", "00"}) refused("{a(x:" + std::string(bad) + ")}");
  for (const char *good : {"0", "-0", "1.5e+10", "-12E2"}) EXPECT_EQ(string_value(good), good);
}

TEST(Parser, SaysWhereASyntaxErrorIs) {
  GraphQLError error = refused("{\n  orders {\n    id(\n  }\n}");
  EXPECT_EQ(error.message.rfind("not a valid graphql query", 0), 0u);
  EXPECT_EQ(error.code, "validation-failed");
  EXPECT_EQ(error.path, "$.query");
  EXPECT_EQ(error.locations.at(0).line, 4u);
  EXPECT_EQ(error.locations.at(0).column, 3u);
}

TEST(Parser, RefusesWhatIsNoExecutableDocument) {
  for (const char *bad : {"", "  # only", "{}", "{a", "query", "query Q", "{a}}", "foo {a}", "query ($a) {b}", "query () {a}", "{a()}",
                          "fragment on on T {a}", "{...}", "{a:}", "query ($a: Int = $b) {a}", "{a(x: )}", "{a ? }", "{a@}", "\"x\" {a}"})
    refused(bad);
  EXPECT_NE(refused("type T { a: Int }").message.find("type-system"), std::string::npos);
  EXPECT_NE(refused("\"doc\" extend schema { query: Q }").message.find("type-system"), std::string::npos);
}

TEST(Parser, NeverNestsDeeperThanItsLimit) {
  for (const char *unit : {"{a", "[", "{a:"}) {
    std::string text = unit[0] == '[' || std::string(unit) == "{a:" ? "{a(x:" : "";
    for (int i = 0; i < 100000; ++i) text += unit;
    EXPECT_NE(refused(text, {1000000, 50}).message.find("50 levels"), std::string::npos) << unit;
  }
  EXPECT_NE(refused("query ($a:" + std::string(100000, '[')).message.find("50 levels"), std::string::npos);
}

TEST(Parser, ReadsNoMoreTokensThanItsLimit) {
  std::string text = "{";
  for (int i = 0; i < 5000000; ++i) text += "a ";
  EXPECT_NE(refused(text).message.find("200000 tokens"), std::string::npos);
}

TEST(Parser, TakesAHundredThousandItemsOfAList) {
  std::string text = "{a(x:[";
  for (int i = 0; i < 100000; ++i) text += "1,";
  EXPECT_EQ(parsed(text + "])}").operations[0].selections[0].arguments[0].value.items.size(), 100000u);
}

TEST(Printer, PrintsValuesThatParseToTheSame) {
  const std::string text = R"({a: [1, -2.5e3, "x\"\n", true, null, asc], b: {c: $v}})";
  Document d = parsed("{f(x:" + text + ")}");
  EXPECT_EQ(print(d.operations[0].selections[0].arguments[0].value), text);
  EXPECT_EQ(print_canonical(parsed("{f(x:{b:1,a:2})}").operations[0].selections[0].arguments[0].value), "{a: 2, b: 1}");
}

TEST(ErrorsResponse, HasTheShapeOfTheDialect) {
  GraphQLError error;
  error.message = "no \"x\"";
  error.locations = {{1, 2}};
  EXPECT_EQ(
      errors_response({error}),
      R"({"errors":[{"message":"no \"x\"","locations":[{"line":1,"column":2}],"extensions":{"path":"$","code":"validation-failed"}}]})");
  error.locations.clear();
  error.hint = "h";
  error.sqlstate = "22023";
  EXPECT_EQ(errors_response({error}),
            R"({"errors":[{"message":"no \"x\"","extensions":{"path":"$","code":"validation-failed","hint":"h","sqlstate":"22023"}}]})");
}
