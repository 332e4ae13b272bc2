// insert_<table>, insert_<table>_one and their inputs: the columns, nested rows of related tables, and on_conflict.
#include "graphql/schema/builder.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

namespace {

bool takes_inserts(const TableEntry &entry) { return entry.table->can_insert && !entry.insertable.empty(); }

bool may_insert(const TableEntry &entry, std::int16_t number) {
  return std::any_of(entry.insertable.begin(), entry.insertable.end(), [&](const auto *column) { return column->attnum == number; });
}

// ON CONFLICT reads the columns of the constraint. A deferrable one cannot decide a conflict; Postgres says so when it is asked.
bool may_decide(const TableEntry &entry, const catalog::Key &key) {
  return is_valid_name(key.name) && std::all_of(key.columns.begin(), key.columns.end(), [&](std::int16_t number) {
           return std::any_of(entry.selectable.begin(), entry.selectable.end(), [&](const auto *c) { return c->attnum == number; });
         });
}

} // namespace

const NamedType *Builder::constraint_enum(const TableEntry &entry) {
  NamedType &type =
      add_type(NamedKind::Enum, entry.base + "_constraint", "unique or primary key constraints on table \"" + entry.table->name + "\"");
  type.table = entry.table;
  for (const catalog::Key &key : entry.table->keys) {
    if (!may_decide(entry, key)) continue;
    type.values.push_back({key.name, key.primary ? "primary key constraint" : "unique constraint", nullptr, &key});
  }
  return &type;
}

const NamedType *Builder::update_column_enum(const TableEntry &entry) {
  NamedType &type = add_type(NamedKind::Enum, entry.base + "_update_column", "update columns of table \"" + entry.table->name + "\"");
  type.table = entry.table;
  if (entry.table->can_update)
    for (const catalog::Column *column : entry.updatable) type.values.push_back({column->field(), "column name", column, nullptr});
  if (type.values.empty()) type.values.push_back({"_PLACEHOLDER", "placeholder (do not use)", nullptr, nullptr});
  return &type;
}

std::optional<InputValue> Builder::on_conflict(const TableEntry &entry) {
  const catalog::TableKind kind = entry.table->kind;
  if (kind != catalog::TableKind::Table && kind != catalog::TableKind::Partitioned) return std::nullopt;
  const auto &keys = entry.table->keys;
  if (std::none_of(keys.begin(), keys.end(), [&](const catalog::Key &key) { return may_decide(entry, key); })) return std::nullopt;
  NamedType &type =
      add_type(NamedKind::Input, entry.base + "_on_conflict", "on_conflict condition type for table \"" + entry.table->name + "\"");
  if (type.inputs.empty()) {
    type.table = entry.table;
    InputValue columns = make_input("update_columns", "", InputKind::Plain, required_list_of(update_column_enum(entry)));
    columns.default_value.emplace().kind = language::ValueKind::List;
    type.inputs = {make_input("constraint", "", InputKind::Plain, required(constraint_enum(entry))), std::move(columns),
                   where_argument(entry.base, false)};
    type.inputs.back().description = "of the rows in conflict, those to update";
  }
  return make_input("on_conflict", "upsert condition", InputKind::OnConflict, named(&type));
}

// Null: the role may not insert along this relationship. The side that references gets its foreign key from the other row.
NamedType *Builder::nested_insert(const Relationship &relationship) {
  const TableEntry &from = *entry_of(relationship.from->oid), &to = *entry_of(relationship.to->oid);
  if (!takes_inserts(to)) return nullptr;
  for (const auto &[ours, theirs] : relationship.columns)
    if (!(relationship.references ? may_insert(from, ours) : may_insert(to, theirs))) return nullptr;
  NamedType &type = relationship.array ? add_type(NamedKind::Input, to.base + "_arr_rel_insert_input",
                                                  "input type for inserting array relation for remote table \"" + to.table->name + "\"")
                                       : add_type(NamedKind::Input, to.base + "_obj_rel_insert_input",
                                                  "input type for inserting object relation for remote table \"" + to.table->name + "\"");
  if (!type.inputs.empty()) return &type;
  type.table = to.table;
  const NamedType *row = &type_named(NamedKind::Input, to.base + "_insert_input");
  type.inputs.push_back(relationship.array ? make_input("data", "", InputKind::Objects, required_list_of(row))
                                           : make_input("data", "", InputKind::Object, required(row)));
  if (auto conflict = on_conflict(to)) type.inputs.push_back(std::move(*conflict));
  return &type;
}

void Builder::add_nested_inserts(const TableEntry &entry, NamedType &input) {
  for (const Relationship *relationship : entry.relationships) {
    if (input.input(relationship->name)) continue; // a column the role may only insert wins
    const NamedType *type = nested_insert(*relationship);
    if (!type) continue;
    input.inputs.push_back(make_input(relationship->name, "",
                                      relationship->array ? InputKind::ArrayRelationship : InputKind::ObjectRelationship, named(type)));
    input.inputs.back().relationship = relationship;
  }
}

void Builder::add_inserts(const TableEntry &entry, NamedType &root) {
  if (!takes_inserts(entry)) return;
  NamedType &input =
      add_type(NamedKind::Input, entry.base + "_insert_input", "input type for inserting data into table \"" + entry.table->name + "\"");
  input.table = entry.table;
  for (const catalog::Column *column : entry.insertable) input.inputs.push_back(column_input(*column, false));
  add_nested_inserts(entry, input);
  const std::optional<InputValue> conflict = on_conflict(entry);
  Field insert =
      mutation_field(entry, "insert", "insert_" + entry.base, "insert data into the", FieldKind::Insert, named(mutation_response(entry)));
  insert.arguments = {make_input("objects", "the rows to be inserted", InputKind::Objects, required_list_of(&input))};
  if (conflict) insert.arguments.push_back(*conflict);
  root.fields.push_back(std::move(insert));
  if (entry.selectable.empty()) return;
  Field one = mutation_field(entry, "insert_one", "insert_" + entry.base + "_one", "insert a single row into the", FieldKind::InsertOne,
                             named(&type_named(NamedKind::Object, entry.base)));
  one.arguments = {make_input("object", "the row to be inserted", InputKind::Object, required(&input))};
  if (conflict) one.arguments.push_back(*conflict);
  root.fields.push_back(std::move(one));
}

} // namespace gqlsvl::graphql::schema
