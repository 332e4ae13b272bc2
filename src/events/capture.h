// The capture trigger: a changed row becomes an event in the same transaction.
//
// In:  a row trigger call; pg_trigger's arguments say which event trigger, its ordering, the listened and the payload columns.
// Out: an event in the buffer (events/buffer.h), flushed by the statement trigger gqlsvl_capture_flush; where none fires (a partition's
//   clone of the row trigger) at once.
// Always: an UPDATE that changes no listened column is no event (IS DISTINCT FROM by the type's equality, json by bytes). Row level and
//   first by name, so that a user's AFTER trigger that changes the row again comes second (postgres-rules 12). No right of the writer is
//   used.
#pragma once
#include "events/payload.h"

#include <memory>
#include <string>
#include <vector>

extern "C" {
#include "commands/trigger.h"
}

namespace gqlsvl::events {

// How a trigger captures, looked up once per statement.
class CapturePlan {
public:
  CapturePlan(TriggerData *call, MemoryContext memory);
  void capture(TriggerData *call);

private:
  struct Listened {
    AttrNumber number;
    bool by_value, has_equality;
    std::int16_t length;
    Oid collation;
    FmgrInfo equality;
  };
  struct KeyPart {
    AttrNumber number;
    Oid collation;
    FmgrInfo function; // hash, or for a type without a hash operator class its output
    bool hashes;
  };
  void load_listened(TupleDesc type, const std::vector<std::string> &columns, MemoryContext memory);
  void load_key(Relation table, MemoryContext memory);
  bool changed(HeapTuple old_row, HeapTuple new_row, TupleDesc type);
  std::int32_t key_hash(HeapTuple row, TupleDesc type);

  std::int32_t trigger_id_;
  bool ordered_, flush_each_;
  RowWriter writer_;
  std::vector<Listened> listened_;
  std::vector<KeyPart> key_;
  std::string session_; // ,"session_variables":...,"trace_context":...}
};

} // namespace gqlsvl::events
