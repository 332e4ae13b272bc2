// The event store as a delivery worker uses it: control row, definitions, checkpoints, and what waits in gqlsvl.retry.
//
// A checkpoint says for some shards how far their events are read (a Position) and which of those are not finished yet; the newest row that
// has a shard is the one that counts for it, whichever worker wrote it. Rows are only inserted; old ones are deleted in the background.
// Always: each function runs inside an open transaction; nothing is changed in memory, so a failed transaction can be tried again.
// After a crash: newest_checkpoints() gives the positions and the unfinished events, waiting_lanes() the lanes that wait in gqlsvl.retry.
#pragma once
#include "events/store/cursor.h"
#include "events/store/event.h"
#include "events/store/statement.h"

namespace gqlsvl::events {

struct Checkpoint {
  std::int64_t n = 0;
  std::uint32_t shards = 0;
  Position position;
  std::vector<Place> pending;
  std::int32_t trigger = 0;         // a fork's
  std::vector<std::int32_t> forked; // triggers with rows of their own for some of the shards
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
  explicit Store(int worker) : worker_(worker) {}
  // `mismatch_holds`: gqlsvl.delivery = auto.
  Held held(bool mismatch_holds);
  std::vector<TriggerDefinition> triggers();

  std::int64_t newest_number();                                     // of any checkpoint: a worker's own may be for shards that it gave away
  std::vector<Checkpoint> newest_checkpoints(std::uint32_t shards); // and of their forks; none for a shard: nothing was ever read
  void put_checkpoint(const Checkpoint &checkpoint);
  void remove_checkpoints(std::int64_t newest, std::uint32_t shards); // now and then, long before `newest`
  // Events restored from a cluster with higher transaction numbers would stay invisible: they get this transaction's number.
  void take_over_restored();

  std::vector<WaitingLane> waiting_lanes(std::uint32_t shards);
  // Scheduled events about to be sent. Cancelled ones are gone; one that is being cancelled right now is neither.
  struct Claim {
    std::vector<std::int64_t> claimed, gone;
  };
  Claim claim(const std::vector<std::int64_t> &events);
  void release_claims(std::uint32_t shards); // of a worker that is no more
  // Changes of a key from a shard not in `own` into one of `shards` that wait in gqlsvl.retry.
  std::vector<StoredEvent> waiting_elsewhere(std::uint32_t shards, std::uint32_t own);
  // Which of a trigger's events in a shard are delivered or dead as the newest checkpoints have it.
  std::vector<std::int64_t> finished(std::int32_t trigger, const std::vector<Place> &events, std::uint32_t shard);

  struct Wanted { // of gqlsvl.retry
    std::uint32_t shards;
    std::vector<std::int64_t> in_memory;  // not these
    std::vector<std::int32_t> no_trigger; // nor any of these
  };
  std::vector<StoredEvent> due(const Wanted &wanted, int most);
  std::optional<std::int64_t> next_due_ms(const Wanted &wanted);
  // Rows behind a lane's head that is done; none and `waits` true when a row of the lane has its own time.
  std::vector<StoredEvent> behind(std::int32_t trigger_id, const std::vector<std::int32_t> &hashes, int most, bool &waits);

private:
  int worker_;
  struct Statements;
  Statements &statements();
  Statements *statements_ = nullptr; // for the life of the process
};

// WAL of these transactions' commits is on disk when this returns (docs/rules.md, 11): what is delivered cannot be lost by a crash.
void make_durable(const std::vector<StoredEvent> &events);

} // namespace gqlsvl::events
