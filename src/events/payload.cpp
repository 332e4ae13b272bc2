#include "events/payload.h"

#include "base/json.h"

#include <algorithm>

extern "C" {
#include "utils/bytea.h"
#include "utils/float.h"
}

namespace gqlsvl::events {

using pg::call;

RowWriter::RowWriter(TupleDesc row_type, const std::vector<std::string> &columns, MemoryContext memory) {
  for (int i = 0; i < row_type->natts; i++) {
    Form_pg_attribute attribute = TupleDescAttr(row_type, i);
    std::string name = NameStr(attribute->attname);
    if (attribute->attisdropped) continue;
    if (!columns.empty() && std::find(columns.begin(), columns.end(), name) == columns.end()) continue;
    std::string key;
    json::append_string(key, name);
    pg::JsonWriter value = call([attribute, memory] { return pg::JsonWriter(attribute->atttypid, memory); });
    columns_.push_back({attribute->attnum, key + ':', value});
  }
}

void RowWriter::append_column(StringInfo out, Column &column, const Datum *values, const bool *nulls) {
  appendBinaryStringInfo(out, column.key.data(), static_cast<int>(column.key.size()));
  const int i = column.number - 1;
  if (nulls[i])
    appendBinaryStringInfo(out, "null", 4);
  else
    column.value.append(out, values[i]);
}

void RowWriter::append(StringInfo out, const Datum *values, const bool *nulls) {
  appendStringInfoCharMacro(out, '{');
  for (Column &column : columns_) {
    if (&column != columns_.data()) appendStringInfoCharMacro(out, ',');
    column.begin = out->len;
    append_column(out, column, values, nulls);
    column.end = out->len;
  }
  appendStringInfoCharMacro(out, '}');
}

void RowWriter::append_updated(StringInfo out, const Datum *values, const bool *nulls, const bool *same) {
  const std::size_t count = columns_.size();
  auto is_same = [&](std::size_t i) { return same[columns_[i].number - 1]; };
  appendStringInfoCharMacro(out, '{');
  for (std::size_t i = 0; i < count; i++) {
    if (i > 0) appendStringInfoCharMacro(out, ',');
    if (!is_same(i)) {
      append_column(out, columns_[i], values, nulls);
      continue;
    }
    const int begin = columns_[i].begin;
    while (i + 1 < count && is_same(i + 1)) i++; // a run of columns, with the commas between them
    const int bytes = columns_[i].end - begin;
    enlargeStringInfo(out, bytes); // may move what is copied
    appendBinaryStringInfo(out, out->data + begin, bytes);
  }
  appendStringInfoCharMacro(out, '}');
}

namespace {

pg_tz *utc() { // kept by Postgres as long as the backend
  static pg_tz *zone = nullptr;
  if (!zone) zone = call([] { return pg_tzset("UTC"); });
  return zone;
}

} // namespace

PinnedFormat::PinnedFormat()
    : time_zone_(session_timezone), date_style_(DateStyle), date_order_(DateOrder), interval_style_(IntervalStyle),
      bytea_output_(bytea_output), extra_float_digits_(extra_float_digits) {
  // The variables behind the settings, not the settings: a set_config per row would cost more than the row.
  session_timezone = utc();
  DateStyle = USE_ISO_DATES;
  DateOrder = DATEORDER_YMD;
  IntervalStyle = INTSTYLE_POSTGRES;
  bytea_output = BYTEA_OUTPUT_HEX;
  extra_float_digits = 1;
}

PinnedFormat::~PinnedFormat() {
  session_timezone = time_zone_;
  DateStyle = date_style_;
  DateOrder = date_order_;
  IntervalStyle = interval_style_;
  bytea_output = bytea_output_;
  extra_float_digits = extra_float_digits_;
}

} // namespace gqlsvl::events
