// insert, update, delete: a data-modifying statement and the response made from what it returned.
//
// Columns only: one statement, WITH t AS (INSERT ... RETURNING ...) SELECT json. Relationships in `returning` must see the state after the
// statement, which no part of the same statement can: then the change returns the columns it takes, and a second statement reads those
// values from arrays and the related rows from the tables. Values, not keys: a view's INSTEAD OF trigger decides what is returned, and
// deleted rows are gone. A mutation that selects no column has no RETURNING, so it needs no SELECT right.
#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

namespace {

constexpr catalog::Oid int8_oid = 20, text_array_oid = 1009;

bool returns_object(const schema::Field &field) {
  return field.kind == FieldKind::InsertOne || field.kind == FieldKind::UpdateByPk || field.kind == FieldKind::DeleteByPk;
}

// `source` is written once the columns are known; until then this mark stands for it. It cannot occur in SQL made here: names are quoted.
constexpr char source_mark[] = "\x01";

void replace_all(std::string &text, const std::string &what, const std::string &with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

} // namespace

std::string Compiler::returning(const Columns &columns) {
  std::string sql;
  for (const auto &[number, column] : columns)
    sql += (sql.empty() ? " RETURNING " : ", ") + std::string(changed_row) + "." + quote_name(column->name);
  return sql;
}

std::string Compiler::assignments(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  std::string sql;
  std::set<std::string> assigned;
  for (const char *op : {"_set", "_inc"}) {
    const auto changes = argument(selected, op);
    if (!changes || changes->is_null()) continue;
    const schema::NamedType &type = *field.argument(op)->type.type;
    for (const auto &[name, member] : changes->members()) {
      const catalog::Column &target = *type.input(name)->column;
      const std::string column = quote_name(target.name);
      const bool increment = field.argument(op)->kind == schema::InputKind::Inc;
      if (!assigned.insert(name).second) throw Fault("Column found in multiple operators: [\"" + name + "\"].", path + ".args");
      if (member.is_null() && (increment || target.not_null))
        throw Fault("unexpected null value for type '" + type.input(name)->type.type->name + "'", path + ".args." + op + "." + name);
      sql += (sql.empty() ? "" : ", ") + column + " = ";
      if (increment) sql += std::string(changed_row) + "." + column + " OPERATOR(pg_catalog.+) ";
      sql += value(member, *target.type);
    }
  }
  return sql;
}

std::string Compiler::update(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  const std::string changes = assignments(field, selected, path);
  if (changes.empty()) return {};
  std::string condition;
  if (field.kind == FieldKind::UpdateByPk) {
    const Input key = *argument(selected, "pk_columns");
    condition = key_condition(
        field.argument("pk_columns")->type.type->inputs, [&](const std::string &name) { return key.member(name); }, changed_row);
  } else {
    condition = filter(*argument(selected, "where"), *field.argument("where")->type.type, changed_row, path + ".args.where");
  }
  return "UPDATE " + qualified_name(*field.table) + " AS " + changed_row + " SET " + changes +
         (condition == "true" ? "" : " WHERE " + condition);
}

std::string Compiler::remove(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  const std::string condition =
      field.kind == FieldKind::DeleteByPk
          ? key_condition(
                field.arguments, [&](const std::string &name) { return argument(selected, name); }, changed_row)
          : filter(*argument(selected, "where"), *field.argument("where")->type.type, changed_row, path + ".args.where");
  return "DELETE FROM " + qualified_name(*field.table) + " AS " + changed_row + (condition == "true" ? "" : " WHERE " + condition);
}

// The statement without RETURNING; empty: there is nothing to do.
std::string Compiler::modification(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  switch (field.kind) {
  case FieldKind::Insert:
  case FieldKind::InsertOne: return insert(field, rows_to_insert(field, selected, path), changed_row);
  case FieldKind::Update:
  case FieldKind::UpdateByPk: return update(field, selected, path);
  default: return remove(field, selected, path);
  }
}

// The response, an expression; `source` is what FROM takes the changed rows from.
std::string Compiler::response(const schema::Field &field, const validation::ResponseField &selected, const std::string &source,
                               const std::string &affected, const std::string &path) {
  const schema::NamedType &type = *field.type.type;
  if (returns_object(field))
    return "(SELECT " + row_object(type, selected.selection_sets, changed_row, path) + " FROM " + source + " LIMIT 1)";
  Pairs pairs;
  for (const validation::ResponseField &part : fields_of(type, selected.selection_sets)) {
    const std::string &name = part.selection->name;
    const schema::Field *inner = type.field(name);
    std::string sql = type_name(type);
    if (inner && inner->kind == FieldKind::AffectedRows) sql = affected;
    if (inner && inner->kind == FieldKind::Returning)
      sql = "(SELECT " + json_list(row_object(*inner->type.type, part.selection_sets, changed_row, path + ".selectionSet." + name)) +
            " FROM " + source + ")";
    pairs.emplace_back(part.response_key, std::move(sql));
  }
  return json_object(pairs);
}

// Whether the response takes columns of the changed rows and nothing that lies behind them.
bool Compiler::takes_only_columns(const schema::Field &field, const validation::ResponseField &selected) const {
  const schema::NamedType &type = *field.type.type;
  bool columns = false, others = false;
  auto look = [&](const schema::NamedType &row, const validation::SelectionSets &sets) {
    for (const validation::ResponseField &leaf : fields_of(row, sets))
      if (const schema::Field *inner = row.field(leaf.selection->name)) (inner->kind == FieldKind::Column ? columns : others) = true;
  };
  if (returns_object(field)) {
    look(type, selected.selection_sets);
  } else {
    for (const validation::ResponseField &part : fields_of(type, selected.selection_sets))
      if (const schema::Field *inner = type.field(part.selection->name); inner && inner->kind == FieldKind::Returning)
        look(*inner->type.type, part.selection_sets);
  }
  return columns && !others;
}

// Change and response in one statement; empty: there is nothing to change.
Statement Compiler::change_and_answer(const Context &context, const schema::Field &field, const validation::ResponseField &selected,
                                      const std::string &path) {
  Compiler both(context);
  const std::string name = changed_row;
  const std::string sql = both.response(field, selected, name, "(SELECT pg_catalog.count(*) FROM " + name + ")", path);
  const Columns columns = both.used_[name];
  const std::string modify = both.modification(field, selected, path);
  return modify.empty() ? Statement{} : both.take("WITH " + name + " AS (" + modify + returning(columns) + ") SELECT " + sql);
}

// The statement that answers from what the change returned, and which columns it must return: fills `answer` and `returned`.
Compiler::Columns Compiler::answer(const Context &context, const schema::Field &field, const validation::ResponseField &selected,
                                   const std::string &path, Change &result) {
  Compiler answer(context);
  Parameter affected_rows;
  affected_rows.type = int8_oid;
  affected_rows.source = ParameterSource::AffectedRows;
  const std::string affected = answer.add(affected_rows);
  std::string sql = answer.response(field, selected, source_mark, affected, path);
  const Columns columns = answer.used_[changed_row];
  std::string names, arrays, casts;
  for (const auto &[number, column] : columns) {
    Parameter parameter;
    parameter.type = column->type->array ? column->type->array : text_array_oid;
    parameter.source = ParameterSource::ReturnedColumn;
    parameter.column = result.returned.size();
    result.returned.push_back({column->type->oid, column->type->array});
    const std::string name = quote_name(column->name), comma = names.empty() ? "" : ", ";
    names += comma + name;
    arrays += comma + "pg_catalog.unnest(" + answer.add(parameter) + ")";
    casts += comma + (column->type->array ? "u." + name : "CAST(u." + name + " AS " + type_text(*column->type) + ") AS " + name);
  }
  replace_all(sql, source_mark,
              columns.empty() ? "pg_catalog.generate_series(1, " + affected + ") AS " + changed_row
                              : "(SELECT " + casts + " FROM ROWS FROM (" + arrays + ") AS u(" + names + ")) AS " + changed_row);
  result.answer = answer.take("SELECT " + sql);
  return columns;
}

Change Compiler::change(const Context &context, const schema::Field &field, const validation::ResponseField &selected,
                        const std::string &path) {
  Change result;
  Compiler modify(context);
  if (modify.takes_only_columns(field, selected)) result.change = change_and_answer(context, field, selected, path);
  if (result.change.sql.empty()) {
    const Columns columns = answer(context, field, selected, path, result);
    const std::string sql = modify.modification(field, selected, path);
    if (!sql.empty()) result.change = modify.take(sql + returning(columns));
  }
  const bool inserts = field.kind == FieldKind::Insert || field.kind == FieldKind::InsertOne;
  if (inserts && result.change.sql.find(" RETURNING ") != std::string::npos) result.returns_new_rows_of = field.table->oid;
  return result;
}

} // namespace gqlsvl::graphql::compile
