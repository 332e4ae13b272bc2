// Text is changed by ASCII rules only, and a trimmed text is a part of what was given.
#include "base/text.h"

#include <gtest/gtest.h>

using namespace gqlsvl;

TEST(Text, LowerTouchesAsciiLettersOnly) {
  EXPECT_EQ(lower("X-Hasura-ROLE @[`{ 09"), "x-hasura-role @[`{ 09");
  EXPECT_EQ(lower("\xc3\x84"), "\xc3\x84"); // a capital umlaut in UTF-8
  EXPECT_EQ(lower(""), "");
}

TEST(Text, TrimmedTakesBlanksFromBothEnds) {
  EXPECT_EQ(trimmed(" \t a \t b\t "), "a \t b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("a\r\n"), "a\r\n");
  EXPECT_EQ(trimmed(" a \r", " \t\r"), "a");
}
