// Which event may be sent next: order per row, limits per trigger, turns between triggers.
//
// In:  events as they are read, and what became of each. Out: the next event to send; what a failure pushes out of memory.
// Several workers share the shards of the key's hash. An UPDATE of the key from a shard of another worker into one of this worker is a
// barrier here: it is sent over there, and the lane's later events wait until the other worker's checkpoint says that it is finished.
// A lane is the queue of one (trigger, key_hash). It exists while it holds something. States of a lane:
//   open     events wait in memory, at most one is in flight;
//   blocked  rows of gqlsvl.retry come first: its head waits there for its time, new events go there too;
//   refill   its head in gqlsvl.retry is done and nothing is in memory: the rows behind are to be loaded.
// Always: per lane at most one event is in flight, in order of id; an UPDATE of the key joins the lanes of both keys for as long as they
//   live; an event of a trigger with ordering none has no lane. Pure: tests in test/unit/events_store_test.cpp.
#pragma once
#include "events/store/pending.h"

#include <array>
#include <climits>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

namespace gqlsvl::events {

struct LaneKey {
  std::int32_t trigger_id, key_hash;
  auto operator<=>(const LaneKey &) const = default;
};

class Lanes {
public:
  struct Barrier {
    Place place;
    LaneKey lane; // of the new key
    std::int32_t key_hash;
  };
  enum class Added { Queued, Blocked }; // Blocked: the caller writes it into gqlsvl.retry, behind the lane's others
  struct Refill {
    LaneKey lane;
    std::vector<std::int32_t> hashes; // all keys that were joined into the lane
  };

  void set_trigger(std::int32_t id, int max_in_flight, bool ordered); // also when it changed: see cpp
  void set_limit(std::int32_t id, int in_flight);                     // below max_in_flight; 0: nothing is sent
  bool paused(std::int32_t id) const;
  void throttle(std::int32_t id, bool on) { triggers_[id].throttled = on; } // on: nothing is sent, but events are read
  bool has_waiting(std::int32_t id) const;                                  // an event in memory that is not in flight
  std::size_t held(std::int32_t id) const;                                  // its events in memory
  std::size_t triggers_held() const;                                        // how many triggers have any
  std::vector<std::int32_t> holding(std::size_t events) const;              // triggers that have so many in memory
  std::vector<StoredEvent> remove_trigger(std::int32_t id);                 // what waited; what is in flight stays until done()
  Added add(StoredEvent event);                                             // read from the event table, in order of id
  void block(LaneKey lane, std::optional<std::int32_t> new_key_hash, bool has_due_head); // found in gqlsvl.retry at start
  void add_due(StoredEvent event);                                       // a lane's head from gqlsvl.retry, its time has come
  void refill(LaneKey lane, std::vector<StoredEvent> events, bool more); // the rows behind; more: others remain

  StoredEvent *next();                 // marks it in flight; null: nothing may be sent now
  void done(std::int64_t id);          // delivered or dead: the lane goes on
  void give_up(std::int64_t id);       // dead before it was sent: the lane goes on
  void return_unsent(std::int64_t id); // as if it had not been sent
  void rest(std::int64_t id);          // the same, and nothing of its lane is sent until wake()
  void wake(LaneKey lane);
  // The head goes back to gqlsvl.retry. Returns its followers that leave memory with it; those without `in_retry` need a row there.
  std::vector<StoredEvent> failed(std::int64_t id);

  std::vector<Refill> take_refills();
  void put_back(const std::vector<Refill> &refills); // they could not be loaded

  void add_barrier(const StoredEvent &event); // whose new key's shard is ours and whose key's is not
  void lift_barrier(std::int64_t id);
  const std::map<std::int64_t, Barrier> &barriers() const { return barriers_; }

  void freeze(std::uint32_t shards) { frozen_ = shards; }                                        // nothing of them is sent any more
  bool busy(std::uint32_t shards) const;                                                         // something of them is in flight
  void forget(std::uint32_t shards);                                                             // they are another worker's from now on
  const std::map<std::int64_t, std::unique_ptr<StoredEvent>> &events() const { return events_; } // in memory, by id
  std::size_t bytes() const { return bytes_; }
  std::size_t in_flight() const { return in_flight_; }

private:
  struct Lane {
    std::deque<StoredEvent *> waiting;    // in order of id
    int busy = 0;                         // in flight: at most 1, or 2 just after two lanes were joined; nothing more starts before it is 0
    bool blocked = false, queued = false; // queued: in its trigger's list of ready lanes
    bool resting = false;
    std::vector<std::int32_t> joined; // other key hashes that lead here
  };
  struct Trigger {
    int max_in_flight = 1, limit = INT_MAX, in_flight = 0;
    std::size_t held = 0;
    bool ordered = true, throttled = false;
    std::deque<LaneKey> ready;             // lanes with a head to send
    std::deque<std::int64_t> free_running; // ordering none
  };
  LaneKey root(LaneKey key) const;
  LaneKey join(LaneKey first, LaneKey second);
  LaneKey lane_of(const StoredEvent &event);
  void make_ready(LaneKey key);
  void forget_if_empty(LaneKey key);
  void go_on(LaneKey key); // something left the lane
  std::vector<std::int64_t> dissolve(std::int32_t trigger_id);
  StoredEvent *keep(StoredEvent event);
  void drop(std::int64_t id);
  void put(Lane &lane, StoredEvent *event);
  bool barred(LaneKey key, std::int64_t id) const;
  bool frozen(const StoredEvent &event) const { return frozen_ & shard_of(event.key_hash); }
  StoredEvent *next_in_lanes(Trigger &trigger);
  StoredEvent *next_free_running(Trigger &trigger);
  void count(const StoredEvent &event, int change);

  std::map<std::int64_t, std::unique_ptr<StoredEvent>> events_;
  std::map<LaneKey, Lane> lanes_;
  std::map<LaneKey, LaneKey> joined_; // a key's lane, where that is not its own
  std::map<std::int32_t, Trigger> triggers_;
  std::map<std::int64_t, Barrier> barriers_;
  std::vector<LaneKey> refills_;
  std::array<int, shard_count> in_flight_of_{};
  std::uint32_t frozen_ = 0;
  std::int32_t turn_ = 0; // trigger served last
  std::size_t bytes_ = 0, in_flight_ = 0;
};

} // namespace gqlsvl::events
