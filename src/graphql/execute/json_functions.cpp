// JSON of rows and lists, several times faster than the built-in functions: what is looked up for a type is kept for the whole statement.
//
// json_object(keys text[], VARIADIC values): {"key":value,...}, in the order of the keys. json_list(json): an aggregate, [value,...] in the
// order of the rows; [] without rows. json_join(VARIADIC json[]): one object of several, for more values than a function takes.
// Always: values have the same text as in Postgres's own to_json (test/pgtap/json_functions.sql goes over the types). A list larger than
//   gqlsvl.max_response_size is an error while it is built, so memory is bounded; interrupts are honoured at each row.
// Plain Postgres code: no C++ object with a destructor lives here, so an ERROR may jump out.
#include "pg/json_value.h"
#include "pg/settings.h"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace {

// One member of the objects.
struct Member {
  gqlsvl::pg::JsonWriter value;
  const char *key; // {"key": or ,"key":
  int key_bytes;
};

struct Object {
  int count;
  Member members[FLEXIBLE_ARRAY_MEMBER];
};

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
  auto *object = static_cast<Object *>(MemoryContextAllocZero(self->fn_mcxt, offsetof(Object, members) + sizeof(Member) * count));
  object->count = count;
  for (int i = 0; i < count; ++i) {
    if (nulls[i]) ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("gqlsvl.json_object: key %d is null", i + 1)));
    StringInfoData key;
    initStringInfo(&key);
    appendStringInfoChar(&key, i ? ',' : '{');
    gqlsvl::pg::append_json_string(&key, VARDATA_ANY(DatumGetPointer(keys[i])),
                                   static_cast<int>(VARSIZE_ANY_EXHDR(DatumGetPointer(keys[i]))));
    appendStringInfoChar(&key, ':');
    object->members[i] = {gqlsvl::pg::JsonWriter(get_fn_expr_argtype(self, i + 1), self->fn_mcxt),
                          MemoryContextStrdup(self->fn_mcxt, key.data), key.len};
  }
  self->fn_extra = object;
  return object;
}

void append_json(StringInfo out, Datum json) {
  struct varlena *text = PG_DETOAST_DATUM_PACKED(json);
  appendBinaryStringInfo(out, VARDATA_ANY(text), static_cast<int>(VARSIZE_ANY_EXHDR(text)));
  if (reinterpret_cast<Pointer>(text) != DatumGetPointer(json)) pfree(text);
}

Datum finish(StringInfo out) { // room for the header was left at the front
  SET_VARSIZE(out->data, out->len);
  return PointerGetDatum(out->data);
}

void begin(StringInfo out) {
  initStringInfo(out);
  appendStringInfoSpaces(out, VARHDRSZ);
}

// Of 1 kB at first, as initStringInfo has it, grouped lists would take more memory than what is in them.
StringInfo make_list() {
  constexpr int first_bytes = 128;
  auto *list = static_cast<StringInfo>(palloc(sizeof(StringInfoData)));
  *list = {static_cast<char *>(palloc(first_bytes)), 0, first_bytes, 0};
  resetStringInfo(list);
  return list;
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
    Member &member = object->members[i];
    appendBinaryStringInfo(&out, member.key, member.key_bytes);
    if (PG_ARGISNULL(i + 1))
      appendBinaryStringInfo(&out, "null", 4);
    else
      member.value.append(&out, PG_GETARG_DATUM(i + 1));
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
    list = make_list();
    appendStringInfoSpaces(list, VARHDRSZ);
    MemoryContextSwitchTo(caller);
  } else {
    list = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  }
  appendStringInfoChar(list, list->len == VARHDRSZ ? '[' : ',');
  if (PG_ARGISNULL(1))
    appendBinaryStringInfo(list, "null", 4);
  else
    append_json(list, PG_GETARG_DATUM(1));
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
