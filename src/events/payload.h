// A row as JSON, for the payload of an event.
//
// In:  a table's tuple descriptor and which of its columns to write. Out: text equal to row_to_json of those columns.
// Always: output functions are looked up once per statement; TimeZone, DateStyle, IntervalStyle, bytea_output and extra_float_digits are
//   pinned (PinnedFormat), so that the payload does not depend on the writer's session (docs/rules.md, 25).
#pragma once
#include "pg/boundary.h"

#include <string>
#include <vector>

extern "C" {
#include "access/htup.h"
#include "access/tupdesc.h"
#include "pgtime.h"
}

namespace gqlsvl::events {

// Writes one value as datum_to_json does.
class ValueWriter {
public:
  ValueWriter(Oid type, MemoryContext memory);
  void append(std::string &out, Datum value);

private:
  enum class Kind { Boolean, Int2, Int4, Int8, Number, Json, DateTime, Array, Composite, Cast, Varlena, Text } kind_ = Kind::Text;
  void append_made(std::string &out, Datum value); // what Postgres's own JSON functions write
  void append_bytes(std::string &out, Datum value);
  void append_output(std::string &out, Datum value);
  Oid type_;
  FmgrInfo function_; // the type's output function, or the cast to json
};

class RowWriter {
public:
  // `columns` empty: all. A column that is gone (renamed or dropped since the definition) is left out: a writer must not fail for it.
  RowWriter(TupleDesc row_type, const std::vector<std::string> &columns, MemoryContext memory);
  void append(std::string &out, const Datum *values, const bool *nulls); // of all columns, as heap_deform_tuple gives them

private:
  struct Column {
    AttrNumber number;
    std::string key; // "name":
    ValueWriter value;
  };
  std::vector<Column> columns_;
};

// Session formats are those of the payload while this lives.
class PinnedFormat {
public:
  PinnedFormat();
  ~PinnedFormat();
  PinnedFormat(const PinnedFormat &) = delete;

private:
  pg_tz *time_zone_;
  int date_style_, date_order_, interval_style_, bytea_output_, extra_float_digits_;
};

} // namespace gqlsvl::events
