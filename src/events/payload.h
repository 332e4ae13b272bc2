// A row as JSON, for the payload of an event.
//
// In:  a table's tuple descriptor and which of its columns to write. Out: text equal to row_to_json of those columns.
// Always: output functions are looked up once; TimeZone, DateStyle, IntervalStyle, bytea_output and extra_float_digits are
//   pinned (PinnedFormat), so that the payload does not depend on the writer's session (docs/rules.md, 25).
#pragma once
#include "pg/json_value.h"

#include <string>
#include <vector>

extern "C" {
#include "access/htup.h"
#include "access/tupdesc.h"
#include "pgtime.h"
}

namespace gqlsvl::events {

class RowWriter {
public:
  // `columns` empty: all. A column that was dropped since the definition is left out: a writer must not fail for it.
  RowWriter(TupleDesc row_type, const std::vector<std::string> &columns, MemoryContext memory);

  // Postgres code, to be called inside pg::call. Values are those of all columns, as heap_deform_tuple gives them.
  void append(StringInfo out, const Datum *values, const bool *nulls);
  // The same row after an UPDATE, after append() of the row before it to the same `out`: what is the same is copied from there.
  void append_updated(StringInfo out, const Datum *values, const bool *nulls, const bool *same);

private:
  struct Column {
    AttrNumber number;
    std::string key; // "name":
    pg::JsonWriter value;
    int begin = 0, end = 0; // of key and value, where append() wrote them
  };
  void append_column(StringInfo out, Column &column, const Datum *values, const bool *nulls);
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
