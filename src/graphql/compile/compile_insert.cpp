// insert_<table> and insert_<table>_one -> INSERT INTO ... VALUES: one row per object, DEFAULT where an object does not give a column that
// another one gives.
#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

namespace {

bool is_one(const Mutation &mutation) { return mutation.field.kind == FieldKind::InsertOne; }

const schema::InputValue &objects_argument(const Mutation &mutation) {
  return *mutation.field.argument(is_one(mutation) ? "object" : "objects");
}

std::string object_path(const Mutation &mutation, std::size_t index) {
  return mutation.argument_path + (is_one(mutation) ? ".object" : ".objects[" + std::to_string(index) + "]");
}

const catalog::Key &conflict_key(const Mutation &mutation, const Input &conflict) {
  const schema::NamedType &constraints = *mutation.field.argument("on_conflict")->type.type->input("constraint")->type.type;
  return *constraints.value(conflict.member("constraint")->text())->key;
}

} // namespace

std::vector<Compiler::Row> Compiler::rows_to_insert(const Mutation &mutation) const {
  const schema::InputValue &objects = objects_argument(mutation);
  std::vector<Row> rows;
  for (const Input &object : argument(mutation, objects.name)->items()) {
    if (object.is_null())
      throw Fault("unexpected null value for type '" + objects.type.type->name + "'", object_path(mutation, rows.size()));
    Row row;
    for (const auto &[name, member] : object.members())
      if (objects.type.type->input(name)->column) row.emplace(name, member); // a relationship that is null is left out
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string Compiler::insert(const Mutation &mutation, const std::vector<Row> &rows) {
  if (rows.empty()) return {};
  const schema::NamedType &type = *objects_argument(mutation).type.type;
  std::map<std::string, const catalog::Column *> given;
  for (const Row &row : rows)
    for (const auto &[name, member] : row) given[name] = type.input(name)->column;
  std::string sql = "INSERT INTO " + qualified_name(*mutation.field.table) + " AS " + changed_row;
  if (given.empty() && rows.size() == 1) {
    sql += " DEFAULT VALUES";
  } else {
    if (given.empty()) { // several rows of defaults: any column the role may give
      const auto any = std::find_if(type.inputs.begin(), type.inputs.end(), [](const auto &input) { return input.column; });
      given[any->name] = any->column;
    }
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
    sql += " (" + columns + ") VALUES " + values;
  }
  const auto conflict = argument(mutation, "on_conflict");
  if (!conflict || conflict->is_null()) return sql;
  return sql + on_conflict(*conflict, *mutation.field.argument("on_conflict")->type.type, changed_row, mutation.argument_path);
}

std::string Compiler::on_conflict(const Input &conflict, const schema::NamedType &type, const std::string &alias, const std::string &path) {
  const std::string constraint = conflict.member("constraint")->text();
  std::string sql = " ON CONFLICT ON CONSTRAINT " + quote_name(constraint), assignments;
  const schema::NamedType &updatable = *type.input("update_columns")->type.type;
  if (const auto columns = conflict.member("update_columns"))
    for (const Input &item : columns->items()) {
      const catalog::Column *column = updatable.value(item.text())->column;
      if (!column) throw Fault("there is no column to update", path + ".on_conflict.update_columns");
      assignments += (assignments.empty() ? "" : ", ") + quote_name(column->name) + " = excluded." + quote_name(column->name);
    }
  if (assignments.empty()) return sql + " DO NOTHING";
  sql += " DO UPDATE SET " + assignments;
  const auto where = conflict.member("where");
  if (!where || where->is_null()) return sql;
  const std::string condition = filter(*where, *type.input("where")->type.type, alias, path + ".on_conflict.where");
  return condition == "true" ? sql : sql + " WHERE " + condition;
}

// The on_conflict of an insert that leaves some rows as they are: those RETURNING does not give.
std::optional<Input> Compiler::conflict_that_may_skip(const Mutation &mutation) const {
  auto conflict = argument(mutation, "on_conflict");
  if (!conflict || conflict->is_null()) return std::nullopt;
  const auto columns = conflict->member("update_columns"), where = conflict->member("where");
  const bool updates_all = columns && !columns->items().empty() && (!where || where->is_null());
  return updates_all ? std::nullopt : conflict;
}

void Compiler::take_key_columns(const Mutation &mutation, const Input &conflict) {
  for (std::int16_t number : conflict_key(mutation, conflict).columns) column(changed_row, *mutation.field.table->column(number));
}

// Beyond Hasura: rows that were there already and were left as they are, found by the columns of the constraint, in the order of the
// objects. `returned` is what FROM takes the inserted and updated rows from, as u.
std::string Compiler::rows_in_conflict(const Mutation &mutation, const Columns &columns, const std::string &returned) {
  const auto conflict = conflict_that_may_skip(mutation);
  const catalog::Key &key = conflict_key(mutation, *conflict);
  std::string names, tuples, same, known;
  std::vector<const catalog::Column *> keys;
  for (std::int16_t number : key.columns) {
    const catalog::Column &c = *keys.emplace_back(mutation.field.table->column(number));
    const std::string name = quote_name(c.name);
    names += ", " + name;
    same += (same.empty() ? "" : " AND ") + std::string("e.") + name + " " + c.type->eq + " g." + name;
    known += (known.empty() ? "" : " AND ") + std::string("u.") + name + " " + c.type->eq + " e." + name;
  }
  std::size_t number = 0;
  for (const Row &row : rows_to_insert(mutation)) {
    std::string tuple = std::to_string(++number);
    const bool complete =
        std::all_of(keys.begin(), keys.end(), [&](const auto *c) { return row.count(c->field()); }); // else by a default: new
    if (!complete) continue;
    for (const catalog::Column *c : keys) tuple += ", " + value(row.at(c->field()), *c->type);
    tuples += (tuples.empty() ? "(" : ", (") + tuple + ")";
  }
  if (tuples.empty()) return {};
  std::string selected;
  for (const auto &[attnum, c] : columns) selected += (selected.empty() ? "" : ", ") + std::string("e.") + quote_name(c->name);
  return " UNION ALL (SELECT " + selected + " FROM (SELECT pg_catalog.min(v.n) AS n" + names + " FROM (VALUES " + tuples + ") AS v(n" +
         names + ") GROUP BY " + names.substr(2) + ") AS g JOIN " + qualified_name(*mutation.field.table) + " AS e ON " + same +
         " WHERE NOT EXISTS (SELECT FROM " + returned + " WHERE " + known + ") ORDER BY g.n)";
}

RowByRow Compiler::insert_row_by_row(const Context &context, const Mutation &mutation) {
  Change whole;
  const Columns columns = answer(context, mutation, whole);
  RowByRow result;
  result.returned = std::move(whole.returned);
  result.answer = std::move(whole.answer);
  for (Row &row : Compiler(context).rows_to_insert(mutation)) {
    const std::vector<Row> one{std::move(row)};
    Compiler seen(context), unseen(context);
    const std::string sql = seen.insert(mutation, one);
    result.seen.push_back(seen.take(sql + returning(columns)));
    result.unseen.push_back(unseen.take(unseen.insert(mutation, one)));
  }
  return result;
}

} // namespace gqlsvl::graphql::compile
