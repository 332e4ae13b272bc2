// Which pages may call: none by default, named ones, or all.
#include "server/cors.h"

#include <gtest/gtest.h>

using gqlsvl::server::Cors;

TEST(Cors, NoneByDefault) {
  EXPECT_FALSE(Cors("").allows("http://localhost:3000"));
  EXPECT_TRUE(Cors("").headers("http://localhost:3000", true).empty());
}

TEST(Cors, NamedOriginsOnlyAsAWhole) {
  Cors cors(" https://shop.example , http://localhost:3000/ ");
  EXPECT_TRUE(cors.allows("https://shop.example"));
  EXPECT_TRUE(cors.allows("HTTPS://Shop.Example"));
  EXPECT_TRUE(cors.allows("http://localhost:3000"));
  for (const char *other : {"http://shop.example", "https://shop.example.evil", "https://evil-shop.example", "null", ""})
    EXPECT_FALSE(cors.allows(other)) << other;
  EXPECT_EQ(cors.headers("https://shop.example", false)[0].second, "https://shop.example");
}

TEST(Cors, TheStarAllowsAll) { EXPECT_TRUE(Cors("*").allows("http://anywhere")); }
