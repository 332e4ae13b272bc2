// The delivery worker: sends what its queue hands out, judges the answers, and says when it is next needed.
//
// In:  wake-ups of committing writers, answers of receivers, time. Out: requests; outcomes for the queue (delivery_queue.h).
// Always: no transaction is open while a receiver is awaited; a step that fails leaves the state as it was and is tried again.
// States, crash rules and who wakes whom: src/events/store/README.md.
#pragma once
#include "events/store/breaker.h"
#include "events/store/rate_limit.h"
#include "workers/delivery_aws.h"
#include "workers/delivery_cron.h"
#include "workers/delivery_queue.h"

#include <memory>
#include <random>

namespace gqlsvl::workers {

inline constexpr auto poll_interval = milliseconds(1000);

class DeliveryWorker {
public:
  explicit DeliveryWorker(int index);
  milliseconds pass(Clock::time_point now, bool woken); // does what can be done; when to come again
  void reload();                                        // settings changed
  bool over() const;                                    // it was asked to leave, and others have its shards
  int descriptor() const { return clients_.back()->descriptor(); }
  bool take_descriptor_changed() { return std::exchange(descriptor_changed_, false); }

private:
  void make_client();
  void refresh(Clock::time_point now);
  void collect();
  void pause(std::int32_t trigger_id);
  void judge_answer(const outbound::Answer &answer);
  void settle(std::int64_t id, int status, const outbound::Verdict &verdict, const std::string &response,
              std::chrono::microseconds duration);
  void put_back(events::Outcome head);
  void park(const events::StoredEvent &event, std::int64_t wait_ms);
  void ask_again(const events::StoredEvent &event);
  void park_looping(const events::StoredEvent &event, const DeliveryTrigger &trigger);
  void give_up(events::Outcome outcome, const DeliveryTrigger &trigger);
  void judge_receiver(const outbound::Verdict &verdict, int status, std::int32_t trigger);
  void apply_breakers(Clock::time_point now);
  double part_of_shards() const;
  void apply_rate_limits(Clock::time_point now);
  bool take_token(const DeliveryTrigger &trigger, Clock::time_point now); // false: none is left
  milliseconds next_token(Clock::time_point now) const;                   // until a trigger that waits for one has it
  static bool too_old(const events::StoredEvent &event, const DeliveryTrigger &trigger, std::int64_t now_ms);
  void give_up_too_old(const events::StoredEvent &event);
  void give_up_those_too_old(Clock::time_point now);
  void tell_too_old();
  bool keeps_looping(const events::StoredEvent &event, const DeliveryTrigger &trigger); // its row is made to rest, or is parked
  void wake_rested();
  void dispatch(Clock::time_point now);
  bool dispatch_some(Clock::time_point now);
  void send_scheduled(const events::StoredEvent &event, Clock::time_point now);
  void miss(const events::StoredEvent &event);
  bool keep_back(const events::StoredEvent &event, const DeliveryTrigger &trigger, Clock::time_point now); // true: it is not sent now
  std::string send(const events::StoredEvent &event, bool &retryable); // why it could not be sent; empty: it is on its way
  void send_or_settle(const events::StoredEvent &event);
  void send_those_that_wait();
  milliseconds next_pass(Clock::time_point now) const;

  int index_;
  AwsAccount aws_;
  std::vector<std::int64_t> waiting_for_keys_; // events for Lambda, in flight as far as the queue knows
  DeliveryQueue queue_;
  DeliveryCron cron_;
  std::map<std::int32_t, events::Breaker> breakers_;       // of triggers with a failure lately
  std::map<std::int32_t, events::RateLimit> rate_limits_;  // of triggers that have one
  std::map<std::int32_t, int> too_old_;                    // events given up for their age, not said in the log yet
  std::vector<std::unique_ptr<outbound::Client>> clients_; // the last one takes new requests; the others only finish theirs
  std::mt19937_64 random_{std::random_device{}()};
  Clock::time_point last_refresh_{}, last_read_{}, last_age_check_{};
  std::uint64_t read_at_ = 0, refreshed_at_ = 0; // next transaction number at the last read, refresh: no SQL while it stays
  std::string held_because_;                     // last said in the log
  bool held_ = true, read_again_ = true, descriptor_changed_ = true;
};

} // namespace gqlsvl::workers
