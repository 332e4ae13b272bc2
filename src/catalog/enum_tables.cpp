#include "catalog/enum_tables.h"

#include "pg/transaction.h"

#include <algorithm>
#include <optional>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
}

namespace gqlsvl::catalog {

namespace {

struct Row {
  const char *value, *comment; // comment: "" for none
};

struct Rows {
  const char *schema, *name;
  AttrNumber key;
  List *list;
};

bool is_text(const FormData_pg_attribute &column) { return column.atttypid == TEXTOID || column.atttypid == VARCHAROID; }

// The only column of the primary key, when it is a text.
AttrNumber key_of(Relation table) {
  RelationGetIndexList(table); // fills rd_pkindex
  if (!OidIsValid(table->rd_pkindex)) return InvalidAttrNumber;
  HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(table->rd_pkindex));
  if (!HeapTupleIsValid(tuple)) return InvalidAttrNumber;
  auto index = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
  const AttrNumber key = index->indnkeyatts == 1 ? index->indkey.values[0] : InvalidAttrNumber;
  ReleaseSysCache(tuple);
  const bool fits = key > 0 && is_text(*TupleDescAttr(RelationGetDescr(table), key - 1));
  return fits ? key : static_cast<AttrNumber>(InvalidAttrNumber);
}

// The other column, when there is one and it is a text.
AttrNumber comment_of(Relation table, AttrNumber key) {
  AttrNumber comment = InvalidAttrNumber;
  TupleDesc shape = RelationGetDescr(table);
  for (int i = 0; i < shape->natts; ++i) {
    const FormData_pg_attribute &column = *TupleDescAttr(shape, i);
    if (column.attisdropped || column.attnum == key) continue;
    if (comment != InvalidAttrNumber || !is_text(column)) return InvalidAttrNumber;
    comment = column.attnum;
  }
  return comment;
}

List *read_list(Relation table, AttrNumber key, AttrNumber comment) {
  List *list = NIL;
  SysScanDesc scan = systable_beginscan(table, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    CHECK_FOR_INTERRUPTS();
    bool is_null = false;
    auto text_at = [&](AttrNumber column) {
      const Datum value = heap_getattr(tuple, column, RelationGetDescr(table), &is_null);
      return is_null ? "" : TextDatumGetCString(value);
    };
    auto *row = static_cast<Row *>(palloc(sizeof(Row)));
    row->value = text_at(key);
    row->comment = comment == InvalidAttrNumber ? "" : text_at(comment);
    list = lappend(list, row);
  }
  systable_endscan(scan);
  return list;
}

// False: not fit to be an enum table any more.
bool read_rows(Oid oid, Rows &rows) {
  Relation table = try_table_open(oid, AccessShareLock);
  if (!table) return false;
  rows.schema = get_namespace_name(RelationGetNamespace(table));
  rows.name = pstrdup(RelationGetRelationName(table));
  rows.key = table->rd_rel->relkind == RELKIND_RELATION ? key_of(table) : static_cast<AttrNumber>(InvalidAttrNumber);
  const bool fits = rows.schema && rows.key != InvalidAttrNumber;
  if (fits) rows.list = read_list(table, rows.key, comment_of(table, rows.key));
  table_close(table, AccessShareLock);
  return fits;
}

std::optional<EnumTable> load_enum_table(Oid oid, const std::string &renamed) {
  Rows rows{};
  if (!pg::call([&] { return read_rows(oid, rows); })) return std::nullopt;
  EnumTable table{oid, rows.schema, rows.name, renamed, rows.key, {}};
  ListCell *cell;
  foreach (cell, rows.list) {
    const Row &row = *static_cast<const Row *>(lfirst(cell));
    table.values.emplace_back(row.value, row.comment);
  }
  std::sort(table.values.begin(), table.values.end());
  return table;
}

} // namespace

void load_enum_tables(Model &model) {
  pg::ScopedContext scratch("gqlsvl enum tables");
  for (const auto &[oid, overrides] : model.overrides)
    if (overrides.is_enum)
      if (std::optional<EnumTable> table = load_enum_table(oid, overrides.name)) model.enum_tables.emplace(oid, std::move(*table));
}

bool enum_tables_changed(const Model &model, const std::vector<Oid> &relations) {
  return std::any_of(model.overrides.begin(), model.overrides.end(), [&](const auto &entry) {
    const auto &[oid, overrides] = entry;
    if (!overrides.is_enum || !std::binary_search(relations.begin(), relations.end(), oid)) return false;
    const auto known = model.enum_tables.find(oid);
    const std::optional<EnumTable> now = load_enum_table(oid, overrides.name);
    return now ? known == model.enum_tables.end() || known->second != *now : known != model.enum_tables.end();
  });
}

} // namespace gqlsvl::catalog
