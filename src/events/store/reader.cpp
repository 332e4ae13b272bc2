#include "events/store/reader.h"

#include <algorithm>
#include <cstdio>
#include <map>

extern "C" {
#include "access/genam.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

constexpr std::int16_t child_count = 8;
enum Column : AttrNumber {
  id_column = 1,
  txid_column,
  trigger_column,
  key_column,
  new_key_column,
  op_column,
  created_column,
  payload_column
};

// One child table with its index, open until close() or the end of a failed transaction.
struct Child {
  Relation table, index;
  TupleTableSlot *slot;
  BlockNumber blocks; // an address beyond them is from before a VACUUM FULL
};

Oid relation_named(const char *prefix, int number, const char *suffix) {
  char name[NAMEDATALEN];
  snprintf(name, sizeof name, "%s%d%s", prefix, number, suffix);
  Oid relation = get_relname_relid(name, get_namespace_oid("gqlsvl", false));
  if (!OidIsValid(relation)) elog(ERROR, "relation gqlsvl.%s does not exist", name);
  return relation;
}

Child open_child(std::int16_t number) {
  return call([number] {
    Child child;
    child.table = table_open(relation_named("event_", number, ""), AccessShareLock);
    child.index = index_open(relation_named("event_", number, "_txid"), AccessShareLock);
    child.slot = table_slot_create(child.table, nullptr);
    child.blocks = RelationGetNumberOfBlocks(child.table);
    return child;
  });
}

void close_child(Child &child) {
  call([&child] {
    ExecDropSingleTupleTableSlot(child.slot);
    index_close(child.index, AccessShareLock);
    table_close(child.table, AccessShareLock);
  });
}

Datum column(TupleTableSlot *slot, Column number, bool &is_null) { return slot_getattr(slot, number, &is_null); }
std::int64_t int64_of(TupleTableSlot *slot, Column number) {
  bool is_null;
  return DatumGetInt64(column(slot, number, is_null));
}
std::int32_t int32_of(TupleTableSlot *slot, Column number) {
  bool is_null;
  return DatumGetInt32(column(slot, number, is_null));
}

// Rows whose (txid, id) is from `low` on and, of txid, below `end`.
template <typename Row> void scan(Child &child, std::uint64_t low, std::uint64_t end, std::int64_t least_id, int keys, Row &&row) {
  ScanKeyData key[3];
  IndexScanDesc found = call([&] {
    ScanKeyInit(&key[0], 1, BTGreaterEqualStrategyNumber, F_XID8GE, UInt64GetDatum(low));
    ScanKeyInit(&key[1], 1, BTLessStrategyNumber, F_XID8LT, UInt64GetDatum(end));
    ScanKeyInit(&key[2], 2, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(least_id));
    IndexScanDesc scan = index_beginscan(child.table, child.index, GetActiveSnapshot(), keys, 0);
    index_rescan(scan, key, keys, nullptr, 0);
    return scan;
  });
  while (call([&] { return index_getnext_slot(found, ForwardScanDirection, child.slot); })) {
    call([] { CHECK_FOR_INTERRUPTS(); });
    if (!row(child.slot)) break;
  }
  call([found] { index_endscan(found); });
}

bool smaller_id(const Found &a, const Found &b) { return a.place.id < b.place.id; }

std::string iso_time(TimestampTz time) {
  pg_tm parts;
  fsec_t micros;
  if (timestamp2tm(time, nullptr, &parts, &micros, nullptr, nullptr) != 0) throw Error("XX001", "the time of an event is out of range");
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour,
                parts.tm_min, parts.tm_sec, static_cast<int>(micros));
  return text;
}

StoredEvent event_in(TupleTableSlot *slot, std::int16_t child) {
  bool is_null;
  StoredEvent event;
  event.id = int64_of(slot, id_column);
  event.txid = static_cast<std::uint64_t>(int64_of(slot, txid_column));
  event.child = child;
  event.trigger_id = int32_of(slot, trigger_column);
  event.key_hash = int32_of(slot, key_column);
  Datum new_key = column(slot, new_key_column, is_null);
  if (!is_null) event.new_key_hash = DatumGetInt32(new_key);
  event.op = DatumGetChar(column(slot, op_column, is_null));
  const TimestampTz created = int64_of(slot, created_column);
  event.created_at = iso_time(created);
  event.born_ms = created / 1000 + std::int64_t{1000} * SECS_PER_DAY * (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE);
  Datum stored = column(slot, payload_column, is_null);
  text *payload = call([stored] { return DatumGetTextPP(stored); });
  event.payload.assign(VARDATA_ANY(payload), VARSIZE_ANY_EXHDR(payload));
  if (PointerGetDatum(payload) != stored) pfree(payload);
  return event;
}

// The row at the address, if it is still that of the event; else the index knows.
bool load(Child &child, const Found &found) {
  ItemPointerData address = found.address;
  if (ItemPointerIsValid(&address) && ItemPointerGetBlockNumber(&address) < child.blocks &&
      call([&] { return table_tuple_fetch_row_version(child.table, &address, GetActiveSnapshot(), child.slot); }) &&
      int64_of(child.slot, id_column) == found.place.id)
    return true;
  bool there = false;
  scan(child, found.place.txid, found.place.txid + 1, found.place.id, 3, [&](TupleTableSlot *slot) {
    there = int64_of(slot, id_column) == found.place.id;
    return false;
  });
  return there;
}

// Of events that are not where they were: in whichever child they are now.
void fetch_elsewhere(const std::vector<Found> &missing, std::vector<StoredEvent> &into) {
  hold_children();
  for (std::int16_t number = 0; number < child_count; number++) {
    Child child = open_child(number);
    for (Found found : missing) {
      ItemPointerSetInvalid(&found.address);
      if (child.blocks > 0 && load(child, found)) into.push_back(event_in(child.slot, number));
    }
    close_child(child);
  }
  std::sort(into.begin(), into.end(), [](const StoredEvent &a, const StoredEvent &b) { return a.id < b.id; });
}

} // namespace

void hold_children() {
  call([] {
    for (int number = 0; number < child_count; number++) LockRelationOid(relation_named("event_", number, ""), AccessShareLock);
    PopActiveSnapshot();
    PushActiveSnapshot(GetTransactionSnapshot());
  });
}

Snapshot snapshot_now() {
  return Snapshot::parse(call([] {
    LOCAL_FCINFO(info, 0);
    InitFunctionCallInfoData(*info, nullptr, 0, InvalidOid, nullptr, nullptr);
    return DatumGetCString(DirectFunctionCall1(pg_snapshot_out, pg_current_snapshot(info)));
  }));
}

std::vector<Found> find(const Search &search, bool &more) {
  std::vector<Found> found;
  more = false;
  auto keep_the_smallest = [&] {
    if (found.size() <= search.most) return;
    std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(search.most), found.end(), smaller_id);
    found.resize(search.most);
    more = true;
  };
  auto wanted = [&search](std::int32_t trigger, std::uint32_t shards) {
    if (search.trigger) return trigger == search.trigger;
    auto fork = search.forks.find(trigger);
    return fork == search.forks.end() || (shards & ~fork->second);
  };
  const Candidates candidates(search.from, search.to);
  for (std::int16_t number = 0; number < child_count; number++) {
    Child child = open_child(number);
    auto look_at = [&](TupleTableSlot *slot) {
      const auto id = int64_of(slot, id_column);
      const auto transaction = static_cast<std::uint64_t>(int64_of(slot, txid_column));
      if (id <= search.after_id || !search.to.sees(transaction)) return true;
      bool key_is_same;
      std::uint32_t shards = shard_of(int32_of(slot, key_column));
      Datum new_key = column(slot, new_key_column, key_is_same);
      if (!key_is_same) shards |= shard_of(DatumGetInt32(new_key));
      shards &= search.shards;
      if (!shards || !wanted(int32_of(slot, trigger_column), shards)) return true;
      found.push_back({{number, transaction, id}, slot->tts_tid});
      if (found.size() >= 2 * search.most) keep_the_smallest();
      return true;
    };
    if (child.blocks > 0) {
      scan(child, candidates.first, candidates.end, 0, 2, look_at);
      for (std::uint64_t one : candidates.running) scan(child, one, one + 1, search.after_id + 1, 3, look_at);
    }
    close_child(child);
  }
  keep_the_smallest();
  std::sort(found.begin(), found.end(), smaller_id);
  return found;
}

std::vector<StoredEvent> fetch(const Found *first, std::size_t count, std::size_t most_bytes, std::size_t &used) {
  std::vector<StoredEvent> events;
  std::map<std::int16_t, Child> open;
  std::vector<Found> missing;
  std::size_t bytes = 0;
  for (used = 0; used < count && (used == 0 || bytes < most_bytes); used++) {
    const Found &found = first[used];
    auto child = open.find(found.place.child);
    if (child == open.end()) child = open.emplace(found.place.child, open_child(found.place.child)).first;
    if (!load(child->second, found)) {
      missing.push_back(found);
      continue;
    }
    events.push_back(event_in(child->second.slot, found.place.child));
    bytes += events.back().payload.size();
  }
  for (auto &[number, child] : open) close_child(child);
  if (!missing.empty()) fetch_elsewhere(missing, events);
  return events;
}

std::vector<StoredEvent> fetch(const std::vector<Place> &places) {
  std::vector<Found> all;
  for (const Place &place : places) {
    Found found = {place, {}};
    ItemPointerSetInvalid(&found.address);
    all.push_back(found);
  }
  std::sort(all.begin(), all.end(), smaller_id);
  std::size_t used;
  return fetch(all.data(), all.size(), SIZE_MAX, used);
}

} // namespace gqlsvl::events
