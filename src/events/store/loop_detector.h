// Finds rows whose events make themselves: a receiver that, told of a change, changes the same row again, without end.
//
// In:  when events of a lane were captured, sent and delivered (milliseconds since 1970). Out: whether its next event is sent, the lane
//   rests for a while first, or it is parked until an operator lets it go.
// A suspect is a lane of which more than `limit` events in a row were each captured between the sending of the one before and a second
// after its delivery. A row that is written often and innocently looks the same, so the suspect is put to a test: nothing of it is sent for
// two seconds after its last delivery. An innocent row is written all the same: then it goes on at once, and is suspected again only after
// twice as many events. A loop is silent, since only a delivery wakes it; three silences, each ended by the delivery of an event that the
// next one followed within a second, are proof.
// Always: pure; of a lane that has delivered nothing for some seconds nothing is kept. Tests: test/unit/loop_detector_test.cpp.
#pragma once
#include "events/store/lanes.h"

#include <map>
#include <vector>

namespace gqlsvl::events {

class LoopDetector {
public:
  enum class Advice { Send, Rest, Park };

  void set_limit(int limit);                                               // 0: nothing is looked for
  Advice ask(LaneKey lane, std::int64_t captured_ms, std::int64_t now_ms); // before the lane's next event is sent
  void sent(LaneKey lane, std::int64_t now_ms);
  void delivered(LaneKey lane, std::int64_t now_ms);
  void arrived(LaneKey lane, std::int64_t captured_ms); // another event of it was read
  std::vector<LaneKey> rested(std::int64_t now_ms);     // lanes whose rest is over: to be asked about again
  std::optional<std::int64_t> next_rested_ms() const;   // the earliest end of a rest
  std::size_t size() const { return lanes_.size(); }

private:
  struct Lane {
    std::int64_t sent_ms = 0, delivered_ms = 0; // of the event before; delivered 0: not yet
    int in_a_row = 0, allowed = 0, silences = 0;
    bool tested = false, disturbed = false; // it was made to rest, and its next event is judged by that; it was written meanwhile
  };
  void forget_quiet(std::int64_t now_ms);

  int limit_ = 0;
  std::map<LaneKey, Lane> lanes_;           // those that have sent something lately
  std::map<LaneKey, std::int64_t> resting_; // until when
  std::vector<LaneKey> woken_;              // their rest ended early
  std::int64_t cleaned_ms_ = 0;
};

} // namespace gqlsvl::events
