// The safety net under the commit signal: looks at its interval while somebody subscribes, and asks for work only when something moved.
#include "live/safety_net.h"

#include <gtest/gtest.h>

using gqlsvl::live::SafetyNet;

namespace {
SafetyNet::TimePoint at(int s) { return SafetyNet::TimePoint{} + std::chrono::seconds(s); }
} // namespace

TEST(SafetyNet, NothingIsDueWhileNobodySubscribes) {
  SafetyNet net(std::chrono::seconds(60));
  EXPECT_FALSE(net.next_look());
  net.set_active(true, 10, at(0));
  net.set_active(false, 10, at(1));
  EXPECT_FALSE(net.next_look());
}

TEST(SafetyNet, LooksAtItsIntervalAndSaysOnceThatThePositionMoved) {
  SafetyNet net(std::chrono::seconds(60));
  net.set_active(true, 10, at(0));
  ASSERT_EQ(net.next_look(), at(60));
  EXPECT_FALSE(net.look(10, at(60)));
  ASSERT_EQ(net.next_look(), at(120));
  EXPECT_TRUE(net.look(11, at(125)));
  EXPECT_EQ(net.next_look(), at(185)) << "late looks are not made up for";
  EXPECT_FALSE(net.look(11, at(185)));
}

TEST(SafetyNet, WhatWasCommittedBeforeTheFirstSubscriptionIsNoChange) {
  SafetyNet net(std::chrono::seconds(60));
  net.set_active(true, 10, at(0));
  net.set_active(false, 10, at(1));
  net.set_active(true, 50, at(2));
  EXPECT_FALSE(net.look(50, at(62)));
}
