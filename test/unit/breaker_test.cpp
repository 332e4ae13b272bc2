// The circuit breaker of a trigger: when it opens, how it asks again, how it closes.
#include "events/store/breaker.h"

#include <gtest/gtest.h>

using namespace gqlsvl::events;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Breaker::Clock::time_point start{std::chrono::hours(1)};

Breaker opened() {
  Breaker breaker;
  for (int i = 0; i < 20; i++) breaker.failed(start, {}, 0);
  return breaker;
}

TEST(Breaker, OpensAfterTwentyFailuresInARow) {
  Breaker breaker;
  for (int i = 0; i < 19; i++) breaker.failed(start, {}, 0);
  breaker.succeeded();
  for (int i = 0; i < 19; i++) breaker.failed(start, {}, 0);
  EXPECT_TRUE(breaker.closed());
  EXPECT_EQ(breaker.limit(7, start), 7);
  breaker.failed(start, {}, 0);
  EXPECT_TRUE(breaker.open());
  EXPECT_EQ(breaker.limit(7, start), 0);
}

TEST(Breaker, OpensWhenHalfOfTheLastHundredFailed) {
  Breaker breaker;
  for (int i = 0; i < 49; i++) {
    breaker.failed(start, {}, 0);
    breaker.succeeded();
  }
  EXPECT_TRUE(breaker.closed()) << "not yet a hundred";
  breaker.succeeded();
  breaker.failed(start, {}, 0);
  EXPECT_TRUE(breaker.open());
}

TEST(Breaker, AsksWithOneEventAfterGrowingPauses) {
  Breaker breaker = opened();
  auto now = start;
  for (int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_EQ(breaker.limit(7, now + milliseconds(pause * 1000 - 1)), 0) << pause;
    now += seconds(pause);
    EXPECT_EQ(breaker.limit(7, now), 1) << pause;
    breaker.failed(now, {}, 0);
  }
}

TEST(Breaker, WhatWasUnderWayWhenItOpenedChangesNothing) {
  Breaker breaker = opened();
  for (int i = 0; i < 10; i++) breaker.failed(start, {}, 0);
  EXPECT_EQ(breaker.limit(7, start + seconds(1)), 1);
}

TEST(Breaker, RetryAfterPutsTheNextQuestionOffButNotForEver) {
  Breaker breaker = opened();
  breaker.failed(start + seconds(1), seconds(30), 0);
  EXPECT_EQ(breaker.next_probe(), start + seconds(31));
  breaker.failed(start + seconds(31), seconds(1000000), 0);
  EXPECT_EQ(breaker.next_probe(), start + seconds(31) + std::chrono::hours(1));
}

TEST(Breaker, RampsUpAfterASuccessAndFallsBackAtAFailure) {
  Breaker breaker = opened();
  auto now = start + seconds(1);
  breaker.succeeded();
  EXPECT_EQ(breaker.limit(7, now), 1);
  breaker.succeeded();
  EXPECT_EQ(breaker.limit(7, now), 2);
  breaker.succeeded();
  breaker.succeeded();
  EXPECT_EQ(breaker.limit(7, now), 7);
  EXPECT_FALSE(breaker.closed());
  breaker.failed(now, {}, 0);
  EXPECT_EQ(breaker.limit(7, now), 4) << "half of 8";
  for (int i = 0; i < 3; i++) breaker.failed(now, {}, 0);
  EXPECT_EQ(breaker.limit(7, now), 1);
  breaker.failed(now, {}, 0);
  EXPECT_EQ(breaker.limit(7, now), 0) << "five in a row";
  EXPECT_EQ(breaker.limit(7, now + seconds(1)), 1);
  for (int i = 0; i < 12; i++) breaker.succeeded();
  EXPECT_TRUE(breaker.closed());
}

} // namespace
