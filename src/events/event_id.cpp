#include "events/event_id.h"

#include "events/relation.h"

#include "pg/compat.h"

extern "C" {
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "access/xloginsert.h"
#include "storage/bufmgr.h"
}

namespace gqlsvl::events {

namespace {

// Numbers drawn per WAL record, as nextval does: the record names a value this far ahead, so a crash skips numbers and repeats none.
constexpr std::int64_t drawn_per_record = 32;

// The sequence's only row, with the page locked.
struct Locked {
  Buffer buffer;
  HeapTupleData row;
  Form_pg_sequence_data data;
};

Locked lock_row(Relation sequence) {
  Locked locked;
  locked.buffer = ReadBuffer(sequence, 0);
  LockBuffer(locked.buffer, BUFFER_LOCK_EXCLUSIVE);
  Page page = BufferGetPage(locked.buffer);
  ItemId item = PageGetItemId(page, FirstOffsetNumber);
  locked.row.t_data = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
  locked.row.t_len = ItemIdGetLength(item);
  locked.data = reinterpret_cast<Form_pg_sequence_data>(GETSTRUCT(&locked.row));
  return locked;
}

void write_record(Relation sequence, const Locked &locked) {
  xl_seq_rec record = pg::sequence_record(sequence);
  XLogBeginInsert();
  XLogRegisterBuffer(0, locked.buffer, REGBUF_WILL_INIT);
  XLogRegisterData(reinterpret_cast<char *>(&record), sizeof(record));
  XLogRegisterData(reinterpret_cast<char *>(locked.row.t_data), static_cast<int>(locked.row.t_len));
  XLogRecPtr written = XLogInsert(RM_SEQ_ID, XLOG_SEQ_LOG); // not inside PageSetLSN: a macro that evaluates it twice
  PageSetLSN(BufferGetPage(locked.buffer), written);
}

std::int64_t draw(Relation sequence, int count) {
  bool logged = RelationNeedsWAL(sequence);
  if (logged) GetTopTransactionId(); // so that commit waits for the record
  Locked locked = lock_row(sequence);
  Form_pg_sequence_data data = locked.data;
  const std::int64_t first = data->is_called ? data->last_value + 1 : data->last_value, last = first + count - 1;
  // A first change after a checkpoint is always logged: replay may begin there.
  bool log_now = data->log_cnt < count || !data->is_called || PageGetLSN(BufferGetPage(locked.buffer)) <= GetRedoRecPtr();
  std::int64_t left = log_now ? drawn_per_record : data->log_cnt - count;

  START_CRIT_SECTION();
  MarkBufferDirty(locked.buffer);
  if (log_now && logged) {
    data->last_value = last + drawn_per_record;
    data->is_called = true;
    data->log_cnt = 0;
    write_record(sequence, locked);
  }
  data->last_value = last;
  data->is_called = true;
  data->log_cnt = left;
  END_CRIT_SECTION();

  UnlockReleaseBuffer(locked.buffer);
  return first;
}

} // namespace

std::int64_t draw_event_ids(int count) {
  Relation sequence = relation_open(relation_named("event_id"), RowExclusiveLock);
  std::int64_t first = draw(sequence, count);
  relation_close(sequence, NoLock);
  return first;
}

} // namespace gqlsvl::events
