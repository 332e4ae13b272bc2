#include "events/payload.h"

#include "base/json.h"

#include <algorithm>

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "common/jsonapi.h"
#include "parser/parse_coerce.h"
#include "utils/bytea.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

namespace gqlsvl::events {

using pg::call;

ValueWriter::ValueWriter(Oid type, MemoryContext memory) {
  call([&] {
    type_ = getBaseType(type);
    Oid function = InvalidOid;
    bool is_varlena;
    switch (type_) {
    case BOOLOID: kind_ = Kind::Boolean; break;
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID: kind_ = Kind::Number; break;
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID: kind_ = Kind::DateTime; break;
    case JSONOID:
    case JSONBOID: kind_ = Kind::Json; break;
    default:
      if (OidIsValid(get_element_type(type_)) || type_ == ANYARRAYOID || type_ == RECORDARRAYOID)
        kind_ = Kind::Array;
      else if (type_is_rowtype(type_))
        kind_ = Kind::Composite;
      else if (type_ >= FirstNormalObjectId && find_coercion_pathway(JSONOID, type_, COERCION_EXPLICIT, &function) == COERCION_PATH_FUNC &&
               OidIsValid(function))
        kind_ = Kind::Cast;
    }
    if (kind_ != Kind::Cast) getTypeOutputInfo(type_, &function, &is_varlena);
    fmgr_info_cxt(function, &function_, memory);
  });
}

void ValueWriter::append(std::string &out, Datum value) {
  switch (kind_) {
  case Kind::Boolean: out += DatumGetBool(value) ? "true" : "false"; return;
  case Kind::DateTime: {
    char text[MAXDATELEN + 1];
    call([&] { JsonEncodeDateTime(text, value, type_, nullptr); });
    ((out += '"') += text) += '"';
    return;
  }
  case Kind::Array:
  case Kind::Composite:
  case Kind::Cast: {
    text *json = call([&] {
      Datum made = kind_ == Kind::Array       ? DirectFunctionCall1(array_to_json, value)
                   : kind_ == Kind::Composite ? DirectFunctionCall1(row_to_json, value)
                                              : FunctionCall1(&function_, value);
      return DatumGetTextPP(made);
    });
    out.append(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
    return;
  }
  default: break;
  }
  const char *written = call([&] { return OutputFunctionCall(&function_, value); });
  if (kind_ == Kind::Json || (kind_ == Kind::Number && IsValidJsonNumber(written, static_cast<int>(strlen(written)))))
    out += written;
  else
    json::append_string(out, written);
}

RowWriter::RowWriter(TupleDesc row_type, const std::vector<std::string> &columns, MemoryContext memory) {
  for (int i = 0; i < row_type->natts; i++) {
    Form_pg_attribute attribute = TupleDescAttr(row_type, i);
    std::string name = NameStr(attribute->attname);
    if (attribute->attisdropped) continue;
    if (!columns.empty() && std::find(columns.begin(), columns.end(), name) == columns.end()) continue;
    std::string key;
    json::append_string(key, name);
    columns_.push_back({attribute->attnum, key + ':', ValueWriter(attribute->atttypid, memory)});
  }
}

void RowWriter::append(std::string &out, HeapTuple row, TupleDesc row_type) {
  char separator = '{';
  for (Column &column : columns_) {
    (out += separator) += column.key;
    separator = ',';
    bool is_null;
    Datum value = heap_getattr(row, column.number, row_type, &is_null);
    if (is_null)
      out += "null";
    else
      column.value.append(out, value);
  }
  out += columns_.empty() ? "{}" : "}";
}

PinnedFormat::PinnedFormat()
    : time_zone_(session_timezone), date_style_(DateStyle), date_order_(DateOrder), interval_style_(IntervalStyle),
      bytea_output_(bytea_output), extra_float_digits_(extra_float_digits) {
  // The variables behind the settings, not the settings: a set_config per row would cost more than the row.
  session_timezone = call([] { return pg_tzset("UTC"); });
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
