#include "catalog/types.h"

#include "pg/boundary.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace gqlsvl::catalog {

namespace {

struct TypeRow {
  const char *schema, *name;
  char typtype;
  Oid element, base, array;
  bool is_array;
};

TypeRow read_type(Oid oid) {
  HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for type %u", oid);
  auto form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
  TypeRow row{get_namespace_name(form->typnamespace),
              pstrdup(NameStr(form->typname)),
              form->typtype,
              form->typelem,
              form->typbasetype,
              form->typarray,
              IsTrueArrayType(form)};
  ReleaseSysCache(tuple);
  return row;
}

// OPERATOR(schema.name) by OID; "" for none.
std::string operator_text(Oid oid) {
  if (!OidIsValid(oid)) return {};
  char *schema = nullptr, *name = nullptr;
  const char *quoted = nullptr;
  pg::call([&] {
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
    if (!HeapTupleIsValid(tuple)) return;
    auto form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    schema = get_namespace_name(form->oprnamespace);
    name = pstrdup(NameStr(form->oprname));
    ReleaseSysCache(tuple);
    if (schema) quoted = quote_identifier(schema);
  });
  if (!quoted) return {};
  return "OPERATOR(" + std::string(quoted) + "." + name + ")";
}

struct ComparisonOperators {
  Oid eq, ne, lt, le, gt, ge;
};

ComparisonOperators find_operators(Oid type) {
  ComparisonOperators found{};
  TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_EQ_OPR | TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);
  found.eq = entry->eq_opr;
  found.ne = OidIsValid(entry->eq_opr) ? get_negator(entry->eq_opr) : InvalidOid;
  found.lt = entry->lt_opr;
  found.gt = entry->gt_opr;
  if (OidIsValid(entry->btree_opf)) {
    found.le = get_opfamily_member(entry->btree_opf, entry->btree_opintype, entry->btree_opintype, BTLessEqualStrategyNumber);
    found.ge = get_opfamily_member(entry->btree_opf, entry->btree_opintype, entry->btree_opintype, BTGreaterEqualStrategyNumber);
  }
  return found;
}

void load_operators(Type &type) {
  const ComparisonOperators found = pg::call([&] { return find_operators(type.oid); });
  type.eq = operator_text(found.eq);
  type.ne = operator_text(found.ne);
  type.lt = operator_text(found.lt);
  type.le = operator_text(found.le);
  type.gt = operator_text(found.gt);
  type.ge = operator_text(found.ge);
}

TypeKind kind_of(const TypeRow &row) {
  if (row.is_array) return TypeKind::Array;
  switch (row.typtype) {
  case TYPTYPE_ENUM: return TypeKind::Enum;
  case TYPTYPE_COMPOSITE: return TypeKind::Composite;
  case TYPTYPE_DOMAIN: return TypeKind::Domain;
  case TYPTYPE_RANGE:
  case TYPTYPE_MULTIRANGE: return TypeKind::Range;
  default: return TypeKind::Base;
  }
}

} // namespace

std::vector<std::string> enum_labels(Oid type) {
  List *labels = NIL;
  std::vector<std::string> names;
  pg::call([&] {
    Relation catalog = table_open(EnumRelationId, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
    SysScanDesc scan = systable_beginscan(catalog, EnumTypIdSortOrderIndexId, true, nullptr, 1, &key);
    while (HeapTuple tuple = systable_getnext(scan))
      labels = lappend(labels, pstrdup(NameStr(reinterpret_cast<Form_pg_enum>(GETSTRUCT(tuple))->enumlabel)));
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
  });
  ListCell *cell;
  foreach (cell, labels) names.emplace_back(static_cast<const char *>(lfirst(cell)));
  return names;
}

const Type *load_type(Model &model, Oid oid) {
  auto known = model.types.find(oid);
  if (known != model.types.end()) return known->second.get();
  const TypeRow row = pg::call([&] { return read_type(oid); });
  auto type = std::make_unique<Type>();
  type->oid = oid;
  type->schema = row.schema ? row.schema : "";
  type->name = row.name;
  type->kind = kind_of(row);
  type->array = row.array;
  if (type->kind == TypeKind::Enum) type->enum_labels = enum_labels(oid);
  load_operators(*type);
  if (type->kind == TypeKind::Array) type->element = load_type(model, row.element)->oid;
  if (type->kind == TypeKind::Domain) type->base = load_type(model, row.base)->oid;
  return (model.types[oid] = std::move(type)).get();
}

} // namespace gqlsvl::catalog
