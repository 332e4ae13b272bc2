// Reads the event tables, by their index on (txid, id) and by row address: no SQL, no plan that an empty queue could have spoilt.
//
// In:  two snapshots, or places. Out: events in order of id.
// Always: inside a transaction with an active snapshot. An address is only a short cut: the row there must have the event's number, else
//   the event is looked up in the index (VACUUM FULL and CLUSTER move rows; docs/rules.md, 14). Found entries are small (32 bytes), so that
//   a transaction of any size is sorted in bounded memory: the events themselves are fetched slice by slice. The child in a place is a
//   hint as well: rotation moves what is not delivered to another child (rotation.h), and fetch() then looks in all.
#pragma once
#include "events/store/event.h"
#include "events/store/pending.h"
#include "events/store/snapshot.h"

#include <map>

#include "pg/boundary.h"

extern "C" {
#include "storage/itemptr.h"
}

namespace gqlsvl::events {

struct Found {
  Place place;
  ItemPointerData address;
};

using Forks = std::map<std::int32_t, std::uint32_t>; // triggers that have a cursor of their own, and for which shards

struct Search {
  const Snapshot &from, &to;
  std::uint32_t shards; // of the key, or of the new key
  std::int32_t trigger; // this one only; 0: all but the forked
  const Forks &forks;
  std::int64_t after_id; // and behind
  std::size_t most;      // of the smallest numbers; more may be there
};

// Keeps rotation from moving events until the transaction's end, and takes a new snapshot: a search sees each event in one child.
void hold_children();
Snapshot snapshot_now();
std::vector<Found> find(const Search &search, bool &more);
// Those that exist, while they fit into `most_bytes` (at least one); `used`: how many places were dealt with.
std::vector<StoredEvent> fetch(const Found *first, std::size_t count, std::size_t most_bytes, std::size_t &used);
std::vector<StoredEvent> fetch(const std::vector<Place> &places);

} // namespace gqlsvl::events
