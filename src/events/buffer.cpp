#include "events/buffer.h"

#include "events/event_id.h"
#include "events/relation.h"
#include "events/table_room.h"

#include <algorithm>
#include <vector>

#include "pg/transaction.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "catalog/pg_type.h"
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

// The columns before the first that may be null, as they lie in a row.
struct RowHead {
  std::int64_t id; // 0 until flush() has drawn it
  std::uint64_t txid;
  std::int32_t trigger_id, key_hash;
};

RowHead &head_of(HeapTuple row) { return *reinterpret_cast<RowHead *>(GETSTRUCT(row)); }

struct Held {
  SubTransactionId owner;
  bool has_key;
  HeapTuple row; // in Buffer::memory
};

struct Buffer {
  MemoryContext memory; // of the transaction
  TupleDesc type;
  std::vector<Held> rows;   // a stack: events of an inner subtransaction are at the end
  std::size_t numbered = 0; // rows that have a number, the others are above them
  std::size_t bytes = 0;
};

Buffer *buffer = nullptr; // made by the first event of a transaction, gone with it
bool wrote = false;       // this transaction has events
bool defined = false;     // this transaction has changed definitions
WakeDelivery wake = nullptr;
CurrentChild current_child = nullptr;

TupleDesc row_type() {
  static constexpr struct {
    const char *name;
    Oid type;
  } columns_of_event[columns] = {{"id", INT8OID},           {"txid", XID8OID}, {"trigger_id", INT4OID},        {"key_hash", INT4OID},
                                 {"new_key_hash", INT4OID}, {"op", CHAROID},   {"created_at", TIMESTAMPTZOID}, {"payload", JSONOID}};
  TupleDesc type = CreateTemplateTupleDesc(columns);
  for (int i = 0; i < columns; i++)
    TupleDescInitEntry(type, static_cast<AttrNumber>(i + 1), columns_of_event[i].name, columns_of_event[i].type, -1, 0);
  return type;
}

HeapTuple row_of(const CapturedEvent &event) {
  Datum values[columns];
  bool nulls[columns] = {};
  values[id_column] = Int64GetDatum(0);
  values[txid_column] = UInt64GetDatum(U64FromFullTransactionId(GetTopFullTransactionId()));
  values[trigger_column] = Int32GetDatum(event.trigger_id);
  values[key_column] = Int32GetDatum(event.key_hash.value_or(0));
  nulls[new_key_column] = !event.new_key_hash.has_value();
  values[new_key_column] = Int32GetDatum(event.new_key_hash.value_or(0));
  values[op_column] = CharGetDatum(event.op);
  values[created_column] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
  values[payload_column] = event.payload;
  MemoryContext caller = MemoryContextSwitchTo(buffer->memory);
  HeapTuple row = heap_form_tuple(buffer->type, values, nulls);
  MemoryContextSwitchTo(caller);
  return row;
}

// An event without a key goes to any shard.
void number_rows() {
  const auto count = static_cast<int>(buffer->rows.size() - buffer->numbered);
  if (count == 0) return;
  std::int64_t id = draw_event_ids(count);
  for (; buffer->numbered < buffer->rows.size(); buffer->numbered++, id++) {
    Held &held = buffer->rows[buffer->numbered];
    RowHead &head = head_of(held.row);
    head.id = id;
    if (!held.has_key) head.key_hash = static_cast<std::int32_t>(id);
  }
}

void remove_last_row() {
  Held &last = buffer->rows.back();
  buffer->bytes -= last.row->t_len;
  heap_freetuple(last.row);
  buffer->rows.pop_back();
  buffer->numbered = std::min(buffer->numbered, buffer->rows.size());
}

// The index is on (txid, id): no executor is needed to find its values.
void insert_index_entry(Relation table, Relation index, IndexInfo *info, HeapTuple row, ItemPointer place) {
  const RowHead &head = head_of(row);
  Datum values[] = {UInt64GetDatum(head.txid), Int64GetDatum(head.id)};
  bool nulls[] = {false, false};
  index_insert(index, values, nulls, place, table, UNIQUE_CHECK_NO, false, info);
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
void insert_rows(const Held *rows, int count, std::size_t bytes) {
  MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "gqlsvl events flush", ALLOCSET_DEFAULT_SIZES);
  MemoryContext caller = MemoryContextSwitchTo(memory);
  Relation table, index;
  open_current_child(table, index);
  make_room(table, bytes);
  IndexInfo *info = BuildIndexInfo(index);
  const int most = Min(count, rows_per_insert);
  TupleTableSlot *slots[rows_per_insert];
  for (int i = 0; i < most; i++) slots[i] = MakeSingleTupleTableSlot(buffer->type, &TTSOpsHeapTuple);
  MemoryContext chunk = AllocSetContextCreate(memory, "gqlsvl events chunk", ALLOCSET_DEFAULT_SIZES);
  for (int done = 0; done < count; done += most) {
    MemoryContextSwitchTo(chunk);
    const int some = Min(count - done, most);
    for (int i = 0; i < some; i++) ExecStoreHeapTuple(rows[done + i].row, slots[i], false);
    // No bulk strategy: the worker reads these pages next, and the writer need not write them out.
    table_multi_insert(table, slots, some, GetCurrentCommandId(true), 0, nullptr);
    for (int i = 0; i < some; i++) insert_index_entry(table, index, info, rows[done + i].row, &slots[i]->tts_tid);
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
    while (!rows.empty() && rows.back().owner == mine) remove_last_row();
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
  MemoryContext memory = call([] { return AllocSetContextCreate(TopTransactionContext, "gqlsvl events", ALLOCSET_DEFAULT_SIZES); });
  TupleDesc type = call([memory] {
    MemoryContext caller = MemoryContextSwitchTo(memory);
    TupleDesc made = row_type();
    MemoryContextSwitchTo(caller);
    return made;
  });
  buffer = new Buffer{memory, type, {}};
}

} // namespace

void add(const CapturedEvent &event) {
  if (!buffer) open_buffer();
  if (buffer->rows.size() >= max_rows || buffer->bytes >= max_bytes) flush();
  const SubTransactionId owner = GetCurrentSubTransactionId();
  HeapTuple row = call([&event] { return row_of(event); });
  buffer->rows.push_back({owner, event.key_hash.has_value(), row}); // if there is no memory, the row is gone with the transaction
  buffer->bytes += row->t_len;
}

std::int64_t flush() {
  if (!buffer || buffer->rows.empty()) return 0;
  auto &rows = buffer->rows;
  SubTransactionId mine = GetCurrentSubTransactionId();
  std::size_t from = rows.size();
  while (from > 0 && rows[from - 1].owner == mine) from--;
  if (from == rows.size()) return 0;
  wrote = true;
  call([from, &rows] {
    number_rows();
    insert_rows(&rows[from], static_cast<int>(rows.size() - from), buffer->bytes);
  });
  const std::int64_t last = head_of(rows.back().row).id;
  while (rows.size() > from) remove_last_row();
  return last;
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
