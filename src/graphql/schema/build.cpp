#include "graphql/schema/builder.h"

#include "graphql/schema/introspection_types.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

std::shared_ptr<const Schema> build_schema(std::shared_ptr<const catalog::Model> model) {
  auto schema = std::make_shared<Schema>();
  schema->model = std::move(model);
  auto builder = std::make_unique<Builder>(*schema);
  builder->build();
  schema->maker = std::move(builder);
  return schema;
}

Builder::Builder(Schema &schema) : schema_(&schema) {}

void Builder::build() {
  own_scalar_names();
  choose_tables();
  find_functions();
  find_relationships();
  add_roots();
  add_shared_types();
  for (const char *built_in : {"Boolean", "Float", "Int", "String"}) plain_scalar(built_in); // shared by tables and introspection
  add_introspection_types(*schema_);
  sort_filled();
  for (TableEntry &entry : tables_) entry.taken = {}; // of no more use, and large
}

// Types of no table: a variable may name one in a document that leads to no table before.
void Builder::add_shared_types() {
  std::unordered_set<const catalog::Type *> readable, writable;
  for (const TableEntry &entry : tables_) {
    for (const catalog::Column *column : entry.selectable) readable.insert(column->type);
    for (const auto *columns : {&entry.insertable, &entry.updatable})
      for (const catalog::Column *column : *columns) writable.insert(column->type);
  }
  for (const auto &table : schema_->model->tables) // in the model's order, which is always the same
    for (const catalog::Column &column : table->columns) {
      if (readable.erase(column.type)) comparison(*column.type);
      if (writable.erase(column.type)) column_type(*column.type);
      if (is_enum(column)) comparison(column);
    }
  const bool reads = std::any_of(tables_.begin(), tables_.end(), [](const TableEntry &entry) { return !entry.selectable.empty(); });
  if (reads) order_by_enum();
}

NamedType &Builder::type_named(NamedKind kind, const std::string &name) {
  auto known = types_.find(name);
  if (known != types_.end()) return *known->second;
  auto type = std::make_unique<NamedType>();
  type->kind = kind;
  type->name = name;
  type->maker = this;
  type->complete = kind == NamedKind::Scalar;
  NamedType &added = *type;
  schema_->types.push_back(std::move(type));
  schema_->by_name[name] = types_[name] = &added;
  return added;
}

NamedType &Builder::add_type(NamedKind kind, const std::string &name, const std::string &description) {
  NamedType &type = type_named(kind, name);
  if (!description.empty()) type.description = description;
  if (!type.complete) filled_.push_back(&type);
  type.complete = true;
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
  names_.emplace(named, schema_->model->enum_tables);
  std::erase_if(tables_, [&](const TableEntry &entry) { return !names_->base_of(*entry.table); });
  for (TableEntry &entry : tables_) {
    entry.base = *names_->base_of(*entry.table);
    by_oid_[entry.table->oid] = by_base_[entry.base] = &entry;
    for (const auto &[kind, name] : entry.table->overrides.root_fields) by_root_name_.emplace(name, &entry);
  }
}

void Builder::add_roots() {
  auto any = [&](auto &&has) { return std::any_of(tables_.begin(), tables_.end(), has); };
  auto root = [&](const char *name) {
    NamedType &type = add_type(NamedKind::Object, name);
    type.is_root = true;
    return &type;
  };
  const bool queries = any([](const TableEntry &entry) { return has_queries(entry, entry.table->options.query_root_fields); });
  const bool subscriptions = any([](const TableEntry &entry) { return has_queries(entry, entry.table->options.subscription_root_fields); });
  const bool changes = any([](const TableEntry &entry) {
    return (entry.table->can_insert && !entry.insertable.empty()) || (entry.table->can_update && !entry.updatable.empty()) ||
           entry.table->can_delete || std::any_of(entry.functions.begin(), entry.functions.end(), [](const FunctionEntry &function) {
             return function.function->use == catalog::FunctionUse::Mutation;
           });
  });
  schema_->query = query_ = root("query_root");
  if (changes) schema_->mutation = mutation_ = root("mutation_root");
  if (subscriptions) schema_->subscription = subscription_ = root("subscription_root");
  if (queries) return;
  Field none;
  none.name = "no_queries_available";
  none.description = "There are no queries available to the current role.";
  none.kind = FieldKind::NoQueries;
  none.type = required(plain_scalar("String"));
  query_->fields.push_back(std::move(none));
}

namespace {

template <typename Entries> void sort_by_name(Entries &entries) {
  std::sort(entries.begin(), entries.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
}

} // namespace

// Root fields that are there already keep their name: of several that overrides gave one name, the first made.
void Builder::take_root_fields(NamedType *root, NamedType &made) {
  for (Field &field : made.fields) {
    sort_by_name(field.arguments);
    auto same = [&](const Field &known) { return known.name == field.name; };
    if (std::none_of(root->fields.begin(), root->fields.end(), same)) root->fields.push_back(std::move(field));
  }
}

void Builder::sort_filled() {
  for (NamedType *type : filled_) {
    if (!type->is_root) sort_by_name(type->fields);
    sort_by_name(type->inputs);
    sort_by_name(type->values);
    for (Field &field : type->fields) sort_by_name(field.arguments);
  }
  filled_.clear();
}

void Builder::fill(const TableEntry &entry) {
  NamedType queries, subscriptions, mutations;
  add_where(entry);
  if (!entry.selectable.empty()) {
    add_object(entry);
    add_order_by(entry);
    add_select_columns(entry);
    add_aggregates(entry);
    add_groups(entry);
    add_queries(entry, entry.table->options.query_root_fields, queries);
    add_queries(entry, entry.table->options.subscription_root_fields, subscriptions);
    add_function_fields(entry, queries, &mutations);
    add_function_fields(entry, subscriptions, nullptr);
  }
  add_mutations(entry, mutations);
  sort_filled();
  take_root_fields(query_, queries);
  if (subscription_) take_root_fields(subscription_, subscriptions);
  if (mutation_) take_root_fields(mutation_, mutations);
}

void Builder::make(TableEntry &entry) {
  if (entry.made) return;
  try {
    fill(entry);
  } catch (...) { // out of memory: as if nobody had looked
    for (NamedType *type : filled_) {
      type->fields.clear();
      type->inputs.clear();
      type->values.clear();
      type->complete = false;
    }
    filled_.clear();
    throw;
  }
  entry.made = true;
}

// The tables whose name `name` is or begins with, at a "_".
template <typename F> void Builder::each_owner(std::string_view name, F &&visit) {
  for (std::size_t end = name.size(); end != std::string_view::npos && end != 0; end = name.rfind('_', end - 1)) {
    auto found = by_base_.find(std::string(name.substr(0, end)));
    if (found != by_base_.end()) visit(*found->second);
  }
}

void Builder::complete(const NamedType &type) {
  make_type(type.name);
  type.complete = true;
}

void Builder::make_type(const std::string &name) {
  auto is_made = [&] {
    auto known = types_.find(name);
    return known != types_.end() && known->second->complete;
  };
  if (auto arguments = by_arguments_type_.find(name); arguments != by_arguments_type_.end()) make(*arguments->second);
  each_owner(name, [&](TableEntry &entry) {
    if (!is_made()) make(entry);
  });
  // Some types of a table are made for those whose relationships lead to it.
  each_owner(name, [&](const TableEntry &entry) {
    for (TableEntry &other : tables_) {
      auto leads = [&](const Relationship *relationship) { return relationship->to == entry.table; };
      if (!is_made() && std::any_of(other.relationships.begin(), other.relationships.end(), leads)) make(other);
    }
  });
  if (!is_made()) make_all(); // a type of no table that nobody has needed yet, or none at all
}

void Builder::make_root_field(const std::string &name) {
  each_owner(name, [this](TableEntry &entry) { make(entry); });
  for (std::string_view prefix : mutation_prefixes)
    if (name.starts_with(prefix)) each_owner(std::string_view(name).substr(prefix.size()), [this](TableEntry &entry) { make(entry); });
  if (auto named = by_root_name_.find(name); named != by_root_name_.end()) make(*named->second);
}

void Builder::make_all() {
  if (all_made_) return;
  for (TableEntry &entry : tables_) make(entry);
  all_made_ = true;
  std::sort(schema_->types.begin(), schema_->types.end(), [](const auto &a, const auto &b) { return a->name < b->name; });
}

} // namespace gqlsvl::graphql::schema
