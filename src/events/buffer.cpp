#include "events/buffer.h"

#include "events/relation.h"

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

void fill(TupleTableSlot *slot, const CapturedEvent &event, FullTransactionId txid, TimestampTz now) {
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
  values[payload_column] = PointerGetDatum(cstring_to_text_with_len(event.payload.data(), static_cast<int>(event.payload.size())));
  ExecStoreVirtualTuple(slot);
}

void insert_index_entries(Relation table, Relation index, IndexInfo *info, TupleTableSlot **slots, int count, EState *state) {
  ExprContext *context = GetPerTupleExprContext(state);
  for (int i = 0; i < count; i++) {
    Datum values[INDEX_MAX_KEYS];
    bool is_null[INDEX_MAX_KEYS];
    context->ecxt_scantuple = slots[i];
    FormIndexDatum(info, slots[i], state, values, is_null);
    index_insert(index, values, is_null, &slots[i]->tts_tid, table, UNIQUE_CHECK_NO, false, info);
  }
}

// Writes rows[from..]. Postgres code only: no object with a destructor lives here.
void insert_rows(const Held *rows, int count) {
  MemoryContext caller = CurrentMemoryContext;
  EState *state = CreateExecutorState();
  MemoryContextSwitchTo(state->es_query_cxt);
  // Child 0 is the only one in use until rotation exists; its lock is what will keep TRUNCATE away from an unfinished writer.
  Relation table = table_open(relation_named("event_0"), RowExclusiveLock);
  Relation index = index_open(relation_named("event_0_txid"), RowExclusiveLock);
  FullTransactionId txid = GetTopFullTransactionId();
  TimestampTz now = GetCurrentTransactionStartTimestamp();
  auto **slots = static_cast<TupleTableSlot **>(palloc(sizeof(TupleTableSlot *) * count));
  for (int i = 0; i < count; i++) {
    slots[i] = table_slot_create(table, nullptr);
    fill(slots[i], rows[i].event, txid, now);
  }
  BulkInsertState bulk = GetBulkInsertState();
  table_multi_insert(table, slots, count, GetCurrentCommandId(true), 0, bulk);
  FreeBulkInsertState(bulk);
  insert_index_entries(table, index, BuildIndexInfo(index), slots, count, state);
  for (int i = 0; i < count; i++) ExecDropSingleTupleTableSlot(slots[i]);
  index_close(index, NoLock);
  table_close(table, NoLock);
  MemoryContextSwitchTo(caller);
  FreeExecutorState(state);
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

void add(CapturedEvent &&event) {
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
  const Held *first = &rows[from];
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

void set_wake_delivery(WakeDelivery function) noexcept { wake = function; }

} // namespace gqlsvl::events
