#include "catalog/table_options.h"

#include "pg/transaction.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::catalog {

namespace {

enum RowColumn { column_table = 1, column_role, column_rows, column_aggregations, column_query, column_subscription, column_backend };

// What is not set: -1, or null.
struct Row {
  Oid table;
  int max_rows, allow_aggregations, backend_only;
  List *query_root_fields, *subscription_root_fields; // of strings
  bool query_fields_set, subscription_fields_set;
};

List *texts(Datum array) {
  Datum *items;
  bool *nulls;
  int count;
  List *list = NIL;
  deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
  for (int i = 0; i < count; ++i)
    if (!nulls[i]) list = lappend(list, TextDatumGetCString(items[i]));
  return list;
}

// Those for `role`, or for all roles when it is InvalidOid.
List *read_rows(Oid options, Oid role) {
  List *rows = NIL;
  Relation table = table_open(options, AccessShareLock);
  SysScanDesc scan = systable_beginscan(table, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    bool is_null = false;
    auto at = [&](int column) { return heap_getattr(tuple, column, RelationGetDescr(table), &is_null); };
    const Datum of_role = at(column_role);
    if ((is_null ? InvalidOid : DatumGetObjectId(of_role)) != role) continue;
    auto *row = static_cast<Row *>(palloc0(sizeof(Row)));
    row->table = DatumGetObjectId(at(column_table));
    const Datum max_rows = at(column_rows);
    row->max_rows = is_null ? -1 : DatumGetInt32(max_rows);
    const Datum allow_aggregations = at(column_aggregations);
    row->allow_aggregations = is_null ? -1 : DatumGetBool(allow_aggregations);
    const Datum backend_only = at(column_backend);
    row->backend_only = is_null ? -1 : DatumGetBool(backend_only);
    const Datum query = at(column_query);
    row->query_fields_set = !is_null;
    if (!is_null) row->query_root_fields = texts(query);
    const Datum subscription = at(column_subscription);
    row->subscription_fields_set = !is_null;
    if (!is_null) row->subscription_root_fields = texts(subscription);
    rows = lappend(rows, row);
  }
  systable_endscan(scan);
  table_close(table, AccessShareLock);
  return rows;
}

std::set<std::string> set_of(List *list) {
  std::set<std::string> names;
  ListCell *cell;
  foreach (cell, list) names.insert(static_cast<const char *>(lfirst(cell)));
  return names;
}

void apply(TableOptions &options, const Row &row) {
  if (row.max_rows >= 0) options.max_rows = row.max_rows;
  if (row.allow_aggregations >= 0) options.allow_aggregations = row.allow_aggregations != 0;
  if (row.backend_only >= 0) options.backend_only = row.backend_only != 0;
  if (row.query_fields_set) options.query_root_fields = set_of(row.query_root_fields);
  if (row.subscription_fields_set) options.subscription_root_fields = set_of(row.subscription_root_fields);
}

} // namespace

void load_table_options(Model &model) {
  pg::ScopedContext scratch("gqlsvl table options");
  const Oid table = pg::call([] {
    const Oid schema = get_namespace_oid("gqlsvl", true);
    return OidIsValid(schema) ? get_relname_relid("table_option", schema) : InvalidOid;
  });
  model.option_table = table;
  if (!OidIsValid(table)) return;
  for (const Oid role : {InvalidOid, model.audience.role}) { // the more special ones last
    List *rows = pg::call([=] { return read_rows(table, role); });
    ListCell *cell;
    foreach (cell, rows) {
      const Row &row = *static_cast<const Row *>(lfirst(cell));
      apply(model.options[row.table], row);
    }
  }
}

} // namespace gqlsvl::catalog
