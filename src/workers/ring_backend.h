// The listener's way to the executors: server::Backend over the rings.
//
// In:  calls (submit). Out: one outcome each, from on_latch(), never from submit().
// Always: never blocks. At most `queue_bound` calls wait; more are refused. One call per executor at a time. An executor that ends gives
// its
//   call an error; a live query's evaluation is given to another executor once, a mutation never runs twice.
// Time limit: gqlsvl.request_timeout counts from submit(); a call still waiting then gets an error, a running one is cancelled.
#pragma once
#include "server/backend.h"
#include "workers/message.h"
#include "workers/shared.h"

#include <chrono>
#include <deque>
#include <map>
#include <memory>

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
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t queue_bound = 1000;
  struct Waiting;
  struct Lane;
  struct Finished;

  void find_lanes();
  void check_lane(Lane &lane);
  void read_outcomes(Lane &lane);
  void hand_out();
  bool nobody_may_run() const; // there is no role for executors, so none will come
  void refuse_all();
  void start(Lane &lane, std::unique_ptr<Waiting> work);
  void lose(Lane &lane);
  void fail(Waiting &work, std::string_view message, std::string_view code);
  void expire(Clock::time_point now);

  Oid database_;
  std::uint64_t last_number_ = 0;
  std::deque<std::unique_ptr<Waiting>> queue_;
  std::map<int, Lane> lanes_; // by slot
  std::vector<Finished> finished_;
};

} // namespace gqlsvl::workers
