#include "catalog/functions.h"

#include "catalog/types.h"
#include "pg/compat.h"
#include "pg/transaction.h"

#include <algorithm>
#include <tuple>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace gqlsvl::catalog {

namespace {

// A row of gqlsvl.function_field and the function it names; palloc'ed.
struct FunctionRow {
  Oid oid, table;                                                    // table: of a computed field
  const char *field, *expose_as, *table_argument, *session_argument; // null: not given

  const char *schema, *name, *comment;
  Oid result;
  bool returns_set;
  char volatility;
  int count, defaults;
  const Oid *types;
  char **names; // null: no argument has one
};

enum RowColumn { column_function = 1, column_table, column_name, column_expose_as, column_table_argument, column_session_argument };

// Only IN arguments, none VARIADIC.
bool read_function(FunctionRow &row, Oid role) {
  HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(row.oid));
  if (!HeapTupleIsValid(tuple)) return false;
  auto form = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
  Oid *types = nullptr;
  char *modes = nullptr;
  row.count = get_func_arg_info(tuple, &types, &row.names, &modes);
  row.types = types;
  row.schema = get_namespace_name(form->pronamespace);
  row.name = pstrdup(NameStr(form->proname));
  row.result = form->prorettype;
  row.returns_set = form->proretset;
  row.volatility = form->provolatile;
  row.defaults = form->pronargdefaults;
  const bool fits = form->prokind == PROKIND_FUNCTION && !OidIsValid(form->provariadic) && !modes &&
                    pg::has_schema_right(form->pronamespace, role, ACL_USAGE);
  ReleaseSysCache(tuple);
  if (!fits || !row.schema || !pg::may_execute(row.oid, role)) return false;
  row.comment = GetComment(row.oid, ProcedureRelationId, 0);
  return true;
}

List *read_rows(Oid table, Oid role) {
  List *rows = NIL;
  Relation fields = table_open(table, AccessShareLock);
  SysScanDesc scan = systable_beginscan(fields, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    auto *row = static_cast<FunctionRow *>(palloc0(sizeof(FunctionRow)));
    bool is_null = false;
    auto at = [&](int column) { return heap_getattr(tuple, column, RelationGetDescr(fields), &is_null); };
    auto text_at = [&](int column) -> const char * {
      const Datum value = at(column);
      return is_null ? nullptr : TextDatumGetCString(value);
    };
    row->oid = function_of(text_at(column_function));
    const Datum of = at(column_table);
    row->table = is_null ? InvalidOid : DatumGetObjectId(of);
    row->field = text_at(column_name);
    row->expose_as = text_at(column_expose_as);
    row->table_argument = text_at(column_table_argument);
    row->session_argument = text_at(column_session_argument);
    if (OidIsValid(row->oid) && read_function(*row, role)) rows = lappend(rows, row);
  }
  systable_endscan(scan);
  table_close(fields, AccessShareLock);
  return rows;
}

int index_of(const FunctionRow &row, const char *name) {
  for (int i = 0; row.names && i < row.count; ++i)
    if (row.names[i] && strcmp(row.names[i], name) == 0) return i;
  return -1;
}

bool is_pseudo(Oid type) {
  return pg::call([type] { return get_typtype(type) == TYPTYPE_PSEUDO; });
}

FunctionUse use_of(const FunctionRow &row) {
  if (OidIsValid(row.table)) return FunctionUse::ComputedField;
  const bool changes = row.expose_as ? strcmp(row.expose_as, "mutation") == 0 : row.volatility == PROVOLATILE_VOLATILE;
  return changes ? FunctionUse::Mutation : FunctionUse::Query;
}

void add_arguments(Model &model, Function &function, const FunctionRow &row) {
  for (int i = 0; i < row.count; ++i) {
    FunctionArgument argument;
    if (row.names && row.names[i]) argument.name = row.names[i];
    argument.type = load_type(model, row.types[i]);
    argument.has_default = i >= row.count - row.defaults;
    function.arguments.push_back(std::move(argument));
  }
  if (row.session_argument) function.session_argument = index_of(row, row.session_argument);
  if (!OidIsValid(row.table)) return;
  function.table_argument = row.table_argument ? index_of(row, row.table_argument) : 0;
}

// Whether it still is what track_function or add_computed_field accepted.
bool fits(const Function &function, const FunctionRow &row) {
  if (row.session_argument && function.session_argument < 0) return false;
  if (function.use != FunctionUse::ComputedField) return function.rows_of != 0;
  if (function.is_volatile || function.returns_set != (function.rows_of != 0)) return false;
  if (function.table_argument < 0 || function.table_argument >= row.count) return false;
  const Oid taken = row.types[function.table_argument];
  return pg::call([taken] { return get_typ_typrelid(taken); }) == function.table;
}

void add(Model &model, const FunctionRow &row) {
  for (int i = 0; i < row.count; ++i)
    if (is_pseudo(row.types[i])) return;
  if (is_pseudo(row.result)) return;
  Function function;
  function.oid = row.oid;
  function.schema = row.schema;
  function.name = row.name;
  if (row.comment) function.comment = row.comment;
  if (row.field) function.field = row.field;
  function.use = use_of(row);
  function.table = row.table;
  function.rows_of = pg::call([&] { return get_typ_typrelid(row.result); });
  function.returns_set = row.returns_set;
  function.is_volatile = row.volatility == PROVOLATILE_VOLATILE;
  if (function.rows_of == 0) function.scalar = load_type(model, row.result);
  add_arguments(model, function, row);
  if (fits(function, row)) model.functions.push_back(std::move(function));
}

Oid function_field_table() {
  return pg::call([] {
    const Oid schema = get_namespace_oid("gqlsvl", true);
    return OidIsValid(schema) ? get_relname_relid("function_field", schema) : InvalidOid;
  });
}

Oid oid_of(const Type *type) { return type ? type->oid : 0; }

bool same(const FunctionArgument &a, const FunctionArgument &b) {
  return a.name == b.name && oid_of(a.type) == oid_of(b.type) && a.has_default == b.has_default;
}

bool same(const Function &a, const Function &b) {
  auto parts = [](const Function &f) {
    return std::tie(f.oid, f.schema, f.name, f.comment, f.field, f.use, f.table, f.rows_of, f.returns_set, f.is_volatile, f.table_argument,
                    f.session_argument);
  };
  return parts(a) == parts(b) && oid_of(a.scalar) == oid_of(b.scalar) &&
         std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(), b.arguments.end(),
                    [](const FunctionArgument &x, const FunctionArgument &y) { return same(x, y); });
}

} // namespace

Oid function_of(const char *signature) {
  LOCAL_FCINFO(call, 1);
  InitFunctionCallInfoData(*call, nullptr, 1, InvalidOid, nullptr, nullptr);
  call->args[0].value = PointerGetDatum(cstring_to_text(signature));
  call->args[0].isnull = false;
  const Datum found = to_regprocedure(call); // null: there is none
  return call->isnull ? InvalidOid : DatumGetObjectId(found);
}

void load_functions(Model &model) {
  pg::ScopedContext scratch("gqlsvl functions");
  model.function_table = function_field_table();
  if (!OidIsValid(model.function_table)) return;
  const Oid table = model.function_table, role = model.audience.role;
  List *rows = pg::call([=] { return read_rows(table, role); });
  ListCell *cell;
  foreach (cell, rows) add(model, *static_cast<const FunctionRow *>(lfirst(cell)));
  auto order = [](const Function &f) { return std::tie(f.schema, f.name, f.oid, f.table, f.field); };
  std::sort(model.functions.begin(), model.functions.end(), [&](const Function &a, const Function &b) { return order(a) < order(b); });
}

bool same_functions(const Model &a, const Model &b) {
  return a.function_table == b.function_table && std::equal(a.functions.begin(), a.functions.end(), b.functions.begin(), b.functions.end(),
                                                            [](const Function &x, const Function &y) { return same(x, y); });
}

bool functions_changed(const Model &model) {
  Model now;
  now.audience = model.audience;
  load_functions(now);
  return !same_functions(model, now);
}

} // namespace gqlsvl::catalog
