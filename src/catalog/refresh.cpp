#include "catalog/refresh.h"

#include "catalog/audience.h"
#include "catalog/enum_tables.h"
#include "catalog/functions.h"
#include "catalog/load.h"
#include "catalog/types.h"
#include "pg/transaction.h"

#include <algorithm>
#include <tuple>

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace gqlsvl::catalog {

namespace {

// Types are compared by OID here, and on their own in same_types.
bool same(const Column &a, const Column &b) {
  auto enum_of = [](const Column &c) { return c.enum_table ? c.enum_table->oid : Oid{0}; };
  if (enum_of(a) != enum_of(b)) return false;
  auto parts = [](const Column &c) {
    return std::tie(c.attnum, c.name, c.renamed, c.type->oid, c.typmod, c.deterministic, c.not_null, c.has_default, c.generated_always,
                    c.comment, c.can_select, c.can_insert, c.can_update);
  };
  return parts(a) == parts(b);
}

bool same(const Table &a, const Table &b) {
  auto parts = [](const Table &t) {
    return std::tie(t.oid, t.schema, t.name, t.comment, t.kind, t.keys, t.foreign_keys, t.overrides, t.options, t.row_security,
                    t.has_children, t.can_select, t.can_insert, t.can_update, t.can_delete);
  };
  return parts(a) == parts(b) && std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                                            [](const Column &x, const Column &y) { return same(x, y); });
}

bool same(const Model &a, const Model &b) {
  return a.audience == b.audience && a.enum_tables == b.enum_tables && same_functions(a, b) &&
         std::equal(a.types.begin(), a.types.end(), b.types.begin(), b.types.end(),
                    [](const auto &x, const auto &y) { return *x.second == *y.second; }) &&
         std::equal(a.tables.begin(), a.tables.end(), b.tables.begin(), b.tables.end(),
                    [](const auto &x, const auto &y) { return same(*x, *y); });
}

bool types_touched(const Model &model, const Changes &changes) {
  if (changes.type_hashes.empty()) return false;
  return std::any_of(model.types.begin(), model.types.end(), [&](const auto &type) {
    const std::uint32_t hash = pg::call([&] { return GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(type.first)); });
    return std::binary_search(changes.type_hashes.begin(), changes.type_hashes.end(), hash);
  });
}

bool labels_changed(const Model &model) {
  return std::any_of(model.types.begin(), model.types.end(), [](const auto &type) {
    return type.second->kind == TypeKind::Enum && enum_labels(type.first) != type.second->enum_labels;
  });
}

class RelationCheck {
public:
  explicit RelationCheck(const Model &model) : model_(model) {
    scratch_.audience = model.audience;
    scratch_.overrides = model.overrides;
    scratch_.enum_tables = model.enum_tables;
    scratch_.options = model.options;
  }

  // Whether the relation is, or ought to be, in the Model and says something else now.
  bool changed(Oid relation) {
    const Table *kept = model_.table(relation);
    const std::unique_ptr<const Table> now = load_table(scratch_, relation);
    return kept && now ? !same(*kept, *now) : kept || now;
  }

  // What can be done with a view depends on the views and foreign tables below it, wherever they are.
  bool some_view_changed() {
    return std::any_of(model_.tables.begin(), model_.tables.end(),
                       [this](const auto &table) { return table->kind == TableKind::View && changed(table->oid); });
  }

private:
  const Model &model_;
  Model scratch_; // for the types of what is read
};

bool may_be_below_a_view(Oid relation) {
  return pg::call([relation] {
    const char kind = get_rel_relkind(relation);
    return (kind == RELKIND_VIEW || kind == RELKIND_FOREIGN_TABLE) && !isAnyTempNamespace(get_rel_namespace(relation));
  });
}

bool relations_changed(const Model &model, const std::vector<Oid> &relations) {
  if (relations.empty()) return false;
  RelationCheck check(model);
  if (std::any_of(relations.begin(), relations.end(), [&](Oid relation) { return check.changed(relation); })) return true;
  return std::any_of(relations.begin(), relations.end(), may_be_below_a_view) && check.some_view_changed();
}

} // namespace

std::shared_ptr<const Model> refresh_model(const std::shared_ptr<const Model> &model, const Changes &changes) {
  pg::ScopedContext scratch("gqlsvl catalog check");
  bool read_again = changes.everything || types_touched(*model, changes) || (changes.enums && labels_changed(*model));
  if (!read_again && (changes.roles || changes.schemas)) read_again = current_audience() != model->audience;
  for (const Oid own : {model->override_table, model->function_table, model->option_table})
    read_again = read_again || std::binary_search(changes.relations.begin(), changes.relations.end(), own);
  if (!read_again && (changes.functions || changes.roles || changes.schemas)) read_again = functions_changed(*model);
  if (!read_again) read_again = enum_tables_changed(*model, changes.relations);
  if (!read_again) read_again = relations_changed(*model, changes.relations);
  if (!read_again) return model;
  std::shared_ptr<const Model> now = load_model();
  return same(*model, *now) ? model : now;
}

} // namespace gqlsvl::catalog
