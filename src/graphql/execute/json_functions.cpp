// JSON of rows and lists, several times faster than the built-in functions: what is looked up for a type is kept for the whole statement.
//
// json_object(keys text[], VARIADIC values): {"key":value,...}, in the order of the keys. json_list(json): an aggregate, [value,...] in the
// order of the rows; [] without rows. json_join(VARIADIC json[]): one object of several, for more values than a function takes.
// Always: values have the same text as in Postgres's own to_json (test/pgtap/json_functions.sql goes over the types). A list larger than
//   gqlsvl.max_response_size is an error while it is built, so memory is bounded; interrupts are honoured at each row.
// Plain Postgres code: no C++ object with a destructor lives here, so an ERROR may jump out.
#include "pg/settings.h"

extern "C" {
#include "catalog/pg_type.h"
#include "common/int.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
}

namespace {

enum class Form { Boolean, Int2, Int4, Int8, Number, Date, Text, Literal, Name, Json, Jsonb, Output, ToJson };

// How one value is written: found once for each argument.
struct Writer {
  Form form;
  Oid type;          // below domains
  FmgrInfo function; // Number, Output: the type's output function; ToJson: to_json with the type known
  const char *key;   // {"key": or ,"key":
  int key_bytes;
};

struct Object {
  int count;
  Writer writers[FLEXIBLE_ARRAY_MEMBER];
};

Form form_of(Oid type) {
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
  if (get_typtype(type) == TYPTYPE_ENUM) return Form::Output;
  // Arrays, composites, types of extensions (which may have a cast to json): Postgres's own way.
  const bool scalar =
      type < FirstGenbkiObjectId && !OidIsValid(get_element_type(type)) && type != RECORDOID && get_typtype(type) == TYPTYPE_BASE;
  return scalar ? Form::Output : Form::ToJson;
}

// to_json(anyelement) asks its call expression for the argument's type.
void prepare_to_json(FmgrInfo &function, Oid type, MemoryContext context) {
  fmgr_info_cxt(F_TO_JSON, &function, context);
  MemoryContext caller = MemoryContextSwitchTo(context);
  Node *argument = reinterpret_cast<Node *>(makeNullConst(type, -1, InvalidOid));
  FuncExpr *call = makeFuncExpr(F_TO_JSON, JSONOID, list_make1(argument), InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
  fmgr_info_set_expr(reinterpret_cast<Node *>(call), &function);
  MemoryContextSwitchTo(caller);
}

void prepare(Writer &writer, Oid declared, MemoryContext context) {
  writer.type = getBaseType(declared);
  writer.form = form_of(writer.type);
  if (writer.form == Form::ToJson) return prepare_to_json(writer.function, writer.type, context);
  if (writer.form != Form::Number && writer.form != Form::Output) return;
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(writer.type, &output, &is_varlena);
  fmgr_info_cxt(output, &writer.function, context);
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// As escape_json, but runs without anything to escape are copied whole.
void append_escaped(StringInfo out, const char *text, int bytes) {
  appendStringInfoCharMacro(out, '"');
  const char *end = text + bytes;
  while (text < end) {
    const char *run = text;
    while (text < end && !needs_escape(static_cast<unsigned char>(*text))) ++text;
    if (text > run) appendBinaryStringInfo(out, run, static_cast<int>(text - run));
    if (text == end) break;
    switch (const char c = *text++) {
    case '\b': appendStringInfoString(out, "\\b"); break;
    case '\f': appendStringInfoString(out, "\\f"); break;
    case '\n': appendStringInfoString(out, "\\n"); break;
    case '\r': appendStringInfoString(out, "\\r"); break;
    case '\t': appendStringInfoString(out, "\\t"); break;
    case '"': appendStringInfoString(out, "\\\""); break;
    case '\\': appendStringInfoString(out, "\\\\"); break;
    default: appendStringInfo(out, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  appendStringInfoCharMacro(out, '"');
}

void append_text(StringInfo out, const char *text) { append_escaped(out, text, static_cast<int>(strlen(text))); }

void append_varlena(StringInfo out, Datum value, bool escaped) {
  struct varlena *text = PG_DETOAST_DATUM_PACKED(value);
  if (escaped)
    append_escaped(out, VARDATA_ANY(text), static_cast<int>(VARSIZE_ANY_EXHDR(text)));
  else
    appendBinaryStringInfo(out, VARDATA_ANY(text), static_cast<int>(VARSIZE_ANY_EXHDR(text)));
  if (reinterpret_cast<Pointer>(text) != DatumGetPointer(value)) pfree(text);
}

void append_integer(StringInfo out, int64 value) {
  enlargeStringInfo(out, MAXINT8LEN + 1);
  out->len += pg_lltoa(value, out->data + out->len);
}

// NaN and the infinities are no JSON numbers.
void append_number(StringInfo out, Writer &writer, Datum value) {
  char *text = OutputFunctionCall(&writer.function, value);
  const char first = *text == '-' ? text[1] : *text;
  if (first >= '0' && first <= '9')
    appendStringInfoString(out, text);
  else
    append_text(out, text);
  pfree(text);
}

void append_value(StringInfo out, Writer &writer, Datum value) {
  switch (writer.form) {
  case Form::Boolean: appendStringInfoString(out, DatumGetBool(value) ? "true" : "false"); return;
  case Form::Int2: append_integer(out, DatumGetInt16(value)); return;
  case Form::Int4: append_integer(out, DatumGetInt32(value)); return;
  case Form::Int8: append_integer(out, DatumGetInt64(value)); return;
  case Form::Number: append_number(out, writer, value); return;
  case Form::Date: {
    char text[MAXDATELEN + 1];
    JsonEncodeDateTime(text, value, writer.type, nullptr);
    appendStringInfoChar(out, '"');
    appendStringInfoString(out, text);
    appendStringInfoChar(out, '"');
    return;
  }
  case Form::Text: append_varlena(out, value, true); return;
  case Form::Json: append_varlena(out, value, false); return;
  case Form::Literal: append_text(out, DatumGetCString(value)); return;
  case Form::Name: append_text(out, NameStr(*DatumGetName(value))); return;
  case Form::Jsonb: {
    Jsonb *tree = DatumGetJsonbP(value);
    JsonbToCString(out, &tree->root, static_cast<int>(VARSIZE(tree)));
    return;
  }
  case Form::Output: {
    char *text = OutputFunctionCall(&writer.function, value);
    append_text(out, text);
    pfree(text);
    return;
  }
  case Form::ToJson: append_varlena(out, FunctionCall1(&writer.function, value), false); return;
  }
}

// Keys and writers of this call, made at its first row. The keys are a constant of the statement.
Object *object_of(FunctionCallInfo fcinfo) {
  FmgrInfo *self = fcinfo->flinfo;
  if (self->fn_extra) return static_cast<Object *>(self->fn_extra);
  if (PG_ARGISNULL(0) || get_fn_expr_variadic(self) || !get_fn_expr_arg_stable(self, 0))
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("gqlsvl.json_object: keys must be a constant, followed by one value for each")));
  Datum *keys;
  bool *nulls;
  int count;
  deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &keys, &nulls, &count);
  if (count != PG_NARGS() - 1)
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("gqlsvl.json_object: %d keys but %d values", count, PG_NARGS() - 1)));
  auto *object = static_cast<Object *>(MemoryContextAllocZero(self->fn_mcxt, offsetof(Object, writers) + sizeof(Writer) * count));
  object->count = count;
  for (int i = 0; i < count; ++i) {
    if (nulls[i]) ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("gqlsvl.json_object: key %d is null", i + 1)));
    Writer &writer = object->writers[i];
    StringInfoData key;
    initStringInfo(&key);
    appendStringInfoChar(&key, i ? ',' : '{');
    append_escaped(&key, VARDATA_ANY(DatumGetPointer(keys[i])), static_cast<int>(VARSIZE_ANY_EXHDR(DatumGetPointer(keys[i]))));
    appendStringInfoChar(&key, ':');
    writer.key = MemoryContextStrdup(self->fn_mcxt, key.data);
    writer.key_bytes = key.len;
    prepare(writer, get_fn_expr_argtype(self, i + 1), self->fn_mcxt);
  }
  self->fn_extra = object;
  return object;
}

Datum finish(StringInfo out) { // room for the header was left at the front
  SET_VARSIZE(out->data, out->len);
  return PointerGetDatum(out->data);
}

void begin(StringInfo out) {
  initStringInfo(out);
  appendStringInfoSpaces(out, VARHDRSZ);
}

void refuse_larger_than_response(StringInfo list) {
  const int64 most = static_cast<int64>(gqlsvl::pg::settings().max_response_kb) * 1024;
  if (list->len > most)
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the answer is larger than gqlsvl.max_response_size"),
                    errdetail("One of its lists has more than %lld bytes.", static_cast<long long>(most)),
                    errhint("Ask for fewer rows with limit.")));
}

} // namespace

extern "C" {
PG_FUNCTION_INFO_V1(gqlsvl_json_object);
PG_FUNCTION_INFO_V1(gqlsvl_json_list_add);
PG_FUNCTION_INFO_V1(gqlsvl_json_list_end);
PG_FUNCTION_INFO_V1(gqlsvl_json_join);
extern PGDLLEXPORT Datum gqlsvl_json_object(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum gqlsvl_json_list_add(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum gqlsvl_json_list_end(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum gqlsvl_json_join(PG_FUNCTION_ARGS);

Datum gqlsvl_json_object(PG_FUNCTION_ARGS) {
  Object *object = object_of(fcinfo);
  StringInfoData out;
  begin(&out);
  for (int i = 0; i < object->count; ++i) {
    Writer &writer = object->writers[i];
    appendBinaryStringInfo(&out, writer.key, writer.key_bytes);
    if (PG_ARGISNULL(i + 1))
      appendBinaryStringInfo(&out, "null", 4);
    else
      append_value(&out, writer, PG_GETARG_DATUM(i + 1));
  }
  appendStringInfoChar(&out, '}');
  return finish(&out);
}

Datum gqlsvl_json_list_add(PG_FUNCTION_ARGS) {
  MemoryContext group;
  if (!AggCheckCallContext(fcinfo, &group)) elog(ERROR, "gqlsvl_json_list_add called outside an aggregate");
  CHECK_FOR_INTERRUPTS();
  StringInfo list;
  if (PG_ARGISNULL(0)) {
    MemoryContext caller = MemoryContextSwitchTo(group);
    list = makeStringInfo();
    appendStringInfoSpaces(list, VARHDRSZ);
    MemoryContextSwitchTo(caller);
  } else {
    list = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  }
  appendStringInfoChar(list, list->len == VARHDRSZ ? '[' : ',');
  if (PG_ARGISNULL(1))
    appendBinaryStringInfo(list, "null", 4);
  else
    append_varlena(list, PG_GETARG_DATUM(1), false);
  refuse_larger_than_response(list);
  PG_RETURN_POINTER(list);
}

// The state is copied: the same state may be finished more than once (window functions).
Datum gqlsvl_json_list_end(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) return PointerGetDatum(cstring_to_text_with_len("[]", 2));
  auto *list = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  auto *result = static_cast<struct varlena *>(palloc(list->len + 1));
  memcpy(VARDATA(result), list->data + VARHDRSZ, list->len - VARHDRSZ);
  VARDATA(result)[list->len - VARHDRSZ] = ']';
  SET_VARSIZE(result, list->len + 1);
  PG_RETURN_POINTER(result);
}

// Objects as json_object writes them: {} or {"key":value,...}, without space around.
Datum gqlsvl_json_join(PG_FUNCTION_ARGS) {
  Datum *parts;
  bool *nulls;
  int count;
  deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), JSONOID, -1, false, TYPALIGN_INT, &parts, &nulls, &count);
  StringInfoData out;
  begin(&out);
  appendStringInfoChar(&out, '{');
  for (int i = 0; i < count; ++i) {
    if (nulls[i]) continue;
    text *part = DatumGetTextPP(parts[i]);
    const int bytes = static_cast<int>(VARSIZE_ANY_EXHDR(part));
    if (bytes < 2 || *VARDATA_ANY(part) != '{')
      ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                      errmsg("gqlsvl.json_join: part %d is not an object of gqlsvl.json_object", i + 1)));
    if (bytes == 2) continue;
    if (out.len > VARHDRSZ + 1) appendStringInfoChar(&out, ',');
    appendBinaryStringInfo(&out, VARDATA_ANY(part) + 1, bytes - 2);
  }
  appendStringInfoChar(&out, '}');
  return finish(&out);
}
}
