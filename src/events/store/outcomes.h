// What became of events, written into gqlsvl.invocation, retry and dead.
//
// In:  outcomes since the last checkpoint. Out: rows, in the caller's transaction: the one that also writes the checkpoint, so that no
//   checkpoint calls an event finished whose outcome is not there.
// Always: inside an open transaction and SPI.
#pragma once
#include "events/store/event.h"
#include "events/store/statement.h"

namespace gqlsvl::events {

struct Outcome {
  // Scheduled: read, and to be found in gqlsvl.retry. Follower: not tried, waits behind a failed one. Parked: not tried, waits for
  // delay_ms, or if that is negative until its trigger is resumed.
  enum class Kind { Delivered, Retry, Dead, Scheduled, Follower, Parked } kind = Kind::Delivered;
  StoredEvent event;               // without payload
  int attempts = 0;                // made in all
  int status = 0;                  // 0: no answer
  std::string error, response, at; // at: the attempt's time, as Postgres reads it; empty: none was made
  std::int64_t duration_us = 0, delay_ms = 0;
  bool looping = false; // parked until an operator lets it go
};

class OutcomeLog {
public:
  void record(std::vector<Outcome> &outcomes); // each then names the child its event is in
  // In these shards: retries of dropped triggers are over (but for those in memory), those of triggers without order wait for nothing,
  // parked events of resumed triggers are due.
  void clean_up(const std::vector<std::int32_t> &unordered, const std::vector<std::int32_t> &resumed,
                const std::vector<std::int64_t> &in_memory, std::uint32_t shards);

private:
  void find_places(std::vector<Outcome> &outcomes);
  void record_attempts(const std::vector<Outcome> &outcomes);
  void record_finished(const std::vector<Outcome> &outcomes);
  void record_dead(const std::vector<Outcome> &outcomes);
  void record_waiting(const std::vector<Outcome> &outcomes);
  void record_scheduled(const std::vector<Outcome> &outcomes);
  struct Statements;
  Statements &statements();
  Statements *statements_ = nullptr; // for the life of the process
};

} // namespace gqlsvl::events
