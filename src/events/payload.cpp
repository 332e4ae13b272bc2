#include "events/payload.h"

#include "base/json.h"

#include <algorithm>
#include <charconv>

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
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
    case INT2OID: kind_ = Kind::Int2; break;
    case INT4OID: kind_ = Kind::Int4; break;
    case INT8OID: kind_ = Kind::Int8; break;
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID: kind_ = Kind::Number; break;
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID: kind_ = Kind::Varlena; break;
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

namespace {

void append_integer(std::string &out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, std::end(digits), value).ptr);
}

} // namespace

void ValueWriter::append(std::string &out, Datum value) {
  switch (kind_) {
  case Kind::Boolean: out += DatumGetBool(value) ? "true" : "false"; return;
  case Kind::Int2: append_integer(out, DatumGetInt16(value)); return;
  case Kind::Int4: append_integer(out, DatumGetInt32(value)); return;
  case Kind::Int8: append_integer(out, DatumGetInt64(value)); return;
  case Kind::DateTime: {
    char text[MAXDATELEN + 1];
    call([&] { JsonEncodeDateTime(text, value, type_, nullptr); });
    ((out += '"') += text) += '"';
    return;
  }
  case Kind::Varlena: append_bytes(out, value); return;
  case Kind::Array:
  case Kind::Composite:
  case Kind::Cast: append_made(out, value); return;
  default: append_output(out, value);
  }
}

void ValueWriter::append_bytes(std::string &out, Datum value) {
  auto *text = reinterpret_cast<struct varlena *>(DatumGetPointer(value));
  if (VARATT_IS_EXTERNAL(text) || VARATT_IS_COMPRESSED(text)) text = call([text] { return pg_detoast_datum_packed(text); });
  json::append_string(out, {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))});
}

void ValueWriter::append_made(std::string &out, Datum value) {
  text *json = call([&] {
    Datum made = kind_ == Kind::Array       ? DirectFunctionCall1(array_to_json, value)
                 : kind_ == Kind::Composite ? DirectFunctionCall1(row_to_json, value)
                                            : FunctionCall1(&function_, value);
    return DatumGetTextPP(made);
  });
  out.append(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
}

void ValueWriter::append_output(std::string &out, Datum value) {
  const char *written = call([&] { return OutputFunctionCall(&function_, value); });
  // NaN, Infinity, -Infinity are the only numbers that JSON does not have.
  bool is_number = kind_ == Kind::Number && *written != 'N' && *written != 'I' && (*written != '-' || written[1] != 'I');
  if (kind_ == Kind::Json || is_number)
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

void RowWriter::append(std::string &out, const Datum *values, const bool *nulls) {
  char separator = '{';
  for (Column &column : columns_) {
    (out += separator) += column.key;
    separator = ',';
    if (nulls[column.number - 1])
      out += "null";
    else
      column.value.append(out, values[column.number - 1]);
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
