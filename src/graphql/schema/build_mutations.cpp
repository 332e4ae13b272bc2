// Root fields that write, their inputs and the mutation response.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

Field mutation_field(const TableEntry &entry, const char *what, const std::string &automatic, const std::string &description,
                     FieldKind kind, TypeRef type) {
  Field field;
  field.name = root_name(entry, what, automatic);
  field.description = description + " table: \"" + entry.table->name + "\"";
  field.kind = kind;
  field.table = entry.table;
  field.type = type;
  return field;
}

const NamedType *Builder::mutation_response(const TableEntry &entry) {
  return &type_named(NamedKind::Object, entry.base + "_mutation_response");
}

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

namespace {

struct UpdateOperator {
  const char *name, *input_type, *description, *type_description;
  InputKind kind;
  bool (*fits)(const catalog::Type &);
  const char *argument; // scalar of the operand; null: the column's own
};

bool any_type(const catalog::Type &) { return true; }

constexpr UpdateOperator update_operators_known[] = {
    {"_set", "_set_input", "sets the columns of the filtered rows to the given values", "input type for updating data in table",
     InputKind::Set, any_type, nullptr},
    {"_inc", "_inc_input", "increments the numeric columns with given value of the filtered values",
     "input type for incrementing numeric columns in table", InputKind::Inc, is_numeric, nullptr},
    {"_append", "_append_input", "append existing jsonb value of filtered columns with new jsonb value",
     "append existing jsonb value of filtered columns with new jsonb value in table", InputKind::Append, is_jsonb, nullptr},
    {"_prepend", "_prepend_input", "prepend existing jsonb value of filtered columns with new jsonb value",
     "prepend existing jsonb value of filtered columns with new jsonb value in table", InputKind::Prepend, is_jsonb, nullptr},
    {"_delete_key", "_delete_key_input", "delete key/value pair or string element. key/value pairs are matched based on their key value",
     "delete a key or a string element of jsonb columns in table", InputKind::DeleteKey, is_jsonb, "String"},
    {"_delete_elem", "_delete_elem_input",
     "delete the array element with specified index (negative integers count from the end). throws an error if top level container is not "
     "an "
     "array",
     "delete an array element of jsonb columns in table", InputKind::DeleteElem, is_jsonb, "Int"},
    {"_delete_at_path", "_delete_at_path_input",
     "delete the field or element with specified path (for JSON arrays, negative integers count from the end)",
     "delete at a path of jsonb columns in table", InputKind::DeleteAtPath, is_jsonb, "String"}};

} // namespace

// All but _set read the column, so they need the right to.
std::vector<InputValue> Builder::update_operators(const TableEntry &entry) {
  std::vector<InputValue> arguments;
  for (const UpdateOperator &op : update_operators_known) {
    std::vector<InputValue> columns;
    for (const catalog::Column *column : entry.updatable) {
      if (!op.fits(*column->type) || (op.kind != InputKind::Set && !column->can_select)) continue;
      columns.push_back(column_input(*column, false));
      if (op.argument) columns.back().type = named(plain_scalar(op.argument));
      if (op.kind == InputKind::DeleteAtPath) columns.back().type = list_of(plain_scalar(op.argument));
    }
    if (columns.empty()) continue;
    NamedType &type =
        add_type(NamedKind::Input, entry.base + op.input_type, std::string(op.type_description) + " \"" + entry.table->name + "\"");
    type.table = entry.table;
    type.inputs = std::move(columns);
    arguments.push_back(make_input(op.name, op.description, op.kind, named(&type)));
  }
  return arguments;
}

void Builder::add_updates(const TableEntry &entry, NamedType &root) {
  if (!entry.table->can_update || entry.updatable.empty()) return;
  const std::vector<InputValue> operators = update_operators(entry);
  Field update =
      mutation_field(entry, "update", "update_" + entry.base, "update data of the", FieldKind::Update, named(mutation_response(entry)));
  update.arguments = operators;
  update.arguments.push_back(where_argument(entry.base, true));
  update.arguments.back().description = "filter the rows which have to be updated";
  root.fields.push_back(std::move(update));
  add_update_many(entry, operators, root);
  if (entry.key.empty()) return;
  NamedType &key =
      add_type(NamedKind::Input, entry.base + "_pk_columns_input", "primary key columns input for table: " + entry.table->name);
  key.table = entry.table;
  key.inputs = key_arguments(entry);
  Field by_pk = mutation_field(entry, "update_by_pk", "update_" + entry.base + "_by_pk", "update single row of the", FieldKind::UpdateByPk,
                               named(&type_named(NamedKind::Object, entry.base)));
  by_pk.arguments = operators;
  by_pk.arguments.push_back(make_input("pk_columns", "", InputKind::PkColumns, required(&key)));
  root.fields.push_back(std::move(by_pk));
}

void Builder::add_update_many(const TableEntry &entry, const std::vector<InputValue> &operators, NamedType &root) {
  NamedType &updates = add_type(NamedKind::Input, entry.base + "_updates");
  updates.table = entry.table;
  updates.inputs = operators;
  updates.inputs.push_back(where_argument(entry.base, true));
  updates.inputs.back().description = "filter the rows which have to be updated";
  TypeRef responses = named(mutation_response(entry));
  responses.list = true;
  Field many =
      mutation_field(entry, "update_many", "update_" + entry.base + "_many", "update multiples rows of", FieldKind::UpdateMany, responses);
  many.arguments = {make_input("updates", "updates to execute, in order", InputKind::Updates, required_list_of(&updates))};
  root.fields.push_back(std::move(many));
}

void Builder::add_deletes(const TableEntry &entry, NamedType &root) {
  if (!entry.table->can_delete) return;
  Field remove =
      mutation_field(entry, "delete", "delete_" + entry.base, "delete data from the", FieldKind::Delete, named(mutation_response(entry)));
  remove.arguments = {where_argument(entry.base, true)};
  remove.arguments.back().description = "filter the rows which have to be deleted";
  root.fields.push_back(std::move(remove));
  if (entry.key.empty()) return;
  Field by_pk = mutation_field(entry, "delete_by_pk", "delete_" + entry.base + "_by_pk", "delete single row from the",
                               FieldKind::DeleteByPk, named(&type_named(NamedKind::Object, entry.base)));
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
