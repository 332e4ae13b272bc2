// The listener's way to the executors: server::Backend over the rings.
//
// In:  calls (submit). Out: one outcome each, from on_latch(), never from submit().
// Always: never blocks. At most `queue_bound` calls wait; more are refused. An executor that ends gives its
//   call an error; a live query's evaluation is given to another executor once, a mutation never runs twice (workers/lane.h).
// Time limit: gqlsvl.request_timeout counts from submit(); a call still waiting then gets an error, a running one is cancelled.
#pragma once
#include "workers/lane.h"

#include <map>

namespace gqlsvl::workers {

class RingBackend final : public server::Backend {
public:
  explicit RingBackend(Oid database);
  ~RingBackend() override;

  bool submit(server::Call call, Done done) override;
  void cancel(std::uint64_t ticket) override;

  // Each turn of the loop, after ResetLatch: reads outcomes, runs their callbacks, hands out waiting calls.
  void on_latch();
  // Longest time the loop may sleep: -1 when nothing is under way.
  int wait_ms() const;

  int executors_ready() const;
  std::size_t queued() const { return queue_.size(); }

private:
  using Clock = Work::Clock;
  static constexpr std::size_t queue_bound = 1000;
  struct Finished;

  void find_lanes(std::vector<Lane::Ended> &ended);
  void settle(Lane::Ended &ended);
  void hand_out();
  bool nobody_may_run() const; // there is no role for executors, so none will come
  void refuse_all();
  void fail(Work &work, std::string_view message, std::string_view code);
  void expire(Clock::time_point now);

  Oid database_;
  std::uint64_t last_number_ = 0;
  std::deque<WorkPtr> queue_;
  std::map<int, Lane> lanes_; // by slot
  std::vector<Finished> finished_;
};

} // namespace gqlsvl::workers
