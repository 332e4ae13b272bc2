#include "workers/ring_backend.h"

#include "pg/settings.h"
#include "workers/ring.h"

#include <algorithm>
#include <csignal>

namespace gqlsvl::workers {

struct RingBackend::Waiting {
  server::Call call;
  Done done;
  Clock::time_point deadline;
  bool retried = false, canceled = false;
};

struct RingBackend::Lane {
  int slot = 0, channel = 0;
  std::uint64_t epoch = 0, number = 0; // of the call under way
  bool ready = false;
  std::unique_ptr<Waiting> work;
  std::string outgoing; // what did not fit into the ring yet
  std::size_t sent = 0;
  FrameReader incoming;
};

struct RingBackend::Finished {
  Done done;
  server::Outcome outcome;
};

namespace {

constexpr std::chrono::seconds cancel_grace{1}; // the executor's own time limit comes first

Channel &channel_at(int index) { return shared()->channels[index]; }

void wake(int slot) {
  if (Latch *latch = shared()->slots[slot].latch.load()) SetLatch(latch);
}

} // namespace

RingBackend::RingBackend(Oid database) : database_(database) {}
RingBackend::~RingBackend() = default;

bool RingBackend::submit(server::Call call, Done done) {
  if (queue_.size() >= queue_bound) return false;
  auto work = std::make_unique<Waiting>();
  work->call = std::move(call);
  work->done = std::move(done);
  work->deadline = Clock::now() + std::chrono::milliseconds(pg::settings().request_timeout_ms);
  queue_.push_back(std::move(work));
  hand_out();
  if (nobody_may_run()) refuse_all();
  return true;
}

bool RingBackend::nobody_may_run() const {
  const Database *database = find_database(database_);
  return database && !OidIsValid(database->authenticator.load()) && executors_ready() == 0;
}

void RingBackend::cancel(std::uint64_t ticket) {
  auto waiting = std::find_if(queue_.begin(), queue_.end(), [ticket](auto &work) { return work->call.ticket == ticket; });
  if (waiting != queue_.end()) {
    fail(**waiting, "the request was canceled", "unexpected");
    queue_.erase(waiting);
    return;
  }
  for (auto &[slot, lane] : lanes_) {
    if (!lane.work || lane.work->call.ticket != ticket || lane.work->canceled) continue;
    lane.work->canceled = true;
    // The executor compares the number with that of its present call: a late signal stops nothing else.
    channel_at(lane.channel).cancel.store(lane.number);
    if (int pid = shared()->slots[slot].pid.load()) kill(pid, SIGUSR2);
  }
}

int RingBackend::wait_ms() const {
  if (!finished_.empty()) return 0;
  auto due = Clock::time_point::max();
  if (!queue_.empty()) due = queue_.front()->deadline;
  for (auto &[slot, lane] : lanes_)
    if (lane.work && !lane.work->canceled) due = std::min(due, lane.work->deadline + cancel_grace);
  if (due == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 60000));
}

int RingBackend::executors_ready() const {
  int ready = 0;
  for (auto &[slot, lane] : lanes_) ready += lane.ready;
  return ready;
}

void RingBackend::on_latch() {
  find_lanes();
  for (auto &[slot, lane] : lanes_) check_lane(lane);
  if (nobody_may_run()) refuse_all();
  expire(Clock::now());
  hand_out();
  std::vector<Finished> finished = std::move(finished_);
  finished_.clear();
  for (Finished &f : finished) f.done(std::move(f.outcome)); // may submit again
}

void RingBackend::find_lanes() {
  Shared &memory = *shared();
  for (int i = 0; i < max_slots; i++) {
    Slot &slot = memory.slots[i];
    const bool ours = slot.kind.load() == WorkerKind::Executor && slot.database.load() == database_ && slot.channel >= 0;
    auto found = lanes_.find(i);
    if (found != lanes_.end() && (!ours || found->second.channel != slot.channel)) {
      lose(found->second);
      lanes_.erase(found);
      found = lanes_.end();
    }
    if (!ours || found != lanes_.end()) continue;
    Lane &lane = lanes_[i];
    lane.slot = i;
    lane.channel = slot.channel;
  }
}

void RingBackend::check_lane(Lane &lane) {
  Channel &channel = channel_at(lane.channel);
  const Opening now = peek(channel);
  if (now.epoch != lane.epoch || now.ready != lane.ready) {
    lose(lane);
    lane.ready = now.ready;
    lane.epoch = now.ready ? open_as_listener(channel) : now.epoch;
  }
  if (!lane.ready || !lane.work) return;
  if (lane.sent < lane.outgoing.size()) {
    const Copied copied = write_some(channel, Direction::ToExecutor, lane.epoch, std::string_view(lane.outgoing).substr(lane.sent));
    lane.sent += copied.bytes;
    if (copied.bytes) wake(lane.slot);
  }
  read_outcomes(lane);
}

void RingBackend::read_outcomes(Lane &lane) {
  std::string bytes;
  for (;;) {
    const Copied copied = read_some(channel_at(lane.channel), Direction::ToListener, lane.epoch, bytes);
    if (copied.stale || !copied.bytes) break;
  }
  if (bytes.empty()) return;
  wake(lane.slot); // there is room again
  lane.incoming.feed(bytes);
  while (std::optional<Frame> frame = lane.incoming.next()) {
    if (!lane.work || frame->number != lane.number) continue;
    std::unique_ptr<Waiting> work = std::move(lane.work);
    std::optional<server::Outcome> outcome = decode_outcome(frame->message);
    if (outcome)
      finished_.push_back({std::move(work->done), std::move(*outcome)});
    else
      fail(*work, "the executor's answer could not be read", "unexpected");
  }
}

void RingBackend::hand_out() {
  for (auto &[slot, lane] : lanes_) {
    if (queue_.empty()) return;
    if (!lane.ready || lane.work || shared()->slots[slot].leave.load()) continue;
    std::unique_ptr<Waiting> work = std::move(queue_.front());
    queue_.pop_front();
    start(lane, std::move(work));
  }
}

void RingBackend::start(Lane &lane, std::unique_ptr<Waiting> work) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(work->deadline - Clock::now()).count();
  WorkItem item{work->call, static_cast<std::uint32_t>(left > 1 ? left : 1)};
  lane.number = ++last_number_;
  lane.outgoing = frame(lane.number, encode(item));
  lane.work = std::move(work);
  const Copied copied = write_some(channel_at(lane.channel), Direction::ToExecutor, lane.epoch, lane.outgoing);
  lane.sent = copied.bytes; // stale: the next check_lane finds the new epoch and takes the work back
  wake(lane.slot);
}

// The executor of this lane is gone, or another one is there: its call has no answer. What it never got whole, or what changes nothing,
// another one runs.
void RingBackend::lose(Lane &lane) {
  const bool never_began = lane.sent < lane.outgoing.size();
  lane.outgoing.clear();
  lane.sent = 0;
  lane.incoming.clear();
  if (!lane.work) return;
  std::unique_ptr<Waiting> work = std::move(lane.work);
  const bool again = never_began || (work->call.kind == server::CallKind::Evaluate && !std::exchange(work->retried, true));
  if (again && !work->canceled)
    queue_.push_front(std::move(work));
  else
    fail(*work, "the process that ran this request ended before it answered; whether a mutation was committed is not known", "unexpected");
}

void RingBackend::fail(Waiting &work, std::string_view message, std::string_view code) {
  server::Outcome outcome;
  outcome.ticket = work.call.ticket;
  outcome.generation = work.call.generation;
  outcome.failed = true;
  outcome.json = error_response(message, code);
  finished_.push_back({std::move(work.done), std::move(outcome)});
}

void RingBackend::refuse_all() {
  for (auto &work : queue_)
    fail(*work, "no request can run: the server has no usable authenticator role; its log and gqlsvl.check() say more", "unexpected");
  queue_.clear();
}

// The queue is in the order of the deadlines, but for a few taken back to its front, which are older.
void RingBackend::expire(Clock::time_point now) {
  while (!queue_.empty() && now >= queue_.front()->deadline) {
    fail(*queue_.front(),
         lanes_.empty() ? "no executor is running" : "the request waited longer than gqlsvl.request_timeout for an executor",
         "time-limit-exceeded");
    queue_.pop_front();
  }
  for (auto &[slot, lane] : lanes_)
    if (lane.work && now >= lane.work->deadline + cancel_grace) cancel(lane.work->call.ticket);
}

} // namespace gqlsvl::workers
