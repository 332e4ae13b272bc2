// The event store as a delivery worker uses it: discovery, checkpoint, retries.
//
// In:  a position (two snapshots and an id). Out: events that became visible between the two, in order of id.
// Discovery: an event is new when its transaction is visible in `to` and not in `from`; searched by range [xmax(from), xmax(to)) and by the
//   transactions running in `from`, so that an old open transaction costs nothing (queue-design 4.2, 4.3).
// Always: each function runs inside an open transaction; nothing is changed in memory, so a failed transaction can be tried again.
// After a crash: begin() gives the newest checkpoint, the events it names as unfinished, and the lanes that wait in gqlsvl.retry.
#pragma once
#include "events/store/event.h"
#include "events/store/statement.h"

#include <map>

namespace gqlsvl::events {

struct Position {
  std::int64_t n = 0;                     // number of the newest checkpoint
  std::string from = "3:3:", to = "3:3:"; // as pg_snapshot is written; 3: the first transaction number
  std::int64_t last_id = 0;
};

struct Outcome {
  enum class Kind { Delivered, Retry, Dead, Follower } kind = Kind::Delivered; // Follower: not tried, waits behind a failed one
  StoredEvent event;                                                           // without payload
  int attempts = 0;                                                            // made in all
  int status = 0;                                                              // 0: no answer
  std::string error, response, at; // at: the attempt's time, as Postgres reads it; empty: none was made
  std::int64_t duration_us = 0, delay_ms = 0;
};

struct WaitingLane {
  std::int32_t trigger_id, key_hash;
  std::optional<std::int32_t> new_key_hash;
  bool has_head; // one of its rows has a due time
};

struct Held {
  bool held = false;
  std::string why; // empty: nothing to tell anybody
};

class Store {
public:
  Store(int worker, int shards) : worker_(worker), shards_(shards) {}
  // `mismatch_holds`: gqlsvl.delivery = auto.
  Held held(bool mismatch_holds);
  std::vector<TriggerDefinition> triggers();

  Position newest_checkpoint(std::string &pending); // n is 0: there is none
  // Events restored from a cluster with higher transaction numbers would stay invisible: they get this transaction's number.
  void take_over_restored();
  std::vector<StoredEvent> at_places(const std::string &pending);
  std::vector<WaitingLane> waiting_lanes();

  std::string snapshot(); // now
  std::vector<StoredEvent> read(const Position &position, int most);

  void record(const std::vector<Outcome> &outcomes);
  // Retries of dropped triggers are over (but for those in memory), those of triggers without order wait for nothing.
  void clean_up(const std::vector<std::int32_t> &unordered, const std::vector<std::int64_t> &in_memory);
  void checkpoint(const Position &position, const std::vector<StoredEvent> &unfinished); // as number position.n + 1
  std::vector<StoredEvent> due(const std::vector<std::int64_t> &in_memory, int most);
  std::optional<std::int64_t> next_due_ms(const std::vector<std::int64_t> &in_memory);
  // Rows behind a lane's head that is done; none and `waits` true when a row of the lane has its own time.
  std::vector<StoredEvent> behind(std::int32_t trigger_id, const std::vector<std::int32_t> &hashes, int most, bool &waits);

private:
  int worker_, shards_;
  struct Statements;
  Statements &statements();
  Statements *statements_ = nullptr; // for the life of the process
};

// WAL of these transactions' commits is on disk when this returns (postgres-rules 11): what is delivered cannot be lost by a crash.
void make_durable(const std::vector<StoredEvent> &events);

} // namespace gqlsvl::events
