#include "graphql/schema/builder.h"

#include "graphql/schema/introspection_types.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

std::shared_ptr<const Schema> build_schema(std::shared_ptr<const catalog::Model> model) { return Builder(std::move(model)).build(); }

Builder::Builder(std::shared_ptr<const catalog::Model> model) : schema_(std::make_shared<Schema>()) { schema_->model = std::move(model); }

std::shared_ptr<const Schema> Builder::build() {
  own_scalar_names();
  choose_tables();
  find_relationships();
  for (const TableEntry &entry : tables_) {
    add_where(entry);
    if (entry.selectable.empty()) continue;
    add_object(entry);
    add_order_by(entry);
    add_select_columns(entry);
    add_aggregates(entry);
  }
  add_roots();
  finish();
  return schema_;
}

NamedType &Builder::type_named(NamedKind kind, const std::string &name) {
  auto known = types_.find(name);
  if (known != types_.end()) return *known->second;
  auto type = std::make_unique<NamedType>();
  type->kind = kind;
  type->name = name;
  NamedType &added = *type;
  schema_->types.push_back(std::move(type));
  types_[name] = &added;
  return added;
}

NamedType &Builder::add_type(NamedKind kind, const std::string &name, const std::string &description) {
  NamedType &type = type_named(kind, name);
  if (!description.empty()) type.description = description;
  return type;
}

TableEntry *Builder::entry_of(catalog::Oid table) {
  auto found = by_oid_.find(table);
  return found == by_oid_.end() ? nullptr : found->second;
}

namespace {

std::vector<const catalog::Column *> readable_key(const TableEntry &entry) {
  const catalog::Key *primary = entry.table->primary_key();
  std::vector<const catalog::Column *> columns;
  if (!primary) return columns;
  for (std::int16_t number : primary->columns) {
    auto found = std::find_if(entry.selectable.begin(), entry.selectable.end(), [&](const auto *c) { return c->attnum == number; });
    if (found == entry.selectable.end()) return {};
    columns.push_back(*found);
  }
  return columns;
}

} // namespace

TableEntry Builder::entry_for(const catalog::Table &table) const {
  TableEntry entry;
  entry.table = &table;
  for (const catalog::Column &column : table.columns) {
    if (!entry.taken.insert(column.field()).second || !is_valid_column_name(column.field()) || !has_scalar(*column.type)) continue;
    if (column.can_select) entry.selectable.push_back(&column);
    if (column.can_insert && !column.generated_always) entry.insertable.push_back(&column);
    if (column.can_update && !column.generated_always) entry.updatable.push_back(&column);
  }
  entry.key = readable_key(entry);
  return entry;
}

void Builder::choose_tables() {
  std::vector<const catalog::Table *> named;
  for (const auto &table : schema_->model->tables) {
    TableEntry entry = entry_for(*table);
    if (entry.selectable.empty() && entry.insertable.empty() && entry.updatable.empty() && !table->can_delete) continue;
    named.push_back(table.get());
    tables_.push_back(std::move(entry));
  }
  names_.emplace(named);
  std::erase_if(tables_, [&](const TableEntry &entry) { return !names_->base_of(*entry.table); });
  for (TableEntry &entry : tables_) {
    entry.base = *names_->base_of(*entry.table);
    by_oid_[entry.table->oid] = &entry;
  }
}

void Builder::add_roots() {
  NamedType &query = add_type(NamedKind::Object, "query_root"), &mutation = add_type(NamedKind::Object, "mutation_root"),
            &subscription = add_type(NamedKind::Object, "subscription_root");
  for (const TableEntry &entry : tables_) {
    if (!entry.selectable.empty()) {
      add_queries(entry, query);
      add_queries(entry, subscription);
    }
    add_mutations(entry, mutation);
  }
  if (query.fields.empty()) {
    Field none;
    none.name = "no_queries_available";
    none.description = "There are no queries available to the current role.";
    none.kind = FieldKind::NoQueries;
    none.type = required(plain_scalar("String"));
    query.fields.push_back(std::move(none));
  }
  schema_->query = &query;
  schema_->mutation = mutation.fields.empty() ? nullptr : &mutation;
  schema_->subscription = subscription.fields.empty() ? nullptr : &subscription;
}

namespace {

template <typename Entry> void sort_by_name(std::vector<Entry> &entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.name < b.name; });
}

void drop_repeated(std::vector<Field> &sorted) {
  sorted.erase(std::unique(sorted.begin(), sorted.end(), [](const Field &a, const Field &b) { return a.name == b.name; }), sorted.end());
}

} // namespace

void Builder::finish() {
  auto is_empty_root = [&](const auto &type) {
    return type->fields.empty() && (type->name == "mutation_root" || type->name == "subscription_root");
  };
  schema_->types.erase(std::remove_if(schema_->types.begin(), schema_->types.end(), is_empty_root), schema_->types.end());
  for (const auto &type : schema_->types) {
    sort_by_name(type->fields);
    drop_repeated(type->fields); // root fields that overrides gave one name
    sort_by_name(type->inputs);
    sort_by_name(type->values);
    for (Field &field : type->fields) sort_by_name(field.arguments);
  }
  for (const auto &type : schema_->types) schema_->by_name[type->name] = type.get();
  add_introspection_types(*schema_); // shares the built-in scalars with the tables
  std::sort(schema_->types.begin(), schema_->types.end(), [](const auto &a, const auto &b) { return a->name < b->name; });
}

} // namespace gqlsvl::graphql::schema
