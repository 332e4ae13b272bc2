// insert_<table> and insert_<table>_one -> INSERT INTO ... VALUES: one row per object, DEFAULT where an object does not give a column that
// another one gives.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

namespace {

std::string object_path(const schema::Field &field, const std::string &path, std::size_t index) {
  return field.kind == FieldKind::InsertOne ? path + ".args.object" : path + ".args.objects[" + std::to_string(index) + "]";
}

const schema::NamedType &object_type(const schema::Field &field) {
  return *field.argument(field.kind == FieldKind::InsertOne ? "object" : "objects")->type.type;
}

} // namespace

std::vector<Compiler::Row> Compiler::rows_to_insert(const schema::Field &field, const validation::ResponseField &selected,
                                                    const std::string &path) const {
  std::vector<Row> rows;
  for (const Input &object : argument(selected, field.kind == FieldKind::InsertOne ? "object" : "objects")->items()) {
    if (object.is_null())
      throw Fault("unexpected null value for type '" + object_type(field).name + "'", object_path(field, path, rows.size()));
    Row row;
    for (const auto &[name, member] : object.members()) row.emplace(name, member);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string Compiler::insert(const schema::Field &field, const std::vector<Row> &rows, const std::string &alias) {
  if (rows.empty()) return {};
  const schema::NamedType &type = object_type(field);
  std::map<std::string, const catalog::Column *> given;
  for (const Row &row : rows)
    for (const auto &[name, member] : row) given[name] = type.input(name)->column;
  const std::string target = "INSERT INTO " + qualified_name(*field.table) + " AS " + alias;
  if (given.empty() && rows.size() == 1) return target + " DEFAULT VALUES";
  if (given.empty()) given[type.inputs[0].name] = type.inputs[0].column; // several rows of defaults: any column the role may give
  std::string columns, values;
  for (const auto &[name, c] : given) columns += (columns.empty() ? "" : ", ") + quote_name(c->name);
  for (const Row &row : rows) {
    std::string tuple;
    for (const auto &[name, c] : given) {
      auto found = row.find(name);
      tuple += (tuple.empty() ? "" : ", ") + (found == row.end() ? std::string("DEFAULT") : value(found->second, *c->type));
    }
    values += (values.empty() ? "(" : ", (") + tuple + ")";
  }
  return target + " (" + columns + ") VALUES " + values;
}

RowByRow Compiler::insert_row_by_row(const Context &context, const schema::Field &field, const validation::ResponseField &selected,
                                     const std::string &path) {
  Change whole;
  const Columns columns = answer(context, field, selected, path, whole);
  RowByRow result;
  result.returned = std::move(whole.returned);
  result.answer = std::move(whole.answer);
  for (Row &row : Compiler(context).rows_to_insert(field, selected, path)) {
    const std::vector<Row> one{std::move(row)};
    Compiler seen(context), unseen(context);
    const std::string sql = seen.insert(field, one, changed_row);
    result.seen.push_back(seen.take(sql + returning(columns)));
    result.unseen.push_back(unseen.take(unseen.insert(field, one, changed_row)));
  }
  return result;
}

} // namespace gqlsvl::graphql::compile
