// The delivery worker's state and its steps. States, crash rules and who wakes whom: src/events/README.md.
//
// In:  wake-ups of committing writers, answers of receivers, time. Out: requests; checkpoints, retries, invocations and dead events.
// Always: no transaction is open while a receiver is awaited; nothing is sent before its commit record is on disk; memory is bounded:
//   reading stops first; a step whose transaction fails leaves the state as it was and is tried again.
#pragma once
#include "events/store/lanes.h"
#include "events/store/store.h"
#include "workers/delivery_aws.h"

#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <set>

namespace gqlsvl::workers {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class DeliveryWorker {
public:
  explicit DeliveryWorker(int index);
  void start();                                         // takes the slot's lock, then the state of the worker before
  milliseconds pass(Clock::time_point now, bool woken); // does what can be done; when to come again
  void reload();                                        // settings changed
  int descriptor() const { return clients_.back()->descriptor(); }
  bool take_descriptor_changed() { return std::exchange(descriptor_changed_, false); }

private:
  struct Trigger {
    events::TriggerDefinition definition;
    outbound::Target target;
    std::string unusable; // why the webhook cannot be used
  };
  void take_lock();
  void make_client();
  void refresh(Clock::time_point now);
  void load_triggers_if_changed();
  void load_triggers();
  void bury_dropped();
  void bury(const events::StoredEvent &event);
  void collect();
  void judge_answer(const outbound::Answer &answer);
  void settle(std::int64_t id, int status, const outbound::Verdict &verdict, const std::string &response,
              std::chrono::microseconds duration);
  void save(Clock::time_point now);
  void read();
  void take_in(std::vector<events::StoredEvent> read);
  void dispatch();
  bool has_room() const;
  bool save_is_due(Clock::time_point now) const;
  std::vector<std::int64_t> retry_ids() const;

  int index_;
  AwsAccount aws_;
  events::Store store_;
  events::Lanes lanes_;
  events::Position position_;
  std::map<std::int32_t, Trigger> triggers_;
  std::vector<events::Outcome> outcomes_;                  // not in the store yet
  std::vector<std::int32_t> unordered_;                    // triggers that lost their order since the last clean-up
  std::vector<std::unique_ptr<outbound::Client>> clients_; // the last one takes new requests; the others only finish theirs
  std::mt19937_64 random_{std::random_device{}()};
  Clock::time_point last_save_{}, last_refresh_{}, last_read_{}, next_due_ = Clock::time_point::max();
  std::uint64_t read_at_ = 0, refreshed_at_ = 0; // next transaction number at the last read, refresh: no SQL while it stays
  std::string held_because_;                     // last said in the log
  bool held_ = true, stale_ = true, moved_ = false, read_again_ = true, descriptor_changed_ = true;
  bool changed_ = true; // definitions: retries of dropped and of unordered triggers are not cleaned up yet
};

} // namespace gqlsvl::workers
