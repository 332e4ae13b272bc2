#include "pg/json_value.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::pg {

namespace {

constexpr uint64 each_byte = 0x0101010101010101, high_bits = 0x8080808080808080;

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// Of eight bytes at once. May say yes without need only where another byte needs it.
bool any_needs_escape(const char *eight) {
  uint64 word;
  memcpy(&word, eight, sizeof word);
  auto zero_bytes = [](uint64 w) { return (w - each_byte) & ~w; };
  return (((word - each_byte * 0x20) & ~word) | zero_bytes(word ^ (each_byte * '"')) | zero_bytes(word ^ (each_byte * '\\'))) & high_bits;
}

const char *end_of_plain(const char *text, const char *end) {
  while (end - text >= 8 && !any_needs_escape(text)) text += 8;
  while (text < end && !needs_escape(static_cast<unsigned char>(*text))) ++text;
  return text;
}

void append_escape(StringInfo out, char c) {
  switch (c) {
  case '\b': appendStringInfoString(out, "\\b"); return;
  case '\f': appendStringInfoString(out, "\\f"); return;
  case '\n': appendStringInfoString(out, "\\n"); return;
  case '\r': appendStringInfoString(out, "\\r"); return;
  case '\t': appendStringInfoString(out, "\\t"); return;
  case '"': appendStringInfoString(out, "\\\""); return;
  case '\\': appendStringInfoString(out, "\\\\"); return;
  default: appendStringInfo(out, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

void append_text(StringInfo out, const char *text) { append_json_string(out, text, static_cast<int>(strlen(text))); }

void append_varlena(StringInfo out, Datum value, bool is_json) {
  struct varlena *text = PG_DETOAST_DATUM_PACKED(value);
  const char *bytes = VARDATA_ANY(text);
  const int count = static_cast<int>(VARSIZE_ANY_EXHDR(text));
  if (is_json)
    appendBinaryStringInfo(out, bytes, count);
  else
    append_json_string(out, bytes, count);
  if (reinterpret_cast<Pointer>(text) != DatumGetPointer(value)) pfree(text);
}

void append_integer(StringInfo out, int64 value) {
  enlargeStringInfo(out, MAXINT8LEN + 1);
  out->len += pg_lltoa(value, out->data + out->len);
}

// to_json(anyelement) asks its call expression for the argument's type.
void find_to_json(FmgrInfo &function, Oid type, MemoryContext context) {
  fmgr_info_cxt(F_TO_JSON, &function, context);
  MemoryContext caller = MemoryContextSwitchTo(context);
  Node *argument = reinterpret_cast<Node *>(makeNullConst(type, -1, InvalidOid));
  FuncExpr *call = makeFuncExpr(F_TO_JSON, JSONOID, list_make1(argument), InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
  fmgr_info_set_expr(reinterpret_cast<Node *>(call), &function);
  MemoryContextSwitchTo(caller);
}

bool has_cast_to_json(Oid type) {
  Oid function = InvalidOid;
  return type >= FirstNormalObjectId && find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT, &function) == COERCION_PATH_FUNC &&
         OidIsValid(function);
}

} // namespace

void append_json_string(StringInfo out, const char *text, int bytes) {
  enlargeStringInfo(out, bytes + 2);
  appendStringInfoCharMacro(out, '"');
  const char *end = text + bytes;
  for (;;) {
    const char *plain_end = end_of_plain(text, end);
    if (plain_end > text) appendBinaryStringInfo(out, text, static_cast<int>(plain_end - text));
    if (plain_end == end) break;
    append_escape(out, *plain_end);
    text = plain_end + 1;
  }
  appendStringInfoCharMacro(out, '"');
}

JsonWriter::Form JsonWriter::form_of(Oid type) {
  switch (type) {
  case BOOLOID: return Form::Boolean;
  case INT2OID: return Form::Int2;
  case INT4OID: return Form::Int4;
  case INT8OID: return Form::Int8;
  case FLOAT4OID:
  case FLOAT8OID:
  case NUMERICOID: return Form::Number;
  case DATEOID:
  case TIMESTAMPOID:
  case TIMESTAMPTZOID: return Form::Date;
  case TEXTOID:
  case VARCHAROID:
  case BPCHAROID: return Form::Text;
  case UNKNOWNOID: return Form::Literal;
  case NAMEOID: return Form::Name;
  case JSONOID: return Form::Json;
  case JSONBOID: return Form::Jsonb;
  default: break;
  }
  // Arrays and composites, and types with a cast to json: Postgres's own way.
  const bool has_parts = OidIsValid(get_element_type(type)) || type == RECORDOID || type_is_rowtype(type);
  return has_parts || get_typtype(type) == TYPTYPE_PSEUDO || has_cast_to_json(type) ? Form::ToJson : Form::Output;
}

JsonWriter::JsonWriter(Oid type, MemoryContext context) : type_(getBaseType(type)), form_(form_of(type_)), function_{} {
  if (form_ == Form::ToJson) find_to_json(function_, type_, context);
  if (form_ != Form::Number && form_ != Form::Output) return;
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(type_, &output, &is_varlena);
  fmgr_info_cxt(output, &function_, context);
}

void JsonWriter::append_number(StringInfo out, Datum value) {
  char *text = OutputFunctionCall(&function_, value);
  const char first = *text == '-' ? text[1] : *text;
  if (first >= '0' && first <= '9')
    appendStringInfoString(out, text);
  else
    append_text(out, text);
  pfree(text);
}

void JsonWriter::append_date(StringInfo out, Datum value) {
  char text[MAXDATELEN + 1];
  JsonEncodeDateTime(text, value, type_, nullptr);
  appendStringInfoChar(out, '"');
  appendStringInfoString(out, text);
  appendStringInfoChar(out, '"');
}

void JsonWriter::append(StringInfo out, Datum value) {
  switch (form_) {
  case Form::Boolean: appendStringInfoString(out, DatumGetBool(value) ? "true" : "false"); return;
  case Form::Int2: append_integer(out, DatumGetInt16(value)); return;
  case Form::Int4: append_integer(out, DatumGetInt32(value)); return;
  case Form::Int8: append_integer(out, DatumGetInt64(value)); return;
  case Form::Number: append_number(out, value); return;
  case Form::Date: append_date(out, value); return;
  case Form::Text: append_varlena(out, value, false); return;
  case Form::Json: append_varlena(out, value, true); return;
  case Form::Literal: append_text(out, DatumGetCString(value)); return;
  case Form::Name: append_text(out, NameStr(*DatumGetName(value))); return;
  case Form::Jsonb: {
    Jsonb *tree = DatumGetJsonbP(value);
    JsonbToCString(out, &tree->root, static_cast<int>(VARSIZE(tree)));
    return;
  }
  case Form::Output: {
    char *text = OutputFunctionCall(&function_, value);
    append_text(out, text);
    pfree(text);
    return;
  }
  case Form::ToJson: append_varlena(out, FunctionCall1(&function_, value), true); return;
  }
}

} // namespace gqlsvl::pg
