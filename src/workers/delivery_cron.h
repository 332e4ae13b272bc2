// When the runs of cron triggers are to be scheduled, by the delivery worker that owns the first shard.
//
// In:  time; that definitions changed. Out: events, made by gqlsvl.schedule_cron_runs() (events/cron_trigger.h) in a transaction of its
// own. Always: no SQL before the next run is due while no definition changes; a failure is tried again after a pause.
#pragma once
#include <chrono>

namespace gqlsvl::workers {

class DeliveryCron {
public:
  using Clock = std::chrono::steady_clock;
  void doubt() { next_ = Clock::time_point::min(); } // definitions changed, or the shard is new
  void run_if_due(Clock::time_point now);
  Clock::time_point next() const { return next_; }

private:
  Clock::time_point next_ = Clock::time_point::min();
};

} // namespace gqlsvl::workers
