#include "events/buffer.h"

#include "events/relation.h"

#include <algorithm>
#include <vector>

#include "pg/transaction.h"

extern "C" {
#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

constexpr std::size_t max_rows = 1000, max_bytes = 1024 * 1024;
constexpr int rows_per_insert = 128;
enum Attribute { id_column, txid_column, trigger_column, key_column, new_key_column, op_column, created_column, payload_column, columns };

struct Held {
  SubTransactionId owner;
  CapturedEvent event;
};

struct Buffer {
  std::vector<Held> rows; // a stack: events of an inner subtransaction are at the end
  std::size_t bytes = 0;
};

Buffer *buffer = nullptr; // made by the first event of a transaction, gone with it
bool wrote = false;       // this transaction has events
bool defined = false;     // this transaction has changed definitions
WakeDelivery wake = nullptr;
CurrentChild current_child = nullptr;

void fill(TupleTableSlot *slot, Held &held, FullTransactionId txid, TimestampTz now) {
  CapturedEvent &event = held.event;
  ExecClearTuple(slot);
  memset(slot->tts_isnull, 0, sizeof(bool) * columns);
  Datum *values = slot->tts_values;
  values[id_column] = Int64GetDatum(event.id);
  values[txid_column] = UInt64GetDatum(U64FromFullTransactionId(txid));
  values[trigger_column] = Int32GetDatum(event.trigger_id);
  values[key_column] = Int32GetDatum(event.key_hash);
  slot->tts_isnull[new_key_column] = !event.new_key_hash.has_value();
  values[new_key_column] = Int32GetDatum(event.new_key_hash.value_or(0));
  values[op_column] = CharGetDatum(event.op);
  values[created_column] = TimestampTzGetDatum(now);
  SET_VARSIZE(event.payload.data(), event.payload.size());
  values[payload_column] = PointerGetDatum(event.payload.data());
  ExecStoreVirtualTuple(slot);
}

// The index is on plain columns: no executor is needed to find its values.
void insert_index_entry(Relation table, Relation index, IndexInfo *info, TupleTableSlot *slot) {
  Datum values[INDEX_MAX_KEYS];
  bool nulls[INDEX_MAX_KEYS];
  for (int i = 0; i < info->ii_NumIndexAttrs; i++) values[i] = slot_getattr(slot, info->ii_IndexAttrNumbers[i], &nulls[i]);
  index_insert(index, values, nulls, &slot->tts_tid, table, UNIQUE_CHECK_NO, false, info);
}

// The lock, held until the transaction ends, keeps TRUNCATE away. Looked at again behind the lock: a child left meanwhile may be emptied
// soon.
void open_current_child(Relation &table, Relation &index) {
  for (;;) {
    const int child = current_child ? current_child(MyDatabaseId) : 0;
    char name[NAMEDATALEN];
    snprintf(name, sizeof name, "event_%d", child);
    table = table_open(relation_named(name), RowExclusiveLock);
    if (!current_child || current_child(MyDatabaseId) == child) {
      snprintf(name, sizeof name, "event_%d_txid", child);
      index = index_open(relation_named(name), RowExclusiveLock);
      return;
    }
    table_close(table, RowExclusiveLock);
  }
}

// Writes rows[0..count). Postgres code only: no object with a destructor lives here.
void insert_rows(Held *rows, int count) {
  MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "gqlsvl events", ALLOCSET_DEFAULT_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(memory);
  Relation table, index;
  open_current_child(table, index);
  IndexInfo *info = BuildIndexInfo(index);
  FullTransactionId txid = GetTopFullTransactionId();
  TimestampTz now = GetCurrentTransactionStartTimestamp();
  TupleDesc type = CreateTupleDescCopy(RelationGetDescr(table)); // not counted: a slot of it is cheap
  const int most = Min(count, rows_per_insert);
  TupleTableSlot *slots[rows_per_insert];
  for (int i = 0; i < most; i++) slots[i] = MakeSingleTupleTableSlot(type, &TTSOpsHeapTuple);
  MemoryContext chunk = AllocSetContextCreate(memory, "gqlsvl events chunk", ALLOCSET_DEFAULT_SIZES);
  for (int done = 0; done < count; done += most) {
    MemoryContextSwitchTo(chunk);
    const int some = Min(count - done, most);
    for (int i = 0; i < some; i++) fill(slots[i], rows[done + i], txid, now);
    // No bulk strategy: the worker reads these pages next, and the writer need not write them out.
    table_multi_insert(table, slots, some, GetCurrentCommandId(true), 0, nullptr);
    for (int i = 0; i < some; i++) insert_index_entry(table, index, info, slots[i]);
    MemoryContextReset(chunk);
  }
  index_close(index, NoLock);
  table_close(table, NoLock);
  MemoryContextSwitchTo(caller);
  MemoryContextDelete(memory);
}

void forget() noexcept {
  delete buffer;
  buffer = nullptr;
  wrote = false;
}

void on_transaction(XactEvent event, void *) {
  switch (event) {
  case XACT_EVENT_PRE_COMMIT:
  case XACT_EVENT_PARALLEL_PRE_COMMIT:
  case XACT_EVENT_PRE_PREPARE: pg::entry([] { flush(); }); return;
  case XACT_EVENT_COMMIT:
    if (wrote && wake) wake(MyDatabaseId);
    forget();
    return;
  default: forget(); return; // aborted or prepared
  }
}

void on_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *) {
  if (!buffer) return;
  auto &rows = buffer->rows;
  if (event == SUBXACT_EVENT_COMMIT_SUB) {
    for (auto row = rows.rbegin(); row != rows.rend() && row->owner == mine; ++row) row->owner = parent;
  } else if (event == SUBXACT_EVENT_ABORT_SUB) {
    while (!rows.empty() && rows.back().owner == mine) {
      buffer->bytes -= rows.back().event.payload.size();
      rows.pop_back();
    }
  }
}

void open_buffer() {
  static bool registered = false;
  if (!registered) {
    call([] {
      RegisterXactCallback(on_transaction, nullptr);
      RegisterSubXactCallback(on_subtransaction, nullptr);
    });
    registered = true;
  }
  buffer = new Buffer;
}

} // namespace

std::string new_payload(std::size_t expected_bytes) {
  std::string out;
  out.reserve(std::max<std::size_t>(expected_bytes, 256));
  out.assign(VARHDRSZ, '\0');
  return out;
}

void add(CapturedEvent &&event) {
  if (event.payload.size() > MaxAllocSize)
    throw Error(sqlstate::program_limit, "the event of a changed row is too large",
                "Its payload takes " + std::to_string(event.payload.size()) + " bytes.", "Name fewer payload_columns.");
  if (!buffer) open_buffer();
  buffer->bytes += event.payload.size();
  buffer->rows.push_back({GetCurrentSubTransactionId(), std::move(event)});
  if (buffer->rows.size() >= max_rows || buffer->bytes >= max_bytes) flush();
}

void flush() {
  if (!buffer || buffer->rows.empty()) return;
  auto &rows = buffer->rows;
  SubTransactionId mine = GetCurrentSubTransactionId();
  std::size_t from = rows.size();
  while (from > 0 && rows[from - 1].owner == mine) from--;
  if (from == rows.size()) return;
  Held *first = &rows[from];
  int count = static_cast<int>(rows.size() - from);
  wrote = true;
  call([&] { insert_rows(first, count); });
  for (std::size_t i = from; i < rows.size(); i++) buffer->bytes -= rows[i].event.payload.size();
  rows.resize(from);
}

// Not in the commit callback: it runs before the messages of this transaction about changed relations are sent, so a worker woken there
// would look, find the definitions unchanged and sleep again.
void after_locks(ResourceReleasePhase phase, bool is_commit, bool is_top_level, void *) {
  if (phase != RESOURCE_RELEASE_AFTER_LOCKS || !is_top_level || !defined) return;
  defined = false;
  if (is_commit && wake) wake(MyDatabaseId);
}

void wake_after_definition() {
  static bool registered = false;
  if (!registered) call([] { RegisterResourceReleaseCallback(after_locks, nullptr); });
  registered = defined = true;
}

void set_delivery(WakeDelivery wake_function, CurrentChild child_function) noexcept {
  wake = wake_function;
  current_child = child_function;
}

} // namespace gqlsvl::events
