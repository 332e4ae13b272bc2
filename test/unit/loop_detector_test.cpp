// Rows whose events make themselves are found, rows that are only busy are not.
#include "events/store/loop_detector.h"

#include <gtest/gtest.h>

namespace {

using gqlsvl::events::LaneKey;
using gqlsvl::events::LoopDetector;
using Advice = LoopDetector::Advice;

constexpr LaneKey row{1, 7}, other{1, 8};
constexpr int limit = 5;

// A receiver, and what it does to the row; time in milliseconds.
class Looping : public ::testing::Test {
protected:
  Looping() { detector.set_limit(limit); }

  // Sends the event captured at `captured`, answers after 2 ms. False: the row is parked.
  bool deliver(LaneKey lane, std::int64_t captured) {
    for (;;) {
      const Advice advice = detector.ask(lane, captured, now);
      if (advice == Advice::Park) return false;
      if (advice == Advice::Send) break;
      rests++;
      end_of_rest(lane);
    }
    detector.sent(lane, now);
    now += 2;
    detector.delivered(lane, now);
    sent++;
    return true;
  }
  virtual void end_of_rest(LaneKey lane) {
    now = *detector.next_rested_ms();
    ASSERT_EQ(detector.rested(now), std::vector<LaneKey>{lane});
  }

  LoopDetector detector;
  std::int64_t now = 1000000;
  int sent = 0, rests = 0;
};

TEST_F(Looping, ARowWhoseEventsFollowDeliveriesIsParkedAfterThreeSilences) {
  std::int64_t captured = now;
  while (deliver(row, captured) && sent < 1000) captured = now - 1; // written while the request is answered
  EXPECT_EQ(sent, 1 + limit + 2);
  EXPECT_EQ(rests, 3);
}

TEST_F(Looping, AReceiverThatWritesLaterIsFoundToo) {
  std::int64_t captured = now;
  while (deliver(row, captured) && sent < 1000) captured = (now += 900);
  EXPECT_LT(sent, 20);
}

TEST_F(Looping, ARowWrittenMoreThanASecondAfterItsDeliveryIsNotSuspected) {
  for (int i = 0; i < 100; i++, now += 1100) ASSERT_TRUE(deliver(row, now));
  EXPECT_EQ(rests, 0);
}

TEST_F(Looping, EventsThatWaitWhileTheOneBeforeIsSentAreNotSuspected) {
  for (int i = 0; i < 100; i++) ASSERT_TRUE(deliver(row, now - 10));
  EXPECT_EQ(rests, 0);
}

TEST_F(Looping, OtherRowsGoOn) {
  std::int64_t captured = now;
  for (int i = 0; i <= limit; i++, captured = now - 1) ASSERT_TRUE(deliver(row, captured));
  EXPECT_EQ(detector.ask(row, captured, now), Advice::Rest);
  EXPECT_EQ(detector.ask(other, now, now), Advice::Send);
}

// A row that somebody writes each 300 ms, whatever is delivered.
class Steady : public Looping {
protected:
  void end_of_rest(LaneKey lane) override {
    for (; detector.rested(now).empty(); now += 300) detector.arrived(lane, now);
  }
};

TEST_F(Steady, ABusyRowRestsForAMomentAndEachTimeAfterTwiceAsManyEvents) {
  for (int i = 0; i < 1000; i++, now += 300) ASSERT_TRUE(deliver(row, now));
  EXPECT_GE(rests, 5);
  EXPECT_LE(rests, 8); // 5, 10, 20 ... 640 events
}

TEST_F(Looping, WhatTheLastDeliveryMayHaveCausedDoesNotEndTheRest) {
  std::int64_t captured = now;
  for (int i = 0; i <= limit; i++, captured = now - 1) ASSERT_TRUE(deliver(row, captured));
  const std::int64_t delivered = now;
  ASSERT_EQ(detector.ask(row, captured, now), Advice::Rest);
  detector.arrived(row, delivered + 1000);
  EXPECT_TRUE(detector.rested(delivered + 1999).empty());
  detector.arrived(row, delivered + 1001);
  EXPECT_EQ(detector.next_rested_ms(), 0);
  EXPECT_EQ(detector.rested(delivered + 1100).size(), 1u);
}

TEST_F(Looping, TurnedOffItLooksForNothingAndEndsEachRest) {
  std::int64_t captured = now;
  for (int i = 0; i <= limit; i++, captured = now - 1) ASSERT_TRUE(deliver(row, captured));
  ASSERT_EQ(detector.ask(row, captured, now), Advice::Rest);
  detector.set_limit(0);
  EXPECT_EQ(detector.rested(now), std::vector<LaneKey>{row});
  for (int i = 0; i < 100; i++, captured = now - 1) ASSERT_TRUE(deliver(row, captured));
  EXPECT_EQ(detector.size(), 0u);
}

TEST_F(Looping, KeepsNothingOfRowsThatAreQuiet) {
  for (int key = 0; key < 1000; key++) ASSERT_TRUE(deliver({1, key}, now));
  now += 10000;
  ASSERT_TRUE(deliver(row, now));
  EXPECT_EQ(detector.size(), 1u);
}

} // namespace
