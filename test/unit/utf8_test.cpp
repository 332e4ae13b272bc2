// Whatever a receiver answers becomes text that can be stored and read: valid UTF-8, short enough, without zero bytes.
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <random>

using gqlsvl::readable_text;
using gqlsvl::utf8_length;

TEST(Utf8, KeepsTextAsItIs) {
  EXPECT_EQ(readable_text("Zoë 漢字 🚀", 100), "Zoë 漢字 🚀");
  EXPECT_EQ(readable_text("", 100), "");
}

TEST(Utf8, EndsBetweenCharacters) {
  EXPECT_EQ(readable_text("aä", 2), "a");
  EXPECT_EQ(readable_text("aä", 3), "aä");
  EXPECT_EQ(readable_text("🚀🚀", 7), "🚀");
}

TEST(Utf8, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(readable_text("a\xff\x80z", 100), "a\uFFFD\uFFFDz");
  EXPECT_EQ(readable_text("\xc3", 100), "\uFFFD") << "cut within a character";
  EXPECT_EQ(readable_text("\xc0\xaf", 100), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(readable_text("\xed\xa0\x80", 100), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(readable_text("\xff\xff", 5), "\uFFFD") << "the replacement counts too";
  EXPECT_EQ(readable_text(std::string("a\0b", 3), 100), "ab");
}

TEST(Utf8, MakesAnyBytesValidWithinTheLimit) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 40, 0);
    for (char &c : bytes) c = static_cast<char>(random() % 4 ? random() : 0xC0 | (random() & 0x3F));
    std::size_t most = random() % 50;
    std::string text = readable_text(bytes, most);
    ASSERT_LE(text.size(), most);
    for (std::size_t at = 0; at < text.size(); at += utf8_length(text.substr(at))) {
      ASSERT_GT(utf8_length(text.substr(at)), 0u);
      ASSERT_NE(text[at], 0);
    }
  }
}
