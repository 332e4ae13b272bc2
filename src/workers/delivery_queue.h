// A delivery worker's part of the event store: the shards it owns, how far they are read, what of them is in memory.
//
// In:  which shards it should own; outcomes of attempts. Out: events to send, in lanes; checkpoints, retries, invocations, dead events.
// Always: no function leaves a transaction open; one whose transaction fails leaves the state as it was and can be called again; memory is
//   bounded: reading stops first; nothing is handed out before its commit record is on disk.
// Shards change hands by their checkpoint: the old owner finishes what is in flight, writes how far it came, and unlocks; the new one locks
//   and reads that. What the new owner read elsewhere meanwhile is another cursor; cursors at the same position become one.
// A trigger that fills its share of the memory, or whose receiver is not to be asked, is forked: it gets a cursor of its own where the
//   others go on without it. Nothing is written for it meanwhile; when it has caught up it joins the others again.
#pragma once
#include "events/store/loop_detector.h"
#include "events/store/outcomes.h"
#include "events/store/rotation.h"
#include "workers/delivery_triggers.h"

#include <chrono>
#include <set>

namespace gqlsvl::workers {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class DeliveryQueue {
public:
  explicit DeliveryQueue(int worker) : store_(worker) {}
  bool balance(std::uint32_t wanted, Clock::time_point now); // takes and gives up shards as far as possible now; true: took some
  std::uint32_t owned() const { return owned_; }
  bool schedules_cron() const { return owned_ & 1; } // one worker does
  bool take_definitions_loaded() { return std::exchange(definitions_loaded_, false); }
  bool settled() const { return !leaving_ && !missing_; } // false: call balance() again soon

  bool has_room() const;
  bool read();                     // one slice of new events; true: there may be more
  bool fork_has_room() const;      // a forked trigger may read
  void fork(std::int32_t trigger); // its receiver is not to be asked for a while
  // Scheduled events about to be sent, those that may be: each is in flight for cancel_event from then on.
  std::vector<std::int64_t> claim(const std::vector<std::int64_t> &events);
  void add_outcome(events::Outcome outcome) { outcomes_.push_back(std::move(outcome)); }
  void save_if_due(Clock::time_point now);
  milliseconds next_save(Clock::time_point now) const;   // save_if_due() has something to do after this
  void rotate();                                         // the event tables, if it is on this worker to do it
  events::Held held(bool mismatch_holds, bool was_held); // no longer held: what a restore brought is ready to be read

  events::Lanes lanes;
  events::LoopDetector loops;
  DeliveryTriggers triggers;

private:
  struct Refilled {
    events::LaneKey lane;
    std::vector<events::StoredEvent> events;
    bool more;
  };
  void take_up(std::uint32_t shards);
  void give_up(std::uint32_t shards, Clock::time_point now);
  std::size_t share() const;               // of the memory, per trigger, in events
  bool asleep(std::int32_t trigger) const; // its events may wait where they are
  bool may_read(const events::Cursor &cursor) const;
  events::Forks forks() const;
  void split_cursors();
  void join_cursors();
  void load_triggers();
  void bury_dropped();
  void bury(const events::StoredEvent &event);
  void schedule(const events::StoredEvent &event);
  using Overflow = std::map<std::int32_t, std::int64_t>; // triggers over their share, and the last number taken in (0: none of this slice)
  Overflow take_in(std::vector<events::StoredEvent> read, std::uint32_t shards, std::size_t share);
  void fork_overflow(std::size_t cursor, const Overflow &overflow, std::int64_t before);
  void save(Clock::time_point now);
  bool changed() const;
  std::vector<events::Checkpoint> checkpoints() const;
  std::vector<std::int64_t> retry_ids() const;
  std::vector<std::int64_t> lifted_barriers();
  std::vector<std::int32_t> full_triggers() const;

  events::Store store_;
  events::OutcomeLog log_;
  events::Rotation rotation_;
  std::vector<events::Cursor> cursors_;
  std::vector<events::Outcome> outcomes_; // not in the store yet
  std::uint32_t owned_ = 0, leaving_ = 0, missing_ = 0;
  std::int64_t newest_checkpoint_ = 0;
  bool definitions_loaded_ = true;
  bool definitions_changed_ = true; // retries of dropped and of unordered triggers are not cleaned up yet
  Clock::time_point last_save_{}, last_try_{}, next_due_ = Clock::time_point::max();
};

} // namespace gqlsvl::workers
