// How an event trigger captures the rows of one table: which columns it compares, hashes and writes.
//
// In:  the event trigger's number and the table (or partition). Out: for a changed row, an event or none.
// Always: plans are kept per backend and made anew after a change of the definition, the table or a type (catalog/watch.h); who holds one
//   may finish with it. An UPDATE that changes no listened column is no event (IS DISTINCT FROM by the type's equality, json by bytes).
//   A listened column that was dropped makes all columns listened to: rather an event too many than one lost. An ordering column that was
//   dropped makes the primary key the order.
#pragma once
#include "events/buffer.h"
#include "events/capture_definition.h"
#include "events/payload.h"

#include <memory>

extern "C" {
#include "access/htup.h"
#include "lib/stringinfo.h"
#include "utils/relcache.h"
}

namespace gqlsvl::events {

class CapturePlan {
public:
  CapturePlan(std::int32_t trigger_id, const CaptureDefinition &definition, Relation table);
  ~CapturePlan();
  CapturePlan(const CapturePlan &) = delete;

  // One of the rows may be null. `session`: the end of the payload (events/session_variables.h). False: no event.
  bool capture(HeapTuple old_row, HeapTuple new_row, TupleDesc type, const std::string &session);

  void capture_truncate(const std::string &session); // of the whole table: one event without rows

private:
  struct Row {
    std::vector<Datum> values;
    std::unique_ptr<bool[]> nulls;
  };
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
  void load_listened(TupleDesc type, const std::vector<std::string> &columns);
  void load_key(Relation table, const std::vector<std::string> &columns);
  KeyPart key_part(Form_pg_attribute attribute);
  class InUse;
  // Postgres code: inside pg::call.
  bool make(CapturedEvent &event, HeapTuple old_row, HeapTuple new_row, TupleDesc type, const std::string &session);
  void compare(TupleDesc type);
  bool changed();
  std::int32_t key_hash(const Row &row);
  void begin_payload();
  Datum end_payload(const std::string &session);

  MemoryContext memory_; // of the functions' lookups
  std::int32_t trigger_id_;
  Row old_, new_;                // taken apart
  std::unique_ptr<bool[]> same_; // columns that are byte for byte the same in both
  StringInfoData payload_ = {};  // of the event that is being made; kept for the next one
  bool in_use_ = false;
  RowWriter writer_;
  std::vector<Listened> listened_;
  std::vector<KeyPart> key_;
};

// The plan for now. Null: the event trigger does not exist, or is not one of this table.
std::shared_ptr<CapturePlan> capture_plan(std::int32_t trigger_id, Relation table);

} // namespace gqlsvl::events
