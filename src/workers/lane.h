// One executor as the listener sees it: the calls under way there, in their order, and the bytes between.
//
// In:  work to start; turns of the loop. Out: what has ended (with its outcome, lost, or to be given to another executor).
// Always: never blocks. One request at a time; evaluations of live queries may wait there behind evaluations, so that neither process
//   sleeps between them: at most `most_evaluations`, and none behind one that is slow. A call that the executor never got whole has not
//   begun.
#pragma once
#include "server/backend.h"
#include "workers/message.h"
#include "workers/shared.h"

#include <chrono>
#include <deque>
#include <memory>

namespace gqlsvl::workers {

// A call on its way through the listener.
struct Work {
  using Clock = std::chrono::steady_clock;
  server::Call call;
  server::Backend::Done done;
  Clock::time_point deadline;
  bool retried = false, canceled = false;
};
using WorkPtr = std::unique_ptr<Work>;

class Lane {
public:
  using Clock = Work::Clock;
  static constexpr std::size_t most_evaluations = 4;
  static constexpr std::chrono::milliseconds slow{20};   // nothing more is put behind it
  static constexpr std::chrono::milliseconds stuck{100}; // what waits behind it is taken back
  static constexpr std::chrono::seconds cancel_grace{1}; // the executor's own time limit comes first

  // What a turn found.
  struct Ended {
    WorkPtr work;
    enum { Answered, Unreadable, Lost, Again } how; // Again: to be given to another executor, before all that waits
    server::Outcome outcome;                        // Answered
  };

  Lane(int slot, int channel) : slot_(slot), channel_(channel) {}
  int channel() const { return channel_; }
  bool ready() const { return ready_; }
  std::size_t under_way() const { return calls_.size(); }
  bool takes(server::CallKind kind, Clock::time_point now) const;

  void start(WorkPtr work, std::uint64_t number, Clock::time_point now);
  void turn(Clock::time_point now, std::vector<Ended> &ended);
  void lose(std::vector<Ended> &ended); // the executor is gone
  bool cancel(std::uint64_t ticket);    // false: not here
  Clock::time_point next_due() const;   // max(): nothing by time

private:
  struct Call {
    WorkPtr work;
    std::uint64_t number, ends_at; // position in the stream of bytes to the executor
  };
  Channel &ring() const { return shared()->channels[channel_]; }
  void wake() const;
  void send();
  void read(Clock::time_point now, std::vector<Ended> &ended);
  void send_cancel();
  void take_back(Clock::time_point now, std::vector<Ended> &ended);

  int slot_, channel_;
  std::uint64_t epoch_ = 0, sent_ = 0, written_ = 0; // bytes: given to the ring; in all calls so far
  bool ready_ = false, cancel_sent_ = false;         // of the first call
  std::deque<Call> calls_;                           // the first one runs
  Clock::time_point first_since_{};
  std::string outgoing_; // what the ring has no room for yet
  FrameReader incoming_;
};

} // namespace gqlsvl::workers
