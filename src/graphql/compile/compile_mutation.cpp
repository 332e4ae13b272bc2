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
using schema::InputKind;

namespace {

constexpr catalog::Oid int8_oid = 20, int4_oid = 23, text_oid = 25, text_array_oid = 1009;

bool returns_object(const schema::Field &field) {
  return field.kind == FieldKind::InsertOne || field.kind == FieldKind::UpdateByPk || field.kind == FieldKind::DeleteByPk ||
         (field.kind == FieldKind::Call && !field.type.list);
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

std::optional<Input> Compiler::argument(const Mutation &mutation, const std::string &name) const {
  return mutation.element ? mutation.element->member(name) : argument(mutation.selected, name);
}

namespace {

// What an update operator makes of a column; `column` is its value so far.
struct Assignment {
  catalog::Oid operand = 0; // 0: the column's own type
  bool list = false;
  std::string before, after; // the operand stands between them
};

Assignment assignment_of(InputKind op, const std::string &column) {
  switch (op) {
  case InputKind::Inc: return {0, false, column + " OPERATOR(pg_catalog.+) ", ""};
  case InputKind::Append: return {0, false, column + " OPERATOR(pg_catalog.||) ", ""};
  case InputKind::Prepend: return {0, false, "", " OPERATOR(pg_catalog.||) " + column};
  case InputKind::DeleteKey: return {text_oid, false, column + " OPERATOR(pg_catalog.-) ", ""};
  case InputKind::DeleteElem: return {int4_oid, false, column + " OPERATOR(pg_catalog.-) ", ""};
  case InputKind::DeleteAtPath: return {text_array_oid, true, column + " OPERATOR(pg_catalog.#-) ", ""};
  default: return {};
  }
}

} // namespace

std::string Compiler::assignments(const Mutation &mutation) {
  std::string sql;
  std::set<std::string> assigned;
  for (const schema::InputValue &op : mutation.arguments) {
    const auto changes = argument(mutation, op.name);
    if (op.kind < InputKind::Set || op.kind > InputKind::DeleteAtPath || !changes || changes->is_null()) continue;
    for (const auto &[name, member] : changes->members()) {
      const schema::InputValue &definition = *op.type.type->input(name);
      const catalog::Column &target = *definition.column;
      if (!assigned.insert(name).second) throw Fault("Column found in multiple operators: [\"" + name + "\"].", mutation.argument_path);
      if (member.is_null() && (op.kind != InputKind::Set || target.not_null))
        throw Fault("unexpected null value for type '" + definition.type.type->name + "'",
                    mutation.argument_path + "." + op.name + "." + name);
      const Assignment made = assignment_of(op.kind, std::string(changed_row) + "." + quote_name(target.name));
      const std::string operand =
          made.operand ? add(member.parameter(made.operand, made.list ? Encoding::List : Encoding::Scalar)) : value(member, *target.type);
      sql += (sql.empty() ? "" : ", ") + quote_name(target.name) + " = " + made.before + operand + made.after;
    }
  }
  return sql;
}

std::string Compiler::update(const Mutation &mutation) {
  const std::string changes = assignments(mutation);
  if (changes.empty()) return {};
  std::string condition;
  if (mutation.field.kind == FieldKind::UpdateByPk) {
    const Input key = *argument(mutation, "pk_columns");
    condition = key_condition(
        mutation.field.argument("pk_columns")->type.type->inputs, [&](const std::string &name) { return key.member(name); }, changed_row);
  } else {
    condition = where(mutation);
  }
  return "UPDATE " + qualified_name(*mutation.field.table) + " AS " + changed_row + " SET " + changes +
         (condition == "true" ? "" : " WHERE " + condition);
}

std::string Compiler::where(const Mutation &mutation) {
  const auto definition =
      std::find_if(mutation.arguments.begin(), mutation.arguments.end(), [](const auto &a) { return a.kind == InputKind::Where; });
  return filter(*argument(mutation, "where"), *definition->type.type, changed_row, mutation.argument_path + ".where");
}

std::string Compiler::remove(const Mutation &mutation) {
  const std::string condition =
      mutation.field.kind == FieldKind::DeleteByPk
          ? key_condition(
                mutation.field.arguments, [&](const std::string &name) { return argument(mutation, name); }, changed_row)
          : where(mutation);
  return "DELETE FROM " + qualified_name(*mutation.field.table) + " AS " + changed_row + (condition == "true" ? "" : " WHERE " + condition);
}

// The statement without RETURNING; empty: there is nothing to do.
std::string Compiler::modification(const Mutation &mutation) {
  switch (mutation.field.kind) {
  case FieldKind::Insert:
  case FieldKind::InsertOne: return insert(mutation, rows_to_insert(mutation));
  case FieldKind::Delete:
  case FieldKind::DeleteByPk: return remove(mutation);
  default: return update(mutation);
  }
}

// The response, an expression; `source` is what FROM takes the changed rows from.
std::string Compiler::response(const Mutation &mutation, const std::string &source, const std::string &affected) {
  const schema::NamedType &type = *mutation.field.type.type;
  const validation::SelectionSets &sets = mutation.selected.selection_sets;
  if (returns_object(mutation.field)) {
    Joins joins;
    const std::string object = row_object(type, sets, {changed_row, &joins}, mutation.path);
    return "(SELECT " + object + " FROM " + source + joins.sql + " LIMIT 1)";
  }
  if (mutation.field.kind == FieldKind::Call)
    return "(SELECT " + json_list(row_object(type, sets, {changed_row}, mutation.path)) + " FROM " + source + ")";
  Pairs pairs;
  for (const validation::ResponseField &part : fields_of(type, sets)) {
    const std::string &name = part.selection->name;
    const schema::Field *inner = type.field(name);
    std::string sql = type_name(type);
    if (inner && inner->kind == FieldKind::AffectedRows) sql = affected;
    if (inner && inner->kind == FieldKind::Returning)
      sql = "(SELECT " +
            json_list(row_object(*inner->type.type, part.selection_sets, {changed_row}, mutation.path + ".selectionSet." + name)) +
            " FROM " + source + ")";
    pairs.emplace_back(part.response_key, std::move(sql));
  }
  return json_object(pairs);
}

// Whether the response takes columns of the changed rows and nothing that lies behind them.
bool Compiler::takes_only_columns(const Mutation &mutation) const {
  const schema::NamedType &type = *mutation.field.type.type;
  const validation::SelectionSets &selected = mutation.selected.selection_sets;
  bool columns = false, others = false;
  auto look = [&](const schema::NamedType &row, const validation::SelectionSets &sets) {
    for (const validation::ResponseField &leaf : fields_of(row, sets))
      if (const schema::Field *inner = row.field(leaf.selection->name)) (inner->kind == FieldKind::Column ? columns : others) = true;
  };
  if (returns_object(mutation.field) || mutation.field.kind == FieldKind::Call) {
    look(type, selected);
  } else {
    for (const validation::ResponseField &part : fields_of(type, selected))
      if (const schema::Field *inner = type.field(part.selection->name); inner && inner->kind == FieldKind::Returning)
        look(*inner->type.type, part.selection_sets);
  }
  return columns && !others;
}

// Change and response in one statement; empty: there is nothing to change.
Statement Compiler::change_and_answer(const Context &context, const Mutation &mutation) {
  Compiler both(context);
  const std::string name = changed_row;
  const std::string sql = both.response(mutation, name, "(SELECT pg_catalog.count(*) FROM " + name + ")");
  const Columns columns = both.used_[name];
  const std::string modify = both.modification(mutation);
  return modify.empty() ? Statement{} : both.take("WITH " + name + " AS (" + modify + returning(columns) + ") SELECT " + sql);
}

// The statement that answers from what the change returned, and which columns it must return: fills `answer` and `returned`.
Compiler::Columns Compiler::answer(const Context &context, const Mutation &mutation, Change &result) {
  Compiler answer(context);
  Parameter affected_rows;
  affected_rows.type = int8_oid;
  affected_rows.source = ParameterSource::AffectedRows;
  const std::string affected = answer.add(affected_rows);
  std::string sql = answer.response(mutation, source_mark, affected);
  const bool takes_rows = sql.find(source_mark) != std::string::npos;
  const auto conflict = takes_rows && !answer.is_nested(mutation) ? answer.conflict_that_may_skip(mutation) : std::nullopt;
  if (conflict) answer.take_key_columns(mutation, *conflict);
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
  std::string source = "pg_catalog.generate_series(1, " + affected + ") AS " + changed_row;
  if (!columns.empty()) {
    const std::string returned = "ROWS FROM (" + arrays + ") AS u(" + names + ")";
    source = "(SELECT " + casts + " FROM " + returned + (conflict ? answer.rows_in_conflict(mutation, columns, returned) : "") + ") AS " +
             changed_row;
  }
  replace_all(sql, source_mark, source);
  result.answer = answer.take("SELECT " + sql);
  return columns;
}

Change Compiler::change(const Context &context, const Mutation &mutation) {
  if (mutation.field.kind == FieldKind::Call) return call_and_answer(context, mutation);
  Change result;
  Compiler modify(context);
  if (modify.is_nested(mutation)) {
    result.steps = NestedInsert(context).steps(mutation, answer(context, mutation, result));
    return result;
  }
  if (modify.takes_only_columns(mutation) && !modify.conflict_that_may_skip(mutation)) result.change = change_and_answer(context, mutation);
  if (result.change.sql.empty()) {
    const Columns columns = answer(context, mutation, result);
    const std::string sql = modify.modification(mutation);
    if (!sql.empty()) result.change = modify.take(sql + returning(columns));
  }
  const bool inserts = mutation.field.kind == FieldKind::Insert || mutation.field.kind == FieldKind::InsertOne;
  if (inserts && result.change.sql.find(" RETURNING ") != std::string::npos) result.returns_new_rows_of = mutation.field.table->oid;
  return result;
}

} // namespace gqlsvl::graphql::compile
