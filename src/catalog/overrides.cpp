#include "catalog/overrides.h"

#include "base/json.h"
#include "pg/transaction.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::catalog {

namespace {

struct Row {
  Oid table, remote_table;
  const char *kind, *key, *value; // value: JSON text
};

enum RowColumn { column_table = 1, column_kind, column_key, column_value, column_remote };

List *read_rows(Oid table) {
  List *rows = NIL;
  Relation overrides = table_open(table, AccessShareLock);
  SysScanDesc scan = systable_beginscan(overrides, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    auto *row = static_cast<Row *>(palloc(sizeof(Row)));
    bool is_null = false;
    auto at = [&](int column) { return heap_getattr(tuple, column, RelationGetDescr(overrides), &is_null); };
    row->table = DatumGetObjectId(at(column_table));
    row->kind = TextDatumGetCString(at(column_kind));
    row->key = TextDatumGetCString(at(column_key));
    row->value = DatumGetCString(DirectFunctionCall1(jsonb_out, at(column_value)));
    const Datum remote = at(column_remote);
    row->remote_table = is_null ? InvalidOid : DatumGetObjectId(remote);
    rows = lappend(rows, row);
  }
  systable_endscan(scan);
  table_close(overrides, AccessShareLock);
  return rows;
}

std::vector<std::string> texts(const json::Value &value, std::string_view key) {
  std::vector<std::string> found;
  if (const json::Value *list = value.find(key))
    for (const json::Value &item : list->items) found.push_back(item.text);
  return found;
}

void add(Overrides &overrides, const Row &row, const json::Value &value) {
  const std::string_view kind = row.kind;
  if (kind == "table") overrides.name = value.text;
  if (kind == "enum") overrides.is_enum = value.boolean;
  if (kind == "field") overrides.fields[row.key] = value.text;
  if (kind == "root_field") overrides.root_fields[row.key] = value.text;
  if (kind != "relationship") return;
  RelationshipOverride relationship;
  relationship.name = row.key;
  relationship.type = value.string("type").value_or("");
  relationship.remote_table = row.remote_table;
  relationship.columns = texts(value, "columns");
  relationship.remote_columns = texts(value, "remote_columns");
  overrides.relationships[relationship.name] = std::move(relationship);
}

} // namespace

void load_overrides(Model &model) {
  pg::ScopedContext scratch("gqlsvl overrides");
  const Oid table = pg::call([] {
    const Oid schema = get_namespace_oid("gqlsvl", true);
    return OidIsValid(schema) ? get_relname_relid("override", schema) : InvalidOid;
  });
  model.override_table = table;
  if (!OidIsValid(table)) return;
  List *rows = pg::call([table] { return read_rows(table); });
  ListCell *cell;
  foreach (cell, rows) {
    const Row &row = *static_cast<const Row *>(lfirst(cell));
    json::ParseError error;
    if (std::optional<json::Value> value = json::parse(row.value, error)) add(model.overrides[row.table], row, *value);
  }
}

} // namespace gqlsvl::catalog
