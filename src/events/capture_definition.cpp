#include "events/capture_definition.h"

#include "events/relation.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

// The row, copied; null: none.
HeapTuple read_row(std::int32_t id, Relation definitions) {
  ScanKeyData key;
  ScanKeyInit(&key, get_attnum(RelationGetRelid(definitions), "id"), BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(id));
  SysScanDesc scan = systable_beginscan(definitions, relation_named("trigger_pkey"), true, nullptr, 1, &key);
  HeapTuple row = systable_getnext(scan);
  if (HeapTupleIsValid(row)) row = heap_copytuple(row);
  systable_endscan(scan);
  return row;
}

struct Value {
  Datum datum;
  bool is_null;
};

Value value_of(HeapTuple row, Relation definitions, const char *column) {
  Value value;
  value.datum = heap_getattr(row, get_attnum(RelationGetRelid(definitions), column), RelationGetDescr(definitions), &value.is_null);
  return value;
}

std::vector<std::string> names_in(const Value &value) {
  std::vector<std::string> names;
  if (value.is_null) return names;
  Datum *elements;
  int count;
  call([&] { deconstruct_array(DatumGetArrayTypeP(value.datum), TEXTOID, -1, false, TYPALIGN_INT, &elements, nullptr, &count); });
  for (int i = 0; i < count; i++) {
    Datum element = elements[i];
    names.emplace_back(call([element] { return TextDatumGetCString(element); }));
  }
  return names;
}

} // namespace

std::optional<CaptureDefinition> read_capture_definition(std::int32_t id) {
  Relation definitions = call([] { return table_open(relation_named("trigger"), AccessShareLock); });
  HeapTuple row = call([&] { return read_row(id, definitions); });
  std::optional<CaptureDefinition> out;
  auto get = [&](const char *column) { return call([&] { return value_of(row, definitions, column); }); };
  if (HeapTupleIsValid(row) && get("dropped_at").is_null) {
    out.emplace();
    out->table = DatumGetObjectId(get("table_name").datum);
    out->columns = names_in(get("columns"));
    out->payload_columns = names_in(get("payload_columns"));
    out->ordering_columns = names_in(get("ordering_columns"));
    Datum ordering = get("ordering").datum;
    out->ordered = strcmp(call([ordering] { return TextDatumGetCString(ordering); }), "row") == 0;
  }
  call([&] { table_close(definitions, AccessShareLock); });
  return out;
}

} // namespace gqlsvl::events
