// The parts of the event store that need no server: the coded list of a checkpoint, the retry policy, the lanes.
#include "base/error.h"
#include "events/store/lanes.h"
#include "events/store/pending.h"
#include "events/store/retry_policy.h"
#include "events/store/snapshot.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

using namespace gqlsvl::events;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

StoredEvent event(std::int64_t id, std::int32_t key, std::optional<std::int32_t> new_key = std::nullopt, std::int32_t trigger = 1) {
  StoredEvent e;
  e.id = id;
  e.trigger_id = trigger;
  e.key_hash = key;
  e.new_key_hash = new_key;
  return e;
}

TriggerDefinition policy(int retries) {
  TriggerDefinition t;
  t.num_retries = retries;
  t.retry_interval_ms = 1000;
  t.max_interval_ms = 10000;
  t.backoff = 2;
  return t;
}

TEST(Pending, WhatIsEncodedIsDecoded) {
  std::vector<Place> places = {{0, 731, 5}, {7, 700, 4}, {0, UINT64_MAX, INT64_MAX}, {1, 3, 0}, {0, 1ull << 63, -9}};
  EXPECT_EQ(decode(encode(places)), places);
  EXPECT_TRUE(decode("").empty());
}

TEST(Pending, DamagedBytesAreAnError) {
  EXPECT_THROW(decode("\x80"), gqlsvl::Error);
  EXPECT_THROW(decode(std::string(40, '\xff')), gqlsvl::Error);
}

TEST(RetryPolicy, DelaysGrowAndStopAtTheLongest) {
  EXPECT_EQ(next_delay(policy(20), 1, {}, 0), milliseconds(1000));
  EXPECT_EQ(next_delay(policy(20), 3, {}, 0), milliseconds(4000));
  EXPECT_EQ(next_delay(policy(20), 9, {}, 0), milliseconds(10000));
  EXPECT_EQ(next_delay(policy(1000), 1000, {}, 0), milliseconds(10000));
  EXPECT_LT(*next_delay(policy(20), 9, {}, 0.99), milliseconds(10000));
}

TEST(RetryPolicy, TheLastAttemptHasNoNext) {
  EXPECT_TRUE(next_delay(policy(2), 2, {}, 0));
  EXPECT_FALSE(next_delay(policy(2), 3, {}, 0));
  EXPECT_FALSE(next_delay(policy(0), 1, {}, 0));
}

TEST(RetryPolicy, RetryAfterOverridesTheLimitAndIsAtMostADay) {
  EXPECT_EQ(next_delay(policy(0), 5, seconds(7), 0), milliseconds(7000));
  EXPECT_EQ(next_delay(policy(0), 5, seconds(365 * 86400), 0), milliseconds(86400 * 1000));
}

TEST(Lanes, EventsOfOneRowGoOneAfterTheOther) {
  Lanes lanes;
  lanes.set_trigger(1, 10, true);
  for (int id = 1; id <= 3; id++) lanes.add(event(id, 77));
  lanes.add(event(4, 88));
  EXPECT_EQ(lanes.next()->id, 1);
  EXPECT_EQ(lanes.next()->id, 4) << "another row does not wait";
  EXPECT_EQ(lanes.next(), nullptr);
  lanes.done(1);
  EXPECT_EQ(lanes.next()->id, 2);
}

TEST(Lanes, NoMoreThanMaxInFlightAndTriggersTakeTurns) {
  Lanes lanes;
  lanes.set_trigger(1, 2, true);
  lanes.set_trigger(2, 2, false);
  for (int id = 1; id <= 8; id++) lanes.add(event(id, id, {}, id <= 4 ? 1 : 2));
  std::vector<std::int32_t> triggers;
  while (StoredEvent *next = lanes.next()) triggers.push_back(next->trigger_id);
  EXPECT_EQ(triggers, (std::vector<std::int32_t>{1, 2, 1, 2}));
}

TEST(Lanes, AFailedHeadTakesItsFollowersOutAndBlocksTheLane) {
  Lanes lanes;
  lanes.set_trigger(1, 10, true);
  for (int id = 1; id <= 3; id++) lanes.add(event(id, 77));
  lanes.next();
  EXPECT_EQ(lanes.failed(1).size(), 2u);
  EXPECT_TRUE(lanes.events().empty());
  EXPECT_EQ(lanes.add(event(4, 77)), Lanes::Added::Blocked);
  EXPECT_TRUE(lanes.take_refills().empty()) << "its head waits for its time";
  StoredEvent head = event(1, 77);
  head.in_retry = true;
  lanes.add_due(head);
  EXPECT_EQ(lanes.next()->id, 1);
  lanes.done(1);
  auto refills = lanes.take_refills();
  ASSERT_EQ(refills.size(), 1u);
  lanes.refill(refills[0].lane, {event(2, 77), event(3, 77)}, false);
  EXPECT_EQ(lanes.add(event(5, 77)), Lanes::Added::Queued);
  for (int id : {2, 3, 5}) {
    ASSERT_EQ(lanes.next()->id, id);
    lanes.done(id);
  }
}

TEST(Lanes, AChangeOfTheKeyIsInOrderWithBothKeys) {
  Lanes lanes;
  lanes.set_trigger(1, 10, true);
  lanes.add(event(1, 77));
  lanes.add(event(2, 77, 88));
  lanes.add(event(3, 88));
  for (int id = 1; id <= 3; id++) {
    ASSERT_EQ(lanes.next()->id, id);
    EXPECT_EQ(lanes.next(), nullptr);
    lanes.done(id);
  }
  lanes.add(event(4, 77));
  lanes.add(event(5, 88));
  EXPECT_EQ(lanes.next()->id, 4);
  EXPECT_EQ(lanes.next()->id, 5) << "the lanes part again when they are empty";
}

TEST(Lanes, RandomHistoriesKeepTheOrderOfEachRow) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; round++) {
    Lanes lanes;
    lanes.set_trigger(1, 4, true);
    std::map<std::int32_t, std::int64_t> last;
    std::set<std::int64_t> running;
    std::map<std::int64_t, std::int32_t> key_of;
    int added = 0, finished = 0;
    while (finished < 60) {
      if (added < 60 && random() % 2) {
        std::int32_t key = static_cast<std::int32_t>(random() % 5);
        key_of[++added] = key;
        lanes.add(event(added, key));
      } else if (StoredEvent *next = random() % 2 ? lanes.next() : nullptr) {
        EXPECT_GT(next->id, last[next->key_hash]);
        last[next->key_hash] = next->id;
        running.insert(next->id);
      } else if (!running.empty()) {
        lanes.done(*running.begin());
        running.erase(running.begin());
        finished++;
      }
    }
    EXPECT_TRUE(lanes.events().empty());
  }
}

TEST(Lanes, ATriggerThatLosesItsOrderFreesWhatWaited) {
  Lanes lanes;
  lanes.set_trigger(1, 10, true);
  for (int id = 1; id <= 3; id++) lanes.add(event(id, 77));
  EXPECT_EQ(lanes.next()->id, 1);
  lanes.set_trigger(1, 10, false);
  EXPECT_EQ(lanes.next()->id, 2) << "while 1 is in flight";
  EXPECT_EQ(lanes.next()->id, 3);
  for (int id = 1; id <= 3; id++) lanes.done(id);
  lanes.set_trigger(1, 10, true);
  lanes.add(event(4, 77));
  lanes.add(event(5, 77));
  EXPECT_EQ(lanes.next()->id, 4);
  EXPECT_EQ(lanes.next(), nullptr) << "the order is kept again";
}

TEST(Lanes, ATriggerThatGetsAnOrderKeepsItForWhatComesLater) {
  Lanes lanes;
  lanes.set_trigger(1, 10, false);
  lanes.add(event(1, 77));
  EXPECT_EQ(lanes.next()->id, 1);
  lanes.set_trigger(1, 10, true);
  lanes.done(1); // had no lane to leave
  lanes.add(event(2, 77));
  lanes.add(event(3, 77));
  EXPECT_EQ(lanes.next()->id, 2);
  EXPECT_EQ(lanes.next(), nullptr);
}

TEST(Lanes, RemovingATriggerGivesBackWhatWaitedAndKeepsWhatIsInFlight) {
  Lanes lanes;
  lanes.set_trigger(1, 1, true);
  lanes.set_trigger(2, 1, false);
  for (int id = 1; id <= 3; id++) lanes.add(event(id, 77));
  lanes.add(event(4, 88));
  lanes.add(event(5, 77, std::nullopt, 2));
  EXPECT_EQ(lanes.next()->id, 1);
  std::set<std::int64_t> removed;
  for (const StoredEvent &one : lanes.remove_trigger(1)) removed.insert(one.id);
  EXPECT_EQ(removed, (std::set<std::int64_t>{2, 3, 4}));
  EXPECT_EQ(lanes.next()->id, 5) << "another trigger goes on";
  lanes.done(1);
  EXPECT_EQ(lanes.next(), nullptr);
  lanes.done(5);
  EXPECT_TRUE(lanes.events().empty());
  EXPECT_EQ(lanes.in_flight(), 0u);
}

TEST(Lanes, LaterEventsOfARowWaitForAChangeOfItsKeyElsewhere) {
  Lanes lanes;
  lanes.set_trigger(1, 10, true);
  lanes.add_barrier(event(2, 77, 88));
  lanes.add(event(1, 88));
  lanes.add(event(3, 88));
  lanes.add(event(4, 99));
  EXPECT_EQ(lanes.next()->id, 1) << "what came before the change does not wait";
  EXPECT_EQ(lanes.next()->id, 4) << "nor another row";
  lanes.done(1);
  EXPECT_EQ(lanes.next(), nullptr);
  lanes.lift_barrier(2);
  EXPECT_EQ(lanes.next()->id, 3);
  EXPECT_TRUE(lanes.barriers().empty());
}

TEST(Lanes, ShardsLeaveOnlyWithNothingInFlight) {
  Lanes lanes;
  lanes.set_trigger(1, 10, true);
  lanes.add(event(1, 3));
  lanes.add(event(2, 3));
  lanes.add(event(3, 4));
  EXPECT_EQ(lanes.next()->id, 1);
  lanes.freeze(shard_of(3));
  EXPECT_EQ(lanes.next()->id, 3) << "the other shard goes on";
  EXPECT_TRUE(lanes.busy(shard_of(3)));
  lanes.done(1);
  EXPECT_EQ(lanes.next(), nullptr) << "the row's next event is left to the new owner";
  EXPECT_FALSE(lanes.busy(shard_of(3)));
  lanes.forget(shard_of(3));
  EXPECT_EQ(lanes.events().size(), 1u);
  lanes.done(3);
  EXPECT_TRUE(lanes.events().empty());
}

TEST(Snapshot, WhatIsWrittenIsRead) {
  for (const char *text : {"3:3:", "10:20:", "10:20:10,15,19"}) EXPECT_EQ(Snapshot::parse(text).text(), text);
  for (const char *text : {"", "10", "10:20:x", "a:b:", "10:20:1;2"}) EXPECT_THROW(Snapshot::parse(text), gqlsvl::Error) << text;
}

TEST(Snapshot, SeesWhatWasOver) {
  Snapshot snapshot = Snapshot::parse("10:20:10,15");
  EXPECT_TRUE(snapshot.sees(9) && snapshot.sees(11) && snapshot.sees(19));
  EXPECT_FALSE(snapshot.sees(10) || snapshot.sees(15) || snapshot.sees(20));
}

// Transactions begin, stay open for any time, commit or abort, while a reader polls: against a model.
TEST(Snapshot, EachCommittedTransactionIsInExactlyOneBatch) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; round++) {
    std::uint64_t next = 3;
    std::set<std::uint64_t> open, committed;
    std::map<std::uint64_t, int> delivered;
    Snapshot from;
    auto poll = [&] {
      std::string text = std::to_string(open.empty() ? next : *open.begin()) + ':' + std::to_string(next) + ':';
      for (std::uint64_t one : open) text += (text.back() == ':' ? "" : ",") + std::to_string(one);
      Snapshot to = Snapshot::parse(text);
      Candidates candidates(from, to);
      for (std::uint64_t one = candidates.first; one < candidates.end; one++)
        if (to.sees(one) && committed.contains(one)) delivered[one]++;
      for (std::uint64_t one : candidates.running)
        if (committed.contains(one)) delivered[one]++;
      from = to;
    };
    for (int step = 0; step < 100; step++) {
      if (random() % 3 == 0) open.insert(next++);
      if (random() % 3 == 0 && !open.empty()) {
        auto one = std::next(open.begin(), random() % open.size());
        if (random() % 4 > 0) committed.insert(*one);
        open.erase(one);
      }
      if (random() % 5 == 0) poll();
    }
    for (std::uint64_t one : open) committed.insert(one);
    open.clear();
    poll();
    EXPECT_EQ(delivered.size(), committed.size());
    for (auto [one, times] : delivered) EXPECT_EQ(times, 1) << one;
  }
}

} // namespace
