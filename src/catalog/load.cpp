#include "catalog/load.h"

#include "catalog/audience.h"
#include "catalog/enum_tables.h"
#include "catalog/functions.h"
#include "catalog/overrides.h"
#include "catalog/table_options.h"
#include "catalog/types.h"
#include "pg/transaction.h"

#include <algorithm>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_description.h"
#include "nodes/nodes.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"
}

namespace gqlsvl::catalog {

namespace {

// Reads all rows of a catalog with `column = oid`. `visit` must not throw C++ exceptions across Postgres frames: it copies into lists.
template <typename Visit> void scan_by_oid(Oid catalog_oid, Oid index, AttrNumber column, Oid value, Visit visit) {
  Relation catalog = table_open(catalog_oid, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(value));
  SysScanDesc scan = systable_beginscan(catalog, index, true, nullptr, 1, &key);
  while (HeapTuple tuple = systable_getnext(scan)) visit(tuple, RelationGetDescr(catalog));
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
}

struct ClassRow {
  Oid oid, schema;
  const char *name;
  char kind;
  bool row_security, has_children;
};

bool exposed_kind(char kind) {
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_VIEW || kind == RELKIND_MATVIEW ||
         kind == RELKIND_FOREIGN_TABLE;
}

bool is_exposed(const Model &model, FormData_pg_class *row) {
  if (!exposed_kind(row->relkind) || row->relispartition) return false;
  const auto &schemas = model.audience.schemas;
  return std::any_of(schemas.begin(), schemas.end(), [row](const auto &schema) { return schema.first == row->relnamespace; });
}

ClassRow copy_of(FormData_pg_class *row) {
  const bool inherited = row->relhassubclass && row->relkind != RELKIND_PARTITIONED_TABLE;
  return {row->oid, row->relnamespace, pstrdup(NameStr(row->relname)), row->relkind, row->relrowsecurity, inherited};
}

List *read_classes(const Model &model) {
  List *rows = NIL;
  Relation catalog = table_open(RelationRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    CHECK_FOR_INTERRUPTS();
    auto form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    if (!is_exposed(model, form)) continue;
    auto *row = static_cast<ClassRow *>(palloc(sizeof(ClassRow)));
    *row = copy_of(form);
    rows = lappend(rows, row);
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return rows;
}

struct TableRights {
  bool select, insert, update, del;        // on the whole table
  bool any_select, any_insert, any_update; // on some column at least
  bool any() const { return any_select || any_insert || any_update || del; }
};

TableRights read_rights(Oid table, Oid role) {
  TableRights r{};
  r.select = pg_class_aclcheck(table, role, ACL_SELECT) == ACLCHECK_OK;
  r.insert = pg_class_aclcheck(table, role, ACL_INSERT) == ACLCHECK_OK;
  r.update = pg_class_aclcheck(table, role, ACL_UPDATE) == ACLCHECK_OK;
  r.del = pg_class_aclcheck(table, role, ACL_DELETE) == ACLCHECK_OK;
  r.any_select = r.select || pg_attribute_aclcheck_all(table, role, ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
  r.any_insert = r.insert || pg_attribute_aclcheck_all(table, role, ACL_INSERT, ACLMASK_ANY) == ACLCHECK_OK;
  r.any_update = r.update || pg_attribute_aclcheck_all(table, role, ACL_UPDATE, ACLMASK_ANY) == ACLCHECK_OK;
  return r;
}

bool column_right(bool whole, bool some, Oid table, AttrNumber column, Oid role, AclMode mode) {
  return whole || (some && pg_attribute_aclcheck(table, column, role, mode) == ACLCHECK_OK);
}

struct ColumnRow {
  AttrNumber number;
  const char *name;
  Oid type;
  int32 typmod;
  bool deterministic, not_null, has_default, generated_always, can_select, can_insert, can_update;
};

bool is_deterministic(Oid collation) {
  return !OidIsValid(collation) || collation == DEFAULT_COLLATION_OID || get_collation_isdeterministic(collation);
}

List *read_columns(Oid table, Oid role, const TableRights &rights) {
  List *rows = NIL;
  scan_by_oid(AttributeRelationId, AttributeRelidNumIndexId, Anum_pg_attribute_attrelid, table, [&](HeapTuple tuple, TupleDesc) {
    auto form = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
    if (form->attnum <= 0 || form->attisdropped) return;
    auto *row = static_cast<ColumnRow *>(palloc(sizeof(ColumnRow)));
    row->number = form->attnum;
    row->name = pstrdup(NameStr(form->attname));
    row->type = form->atttypid;
    row->typmod = form->atttypmod;
    row->deterministic = is_deterministic(form->attcollation);
    row->not_null = form->attnotnull;
    row->has_default = form->atthasdef || form->attidentity != '\0';
    row->generated_always = form->attgenerated != '\0' || form->attidentity == ATTRIBUTE_IDENTITY_ALWAYS;
    row->can_select = column_right(rights.select, rights.any_select, table, form->attnum, role, ACL_SELECT);
    row->can_insert = column_right(rights.insert, rights.any_insert, table, form->attnum, role, ACL_INSERT);
    row->can_update = column_right(rights.update, rights.any_update, table, form->attnum, role, ACL_UPDATE);
    rows = lappend(rows, row);
  });
  return rows;
}

struct CommentRow {
  int32 column; // 0: the table's own
  const char *text;
};

List *read_comments(Oid table) {
  List *rows = NIL;
  scan_by_oid(DescriptionRelationId, DescriptionObjIndexId, Anum_pg_description_objoid, table, [&](HeapTuple tuple, TupleDesc shape) {
    auto form = reinterpret_cast<Form_pg_description>(GETSTRUCT(tuple));
    bool is_null = false;
    if (form->classoid != RelationRelationId) return;
    Datum description = heap_getattr(tuple, Anum_pg_description_description, shape, &is_null);
    if (is_null) return;
    auto *row = static_cast<CommentRow *>(palloc(sizeof(CommentRow)));
    *row = CommentRow{form->objsubid, TextDatumGetCString(description)};
    rows = lappend(rows, row);
  });
  return rows;
}

struct ConstraintRow {
  const char *name;
  char kind;
  bool deferrable;
  Oid referenced;
  int count;
  const int16 *columns, *referenced_columns;
};

const int16 *column_numbers(HeapTuple tuple, TupleDesc shape, AttrNumber attribute, int *count) {
  bool is_null = false;
  Datum value = heap_getattr(tuple, attribute, shape, &is_null);
  *count = 0;
  if (is_null) return nullptr;
  ArrayType *array = DatumGetArrayTypePCopy(value);
  *count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
  return reinterpret_cast<const int16 *>(ARR_DATA_PTR(array));
}

List *read_constraints(Oid table) {
  List *rows = NIL;
  scan_by_oid(ConstraintRelationId, ConstraintRelidTypidNameIndexId, Anum_pg_constraint_conrelid, table,
              [&](HeapTuple tuple, TupleDesc shape) {
                auto form = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
                if (form->contype != CONSTRAINT_PRIMARY && form->contype != CONSTRAINT_UNIQUE && form->contype != CONSTRAINT_FOREIGN)
                  return;
                auto *row = static_cast<ConstraintRow *>(palloc(sizeof(ConstraintRow)));
                int referenced_count = 0;
                row->name = pstrdup(NameStr(form->conname));
                row->kind = form->contype;
                row->deferrable = form->condeferrable;
                row->referenced = form->confrelid;
                row->columns = column_numbers(tuple, shape, Anum_pg_constraint_conkey, &row->count);
                row->referenced_columns = column_numbers(tuple, shape, Anum_pg_constraint_confkey, &referenced_count);
                rows = lappend(rows, row);
              });
  return rows;
}

// Views and foreign tables: what Postgres can do with them, by rules, auto-update or INSTEAD OF triggers.
constexpr int can(CmdType command) { return 1 << command; }
int possible_changes(Oid table, char kind) {
  if (kind == RELKIND_MATVIEW) return 0;
  if (kind == RELKIND_VIEW || kind == RELKIND_FOREIGN_TABLE) return relation_is_updatable(table, NIL, true, nullptr);
  return can(CMD_INSERT) | can(CMD_UPDATE) | can(CMD_DELETE);
}

// A column of an automatically updatable view may itself be an expression; an INSTEAD OF trigger takes any column, for its own command
// only.
int possible_column_changes(Oid view, AttrNumber column) {
  Bitmapset *columns = bms_make_singleton(column - FirstLowInvalidHeapAttributeNumber);
  return relation_is_updatable(view, NIL, true, columns);
}

TableKind kind_of(char kind) {
  switch (kind) {
  case RELKIND_PARTITIONED_TABLE: return TableKind::Partitioned;
  case RELKIND_VIEW: return TableKind::View;
  case RELKIND_MATVIEW: return TableKind::MaterializedView;
  case RELKIND_FOREIGN_TABLE: return TableKind::Foreign;
  default: return TableKind::Table;
  }
}

// Everything of one table, in palloc'ed lists: read in one go, turned into C++ objects afterwards.
struct TableRows {
  TableRights rights;
  bool row_security; // holds for the role
  int changes;
  List *columns, *comments, *constraints;
};

bool read_table(const ClassRow &row, Oid role, TableRows &rows) {
  CHECK_FOR_INTERRUPTS();
  rows.rights = read_rights(row.oid, role);
  if (!rows.rights.any() || OidIsValid(getExtensionOfObject(RelationRelationId, row.oid))) return false;
  rows.row_security = row.row_security && check_enable_rls(row.oid, role, true) == RLS_ENABLED;
  rows.changes = possible_changes(row.oid, row.kind);
  rows.columns = read_columns(row.oid, role, rows.rights);
  rows.comments = read_comments(row.oid);
  rows.constraints = read_constraints(row.oid);
  if (row.kind == RELKIND_VIEW && rows.changes != 0) {
    ListCell *cell;
    foreach (cell, rows.columns) {
      auto *column = static_cast<ColumnRow *>(lfirst(cell));
      int changes = possible_column_changes(row.oid, column->number);
      column->can_insert = column->can_insert && (changes & can(CMD_INSERT));
      column->can_update = column->can_update && (changes & can(CMD_UPDATE));
    }
  }
  return true;
}

void add_columns(Model &model, Table &table, const TableRows &rows) {
  ListCell *cell;
  foreach (cell, rows.columns) {
    const auto *row = static_cast<const ColumnRow *>(lfirst(cell));
    Column column;
    column.attnum = row->number;
    column.name = row->name;
    if (auto name = table.overrides.fields.find(column.name); name != table.overrides.fields.end()) column.renamed = name->second;
    column.type = load_type(model, row->type);
    column.typmod = row->typmod;
    column.deterministic = row->deterministic;
    column.not_null = row->not_null;
    column.has_default = row->has_default;
    column.generated_always = row->generated_always;
    column.can_select = row->can_select;
    column.can_insert = row->can_insert && table.can_insert;
    column.can_update = row->can_update && table.can_update;
    table.columns.push_back(std::move(column));
  }
  foreach (cell, rows.comments) {
    const auto *comment = static_cast<const CommentRow *>(lfirst(cell));
    if (comment->column == 0) table.comment = comment->text;
    for (Column &column : table.columns)
      if (column.attnum == comment->column) column.comment = comment->text;
  }
}

void add_constraints(const Model &model, Table &table, List *constraints) {
  ListCell *cell;
  foreach (cell, constraints) {
    const auto *row = static_cast<const ConstraintRow *>(lfirst(cell));
    std::vector<std::int16_t> columns(row->columns, row->columns + row->count);
    if (row->kind != CONSTRAINT_FOREIGN) {
      table.keys.push_back(Key{row->name, row->kind == CONSTRAINT_PRIMARY, row->deferrable, std::move(columns)});
      continue;
    }
    std::vector<std::int16_t> referenced(row->referenced_columns, row->referenced_columns + row->count);
    if (auto values = model.enum_tables.find(row->referenced); row->count == 1 && values != model.enum_tables.end())
      for (Column &column : table.columns)
        if (column.attnum == columns[0] && referenced[0] == values->second.key) column.enum_table = &values->second;
    table.foreign_keys.push_back(ForeignKey{row->name, std::move(columns), row->referenced, std::move(referenced)});
  }
}

std::unique_ptr<Table> make_table(Model &model, const ClassRow &row, const TableRows &rows) {
  auto table = std::make_unique<Table>();
  table->oid = row.oid;
  for (const auto &[oid, name] : model.audience.schemas)
    if (oid == row.schema) table->schema = name;
  table->name = row.name;
  table->kind = kind_of(row.kind);
  table->row_security = rows.row_security;
  table->has_children = row.has_children;
  if (auto found = model.overrides.find(row.oid); found != model.overrides.end()) table->overrides = found->second;
  if (auto found = model.options.find(row.oid); found != model.options.end()) table->options = found->second;
  const int changes = table->options.backend_only && !model.audience.backend ? 0 : rows.changes;
  table->can_select = rows.rights.any_select;
  table->can_insert = rows.rights.any_insert && (changes & can(CMD_INSERT));
  table->can_update = rows.rights.any_update && (changes & can(CMD_UPDATE));
  table->can_delete = rows.rights.del && (changes & can(CMD_DELETE));
  add_columns(model, *table, rows);
  add_constraints(model, *table, rows.constraints);
  return table;
}

} // namespace

std::shared_ptr<const Model> load_model() {
  pg::ScopedContext scratch("gqlsvl catalog");
  auto model = std::make_shared<Model>();
  model->audience = current_audience();
  load_overrides(*model);
  load_enum_tables(*model);
  load_table_options(*model);
  const Oid role = model->audience.role;
  List *classes = pg::call([&] { return read_classes(*model); });
  ListCell *cell;
  foreach (cell, classes) {
    const auto &row = *static_cast<const ClassRow *>(lfirst(cell));
    TableRows rows{};
    if (pg::call([&] { return read_table(row, role, rows); })) model->tables.push_back(make_table(*model, row, rows));
  }
  std::sort(model->tables.begin(), model->tables.end(),
            [](const auto &a, const auto &b) { return std::tie(a->schema, a->name) < std::tie(b->schema, b->name); });
  load_functions(*model);
  return model;
}

std::unique_ptr<const Table> load_table(Model &model, Oid relation) {
  pg::ScopedContext scratch("gqlsvl catalog table");
  ClassRow row{};
  TableRows rows{};
  const bool exposed = pg::call([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return false;
    auto form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    const bool may_be = is_exposed(model, form);
    if (may_be) row = copy_of(form);
    ReleaseSysCache(tuple);
    return may_be && read_table(row, model.audience.role, rows);
  });
  return exposed ? make_table(model, row, rows) : nullptr;
}

} // namespace gqlsvl::catalog
