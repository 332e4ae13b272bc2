// Root fields that write, their inputs and the mutation response.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

namespace {

Field root_field(const TableEntry &entry, const char *what, const std::string &automatic, const std::string &description, FieldKind kind,
                 TypeRef type) {
  Field field;
  field.name = root_name(entry, what, automatic);
  field.description = description + " the table: \"" + entry.table->name + "\"";
  field.kind = kind;
  field.table = entry.table;
  field.type = type;
  return field;
}

InputValue argument(const std::string &name, const std::string &description, InputKind kind, TypeRef type) {
  InputValue value;
  value.name = name;
  value.description = description;
  value.kind = kind;
  value.type = type;
  return value;
}

} // namespace

void Builder::add_mutation_response(const TableEntry &entry) {
  NamedType &response =
      add_type(NamedKind::Object, entry.base + "_mutation_response", "response of any mutation on the table \"" + entry.table->name + "\"");
  response.table = entry.table;
  Field affected;
  affected.name = "affected_rows";
  affected.description = "number of rows affected by the mutation";
  affected.kind = FieldKind::AffectedRows;
  affected.table = entry.table;
  affected.type = required(plain_scalar("Int"));
  response.fields.push_back(std::move(affected));
  if (entry.selectable.empty()) return;
  Field returning;
  returning.name = "returning";
  returning.description = "data from the rows affected by the mutation";
  returning.kind = FieldKind::Returning;
  returning.table = entry.table;
  returning.type = required_list_of(&type_named(NamedKind::Object, entry.base));
  response.fields.push_back(std::move(returning));
}

void Builder::add_inserts(const TableEntry &entry, NamedType &root) {
  if (!entry.table->can_insert || entry.insertable.empty()) return;
  NamedType &input =
      add_type(NamedKind::Input, entry.base + "_insert_input", "input type for inserting data into table \"" + entry.table->name + "\"");
  input.table = entry.table;
  for (const catalog::Column *column : entry.insertable) input.inputs.push_back(column_input(*column, false));
  Field insert = root_field(entry, "insert", "insert_" + entry.base, "insert data into", FieldKind::Insert,
                            named(&type_named(NamedKind::Object, entry.base + "_mutation_response")));
  insert.arguments = {argument("objects", "the rows to be inserted", InputKind::Objects, required_list_of(&input))};
  root.fields.push_back(std::move(insert));
  if (entry.selectable.empty()) return;
  Field one = root_field(entry, "insert_one", "insert_" + entry.base + "_one", "insert a single row into", FieldKind::InsertOne,
                         named(&type_named(NamedKind::Object, entry.base)));
  one.arguments = {argument("object", "the row to be inserted", InputKind::Object, required(&input))};
  root.fields.push_back(std::move(one));
}

std::vector<InputValue> Builder::update_operators(const TableEntry &entry) {
  NamedType &set =
      add_type(NamedKind::Input, entry.base + "_set_input", "input type for updating data in table \"" + entry.table->name + "\"");
  set.table = entry.table;
  std::vector<InputValue> arguments{
      argument("_set", "sets the columns of the filtered rows to the given values", InputKind::Set, named(&set))};
  std::vector<InputValue> numeric;
  for (const catalog::Column *column : entry.updatable) {
    if (set.inputs.size() < entry.updatable.size()) set.inputs.push_back(column_input(*column, false));
    if (is_numeric(*column->type) && column->can_select) numeric.push_back(column_input(*column, false));
  }
  if (numeric.empty()) return arguments;
  NamedType &increment = add_type(NamedKind::Input, entry.base + "_inc_input",
                                  "input type for incrementing numeric columns in table \"" + entry.table->name + "\"");
  increment.table = entry.table;
  increment.inputs = std::move(numeric);
  arguments.push_back(
      argument("_inc", "increments the numeric columns with given value of the filtered values", InputKind::Inc, named(&increment)));
  return arguments;
}

void Builder::add_updates(const TableEntry &entry, NamedType &root) {
  if (!entry.table->can_update || entry.updatable.empty()) return;
  Field update = root_field(entry, "update", "update_" + entry.base, "update data of", FieldKind::Update,
                            named(&type_named(NamedKind::Object, entry.base + "_mutation_response")));
  update.arguments = update_operators(entry);
  Field by_pk = root_field(entry, "update_by_pk", "update_" + entry.base + "_by_pk", "update single row of", FieldKind::UpdateByPk, {});
  by_pk.arguments = update.arguments;
  update.arguments.push_back(where_argument(entry.base, true));
  update.arguments.back().description = "filter the rows which have to be updated";
  root.fields.push_back(std::move(update));
  if (entry.key.empty()) return;
  NamedType &key =
      add_type(NamedKind::Input, entry.base + "_pk_columns_input", "primary key columns input for table: " + entry.table->name);
  key.table = entry.table;
  key.inputs = key_arguments(entry);
  by_pk.type = named(&type_named(NamedKind::Object, entry.base));
  by_pk.arguments.push_back(argument("pk_columns", "", InputKind::PkColumns, required(&key)));
  root.fields.push_back(std::move(by_pk));
}

void Builder::add_deletes(const TableEntry &entry, NamedType &root) {
  if (!entry.table->can_delete) return;
  Field remove = root_field(entry, "delete", "delete_" + entry.base, "delete data from", FieldKind::Delete,
                            named(&type_named(NamedKind::Object, entry.base + "_mutation_response")));
  remove.arguments = {where_argument(entry.base, true)};
  remove.arguments.back().description = "filter the rows which have to be deleted";
  root.fields.push_back(std::move(remove));
  if (entry.key.empty()) return;
  Field by_pk = root_field(entry, "delete_by_pk", "delete_" + entry.base + "_by_pk", "delete single row from", FieldKind::DeleteByPk,
                           named(&type_named(NamedKind::Object, entry.base)));
  by_pk.arguments = key_arguments(entry);
  root.fields.push_back(std::move(by_pk));
}

void Builder::add_mutations(const TableEntry &entry, NamedType &root) {
  const std::size_t before = root.fields.size();
  add_inserts(entry, root);
  add_updates(entry, root);
  add_deletes(entry, root);
  if (root.fields.size() > before) add_mutation_response(entry);
}

} // namespace gqlsvl::graphql::schema
