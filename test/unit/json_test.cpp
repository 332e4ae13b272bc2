// JSON keeps what a client wrote: order of keys, digits of numbers; damaged input is an error with a position.
#include "base/json.h"

#include <gtest/gtest.h>

using namespace gqlsvl;

static std::string round_trip(const std::string &text) {
  json::ParseError error;
  auto value = json::parse(text, error);
  return value ? json::to_string(*value) : "error: " + error.message;
}

TEST(Json, KeepsTheOrderOfKeys) { EXPECT_EQ(round_trip(R"({"b":1,"a":2})"), R"({"b":1,"a":2})"); }

TEST(Json, KeepsTheDigitsOfANumeric) {
  EXPECT_EQ(round_trip("[12345678901234567890123.4500]"), "[12345678901234567890123.4500]");
  EXPECT_EQ(round_trip("[9223372036854775807,18446744073709551615,-1]"), "[9223372036854775807,18446744073709551615,-1]");
}

TEST(Json, KeepsAnIntegerBeyond64Bits) { EXPECT_EQ(round_trip("[123456789012345678901234567890]"), "[123456789012345678901234567890]"); }

TEST(Json, KeepsNumbersThatNoDoubleHolds) { EXPECT_EQ(round_trip("[1e999,-0,-0.0,1E+2,0.1e-7]"), "[1e999,-0,-0.0,1E+2,0.1e-7]"); }

TEST(Json, ReadsEveryKindOfValueAndSpace) {
  EXPECT_EQ(round_trip(" {\t\"a\" :\n[ true , false,null ,\r{ } , [ ] ], \"\":\"\" } "), R"({"a":[true,false,null,{},[]],"":""})");
}

TEST(Json, ReadsEscapesAndSurrogatePairs) {
  EXPECT_EQ(round_trip(R"("\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00")"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\xC3\xA9\xF0\x9F\x98\x80\"");
}

// What is wrong, and at which byte.
TEST(Json, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char *text;
    std::size_t byte;
    const char *message;
  };
  for (const Case &c : {Case{"", 0, "unexpected end"},
                        Case{"[1,]", 3, "expected a value"},
                        Case{"[1 2]", 3, "expected ',' or ']'"},
                        Case{"{\"a\" 1}", 5, "expected ':'"},
                        Case{"{\"a\":1", 6, "expected ',' or '}'"},
                        Case{"{a:1}", 1, "expected a key in double quotes"},
                        Case{"{\"a\":1,}", 7, "expected a key in double quotes"},
                        Case{"{} x", 3, "unexpected text after the value"},
                        Case{"01", 1, "unexpected text after the value"},
                        Case{"-", 1, "expected a digit"},
                        Case{"1.", 2, "expected a digit"},
                        Case{"1e+", 3, "expected a digit"},
                        Case{"nul", 0, "expected a value"},
                        Case{"\"abc", 0, "unterminated string"},
                        Case{"\"a\nb\"", 2, "a control character in a string must be escaped"},
                        Case{R"("a\x")", 2, "invalid escape sequence"},
                        Case{R"("a\u12g4")", 2, "invalid escape sequence"},
                        Case{R"("\uD83D")", 1, "a surrogate without its other half"},
                        Case{R"("\uDE00")", 1, "a surrogate without its other half"},
                        Case{R"("\uD83Dx")", 1, "a surrogate without its other half"},
                        Case{"\"\xC0\xAF\"", 1, "invalid UTF-8"},
                        Case{"\"\xED\xA0\x80\"", 1, "invalid UTF-8"}}) {
    json::ParseError error;
    EXPECT_FALSE(json::parse(c.text, error)) << c.text;
    EXPECT_EQ(error.message, c.message) << c.text;
    EXPECT_EQ(error.byte, c.byte) << c.text;
  }
}

TEST(Json, RefusesTooDeepNesting) {
  json::ParseError error;
  EXPECT_FALSE(json::parse(std::string(100000, '['), error, 200));
  EXPECT_NE(error.message.find("200"), std::string::npos);
}

TEST(Json, RefusesInvalidUtf8AndTrailingText) {
  json::ParseError error;
  EXPECT_FALSE(json::parse("\"\xff\"", error));
  EXPECT_FALSE(json::parse("{} x", error));
  EXPECT_FALSE(json::parse("", error));
}

TEST(Json, EscapesControlCharacters) {
  std::string out;
  json::append_string(out, std::string_view("a\"\\\n\x01\0b", 7));
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\\u0000b\"");
}
