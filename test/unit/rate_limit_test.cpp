// A trigger's requests per second: never more than the bucket's content and what flows in, and no less where they are asked for.
#include "events/store/rate_limit.h"

#include <gtest/gtest.h>

namespace {

using gqlsvl::events::RateLimit;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const RateLimit::Clock::time_point start{hours(1000)};

TEST(RateLimit, BeginsWithOneRequestAndGoesOnAtItsRate) {
  RateLimit limit;
  limit.set(4, start);
  ASSERT_TRUE(limit.ready(start));
  limit.take(start);
  EXPECT_FALSE(limit.ready(start));
  EXPECT_EQ(limit.next(), start + milliseconds(250));
  EXPECT_FALSE(limit.ready(start + milliseconds(249)));
  EXPECT_TRUE(limit.ready(limit.next()));
}

TEST(RateLimit, SavesUpATenthOfASecondAndNoMore) {
  RateLimit limit;
  limit.set(100, start);
  const auto later = start + hours(1);
  int taken = 0;
  for (; limit.ready(later); taken++) limit.take(later);
  EXPECT_EQ(taken, 10);
}

TEST(RateLimit, InTheLongRunSendsWhatItMay) {
  RateLimit limit;
  limit.set(7, start);
  int taken = 0;
  auto now = start;
  for (; now < start + seconds(100); now = std::max(now, limit.next()))
    for (; limit.ready(now); taken++) limit.take(now);
  EXPECT_GE(taken, 699);
  EXPECT_LE(taken, 702);
}

TEST(RateLimit, ARateBelowAnyUseIsAWaitThatCanBeCounted) {
  RateLimit limit;
  limit.set(1e-300, start);
  limit.take(start);
  EXPECT_EQ(limit.next(), start + hours(1));
  EXPECT_FALSE(limit.ready(start + hours(1)));
}

TEST(RateLimit, AHugeRateNeverWaits) {
  RateLimit limit;
  limit.set(1e300, start);
  for (int i = 0; i < 1000; i++) {
    ASSERT_TRUE(limit.ready(start));
    limit.take(start);
  }
}

TEST(RateLimit, AnotherRateKeepsWhatWasSavedUpAndGivesNothingExtra) {
  RateLimit limit;
  limit.set(10, start);
  limit.take(start);
  limit.set(1, start + milliseconds(50)); // half a token is there
  EXPECT_FALSE(limit.ready(start + milliseconds(549)));
  EXPECT_TRUE(limit.ready(start + milliseconds(550)));
  limit.set(1, start + milliseconds(560)); // the same again changes nothing
  EXPECT_TRUE(limit.ready(start + milliseconds(560)));
}

TEST(RateLimit, AClockThatStandsStillIsNoGift) {
  RateLimit limit;
  limit.set(1, start);
  limit.take(start);
  EXPECT_FALSE(limit.ready(start - seconds(5)));
  EXPECT_FALSE(limit.ready(start));
}

} // namespace
