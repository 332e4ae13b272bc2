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
