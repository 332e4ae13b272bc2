#include "workers/lane.h"

#include "workers/ring.h"

#include <algorithm>
#include <csignal>

namespace gqlsvl::workers {

using server::CallKind;

bool Lane::takes(CallKind kind, Clock::time_point now) const {
  if (!ready_ || shared()->slots[slot_].leave.load()) return false;
  if (calls_.empty()) return true;
  return kind == CallKind::Evaluate && calls_.front().work->call.kind == CallKind::Evaluate && calls_.size() < most_evaluations &&
         now - first_since_ < slow;
}

void Lane::start(WorkPtr work, std::uint64_t number, Clock::time_point now) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(work->deadline - now).count();
  const std::string bytes = frame(number, encode(WorkItem{work->call, static_cast<std::uint32_t>(std::max<long>(left, 1))}));
  if (calls_.empty()) {
    first_since_ = now;
    cancel_sent_ = false;
  }
  outgoing_ += bytes;
  written_ += bytes.size();
  calls_.push_back({std::move(work), number, written_});
  send();
  wake();
}

void Lane::send() {
  if (outgoing_.empty()) return;
  const Copied copied = write_some(ring(), Direction::ToExecutor, epoch_, outgoing_); // stale: turn() finds the new epoch
  outgoing_.erase(0, copied.bytes);
  sent_ += copied.bytes;
}

// Costs little when the executor is awake.
void Lane::wake() const {
  if (Latch *latch = shared()->slots[slot_].latch.load()) SetLatch(latch);
}

void Lane::turn(Clock::time_point now, std::vector<Ended> &ended) {
  const Opening present = peek(ring());
  if (present.epoch != epoch_ || present.ready != ready_) {
    lose(ended);
    ready_ = present.ready;
    epoch_ = present.ready ? open_as_listener(ring()) : present.epoch;
  }
  if (!ready_ || calls_.empty()) return;
  if (!outgoing_.empty()) {
    send();
    wake();
  }
  read(now, ended);
  take_back(now, ended);
  if (!calls_.empty() && now >= calls_.front().work->deadline + cancel_grace) calls_.front().work->canceled = true;
  send_cancel();
}

void Lane::read(Clock::time_point now, std::vector<Ended> &ended) {
  std::string bytes;
  bool was_full = false;
  for (;;) {
    const Copied copied = read_some(ring(), Direction::ToListener, epoch_, bytes);
    was_full |= copied.was_full;
    if (copied.stale || !copied.bytes) break;
  }
  if (was_full || shared()->slots[slot_].leave.load()) wake(); // it waits for room, or for its answer to be read
  incoming_.feed(bytes);
  while (std::optional<Frame> frame = incoming_.next()) {
    auto call = std::find_if(calls_.begin(), calls_.end(), [&](const Call &c) { return c.number == frame->number; });
    if (call == calls_.end()) continue; // taken back meanwhile
    std::optional<server::Outcome> outcome = decode_outcome(frame->message);
    ended.push_back(
        {std::move(call->work), outcome ? Ended::Answered : Ended::Unreadable, outcome ? std::move(*outcome) : server::Outcome{}});
    calls_.erase(call);
    first_since_ = now;
    cancel_sent_ = false;
  }
}

// A slow evaluation delays no other: what waits behind it goes elsewhere. Should it be evaluated here too, nobody looks at the outcome.
void Lane::take_back(Clock::time_point now, std::vector<Ended> &ended) {
  if (calls_.size() < 2 || now - first_since_ < stuck) return;
  for (; calls_.size() > 1; calls_.pop_back()) ended.push_back({std::move(calls_.back().work), Ended::Again, {}});
}

void Lane::lose(std::vector<Ended> &ended) {
  for (; !calls_.empty(); calls_.pop_back()) {
    Call &call = calls_.back();
    const bool never_began = sent_ < call.ends_at;
    const bool again = never_began || (call.work->call.kind == CallKind::Evaluate && !std::exchange(call.work->retried, true));
    const bool canceled = call.work->canceled;
    ended.push_back({std::move(call.work), again && !canceled ? Ended::Again : Ended::Lost, {}});
  }
  outgoing_.clear();
  incoming_.clear();
  sent_ = written_ = 0;
}

bool Lane::cancel(std::uint64_t ticket) {
  for (Call &call : calls_) {
    if (call.work->call.ticket != ticket) continue;
    call.work->canceled = true;
    send_cancel();
    return true;
  }
  return false;
}

// The executor compares the number with that of its present call: a late signal stops nothing else. One that waits behind is stopped
// when it is the first.
void Lane::send_cancel() {
  if (calls_.empty() || cancel_sent_ || !calls_.front().work->canceled) return;
  cancel_sent_ = true;
  ring().cancel.store(calls_.front().number);
  if (int pid = shared()->slots[slot_].pid.load()) kill(pid, SIGUSR2);
}

Lane::Clock::time_point Lane::next_due() const {
  if (calls_.empty()) return Clock::time_point::max();
  auto due = calls_.front().work->canceled ? Clock::time_point::max() : calls_.front().work->deadline + cancel_grace;
  return calls_.size() > 1 ? std::min<Clock::time_point>(due, first_since_ + stuck) : due;
}

} // namespace gqlsvl::workers
