#include "workers/ring_backend.h"

#include "pg/settings.h"

#include <algorithm>

namespace gqlsvl::workers {

struct RingBackend::Finished {
  Done done;
  server::Outcome outcome;
};

RingBackend::RingBackend(Oid database) : database_(database) {}
RingBackend::~RingBackend() = default;

bool RingBackend::submit(server::Call call, Done done) {
  if (queue_.size() >= queue_bound) return false;
  auto work = std::make_unique<Work>();
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
  for (auto &[slot, lane] : lanes_)
    if (lane.cancel(ticket)) return;
}

int RingBackend::wait_ms() const {
  if (!finished_.empty()) return 0;
  auto due = Clock::time_point::max();
  if (!queue_.empty()) due = queue_.front()->deadline;
  for (auto &[slot, lane] : lanes_) due = std::min(due, lane.next_due());
  if (due == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 60000));
}

int RingBackend::executors_ready() const {
  int ready = 0;
  for (auto &[slot, lane] : lanes_) ready += lane.ready();
  return ready;
}

void RingBackend::on_latch() {
  const auto now = Clock::now();
  std::vector<Lane::Ended> ended;
  find_lanes(ended);
  for (auto &[slot, lane] : lanes_) lane.turn(now, ended);
  for (Lane::Ended &one : ended) settle(one);
  if (nobody_may_run()) refuse_all();
  expire(now);
  hand_out();
  std::vector<Finished> finished = std::move(finished_);
  finished_.clear();
  for (Finished &f : finished) f.done(std::move(f.outcome)); // may submit again
}

void RingBackend::find_lanes(std::vector<Lane::Ended> &ended) {
  for (int i = 0; i < max_slots; i++) {
    const Slot &slot = shared()->slots[i];
    const bool ours = slot.kind.load() == WorkerKind::Executor && slot.database.load() == database_ && slot.channel >= 0;
    auto found = lanes_.find(i);
    if (found != lanes_.end() && (!ours || found->second.channel() != slot.channel)) {
      found->second.lose(ended);
      lanes_.erase(found);
      found = lanes_.end();
    }
    if (ours && found == lanes_.end()) lanes_.emplace(i, Lane(i, slot.channel));
  }
}

void RingBackend::settle(Lane::Ended &ended) {
  switch (ended.how) {
  case Lane::Ended::Answered: finished_.push_back({std::move(ended.work->done), std::move(ended.outcome)}); break;
  case Lane::Ended::Unreadable: fail(*ended.work, "the executor's answer could not be read", "unexpected"); break;
  case Lane::Ended::Again: queue_.push_front(std::move(ended.work)); break;
  case Lane::Ended::Lost:
    fail(*ended.work, "the process that ran this request ended before it answered; whether a mutation was committed is not known",
         "unexpected");
  }
}

// In the order of the queue: a request does not wait behind evaluations that came after it.
void RingBackend::hand_out() {
  const auto now = Clock::now();
  while (!queue_.empty()) {
    Lane *best = nullptr;
    for (auto &[slot, lane] : lanes_)
      if (lane.takes(queue_.front()->call.kind, now) && (!best || lane.under_way() < best->under_way())) best = &lane;
    if (!best) return;
    WorkPtr work = std::move(queue_.front());
    queue_.pop_front();
    best->start(std::move(work), ++last_number_, now);
  }
}

void RingBackend::fail(Work &work, std::string_view message, std::string_view code) {
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
}

} // namespace gqlsvl::workers
