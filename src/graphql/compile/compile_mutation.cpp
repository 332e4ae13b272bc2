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

constexpr catalog::Oid int8_oid = 20, text_array_oid = 1009;

bool returns_object(const schema::Field &field) {
  return field.kind == FieldKind::InsertOne || field.kind == FieldKind::UpdateByPk || field.kind == FieldKind::DeleteByPk;
}

struct Selected {
  bool columns = false, relationships = false;
};

} // namespace

std::string Compiler::insert(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                             const std::string &path) {
  const bool one = field.kind == FieldKind::InsertOne;
  const schema::InputValue &objects_argument = *field.argument(one ? "object" : "objects");
  const schema::NamedType &type = *objects_argument.type.type;
  const std::vector<Input> objects = argument(selected, objects_argument.name)->items();
  if (objects.empty()) return {};
  std::vector<std::map<std::string, Input>> rows;
  std::map<std::string, const catalog::Column *> given;
  std::size_t index = 0;
  for (const Input &object : objects) {
    const std::string inner = path + ".args." + objects_argument.name + (one ? "" : "[" + std::to_string(index++) + "]");
    if (object.is_null()) throw Fault("unexpected null value for type '" + type.name + "'", inner);
    std::map<std::string, Input> row;
    for (const auto &[name, member] : object.members()) {
      row.emplace(name, member);
      given[name] = type.input(name)->column;
    }
    rows.push_back(std::move(row));
  }
  const std::string target = "INSERT INTO " + qualified_name(*field.table) + " AS " + alias;
  if (given.empty() && rows.size() == 1) return target + " DEFAULT VALUES";
  if (given.empty()) given[type.inputs[0].name] = type.inputs[0].column; // several rows of defaults: any column the role may give
  std::string columns, values;
  for (const auto &[name, c] : given) columns += (columns.empty() ? "" : ", ") + quote_name(c->name);
  for (const auto &row : rows) {
    std::string tuple;
    for (const auto &[name, c] : given) {
      auto found = row.find(name);
      tuple += (tuple.empty() ? "" : ", ") + (found == row.end() ? std::string("DEFAULT") : value(found->second, *c->type));
    }
    values += (values.empty() ? "(" : ", (") + tuple + ")";
  }
  return target + " (" + columns + ") VALUES " + values;
}

std::string Compiler::update(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                             const std::string &path) {
  std::string assignments;
  std::map<std::string, bool> assigned;
  for (const char *op : {"_set", "_inc"}) {
    auto changes = argument(selected, op);
    if (!changes || changes->is_null()) continue;
    for (const auto &[name, member] : changes->members()) {
      const catalog::Column &target = *field.argument(op)->type.type->input(name)->column;
      if (assigned[name]) throw Fault("Column found in multiple operators: [\"" + name + "\"].", path + ".args");
      assigned[name] = true;
      const bool increment = op[1] == 'i';
      if (member.is_null() && (increment || target.not_null))
        throw Fault("unexpected null value for type '" + field.argument(op)->type.type->input(name)->type.type->name + "'",
                    path + ".args." + op + "." + name);
      assignments += (assignments.empty() ? "" : ", ") + quote_name(target.name) + " = " +
                     (increment ? alias + "." + quote_name(target.name) + " OPERATOR(pg_catalog.+) " : "") + value(member, *target.type);
    }
  }
  if (assignments.empty()) return {};
  std::string condition;
  if (field.kind == FieldKind::UpdateByPk) {
    const Input key = *argument(selected, "pk_columns");
    condition = key_condition(
        field.argument("pk_columns")->type.type->inputs, [&](const std::string &name) { return key.member(name); }, alias);
  } else {
    condition = filter(*argument(selected, "where"), *field.argument("where")->type.type, alias, path + ".args.where");
  }
  return "UPDATE " + qualified_name(*field.table) + " AS " + alias + " SET " + assignments +
         (condition == "true" ? "" : " WHERE " + condition);
}

std::string Compiler::remove(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                             const std::string &path) {
  const std::string condition =
      field.kind == FieldKind::DeleteByPk
          ? key_condition(
                field.arguments, [&](const std::string &name) { return argument(selected, name); }, alias)
          : filter(*argument(selected, "where"), *field.argument("where")->type.type, alias, path + ".args.where");
  return "DELETE FROM " + qualified_name(*field.table) + " AS " + alias + (condition == "true" ? "" : " WHERE " + condition);
}

std::string Compiler::response(const schema::Field &field, const validation::ResponseField &selected, const std::string &source,
                               const std::string &affected, const std::string &alias, const std::string &path) {
  const schema::NamedType &type = *field.type.type;
  if (returns_object(field)) return "(SELECT " + row_object(type, selected.selection_sets, alias, path) + " FROM " + source + " LIMIT 1)";
  Pairs pairs;
  for (const validation::ResponseField &part : fields_of(type, selected.selection_sets)) {
    const std::string &name = part.selection->name;
    const schema::Field *inner = type.field(name);
    if (name == "__typename")
      pairs.emplace_back(part.response_key, "'" + type.name + "'");
    else if (inner->kind == FieldKind::AffectedRows)
      pairs.emplace_back(part.response_key, affected);
    else
      pairs.emplace_back(part.response_key,
                         "(SELECT " + json_list(row_object(*inner->type.type, part.selection_sets, alias, path + ".selectionSet." + name)) +
                             " FROM " + source + ")");
  }
  return json_object(pairs);
}

namespace {

// `source` is written once the columns are known; until then this mark stands for it. It cannot occur in SQL made here: names are quoted.
constexpr char source_mark[] = "\x01";

void replace_all(std::string &text, const std::string &what, const std::string &with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string returning_list(const std::map<std::int16_t, const catalog::Column *> &columns, const std::string &alias) {
  std::string sql;
  for (const auto &[number, column] : columns) sql += (sql.empty() ? " RETURNING " : ", ") + alias + "." + quote_name(column->name);
  return sql;
}

} // namespace

Change Compiler::change(const Context &context, const schema::Field &field, const validation::ResponseField &selected,
                        const std::string &path) {
  const std::string alias = "t0";
  auto data_change = [&](Compiler &compiler) {
    switch (field.kind) {
    case FieldKind::Insert:
    case FieldKind::InsertOne: return compiler.insert(field, selected, alias, path);
    case FieldKind::Update:
    case FieldKind::UpdateByPk: return compiler.update(field, selected, alias, path);
    default: return compiler.remove(field, selected, alias, path);
    }
  };
  Selected taken;
  const schema::NamedType &row_type = *field.type.type;
  {
    Compiler probe(context);
    validation::SelectionSets sets = selected.selection_sets;
    std::vector<std::pair<const schema::NamedType *, validation::SelectionSets>> row_selections;
    if (returns_object(field)) {
      row_selections.emplace_back(&row_type, sets);
    } else {
      for (const validation::ResponseField &part : probe.fields_of(row_type, sets))
        if (const schema::Field *inner = row_type.field(part.selection->name); inner && inner->kind == FieldKind::Returning)
          row_selections.emplace_back(inner->type.type, part.selection_sets);
    }
    for (const auto &[type, inner_sets] : row_selections)
      for (const validation::ResponseField &leaf : probe.fields_of(*type, inner_sets)) {
        const schema::Field *inner = type->field(leaf.selection->name);
        if (!inner) continue;
        (inner->kind == FieldKind::Column ? taken.columns : taken.relationships) = true;
      }
  }

  Change result;
  if (taken.columns && !taken.relationships) {
    Compiler both(context);
    const std::string sql = both.response(field, selected, alias, "(SELECT pg_catalog.count(*) FROM " + alias + ")", alias, path);
    const auto columns = both.used_[alias];
    const std::string modify = data_change(both);
    if (!modify.empty()) {
      result.change = both.take("WITH " + alias + " AS (" + modify + returning_list(columns, alias) + ") SELECT " + sql);
      return result;
    }
  }
  Compiler answer(context);
  Parameter affected_rows;
  affected_rows.type = int8_oid;
  affected_rows.source = ParameterSource::AffectedRows;
  const std::string affected = answer.add(affected_rows);
  std::string sql = answer.response(field, selected, source_mark, affected, alias, path);
  const auto columns = answer.used_[alias];
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
              columns.empty() ? "pg_catalog.generate_series(1, " + affected + ") AS " + alias
                              : "(SELECT " + casts + " FROM ROWS FROM (" + arrays + ") AS u(" + names + ")) AS " + alias);
  result.answer = answer.take("SELECT " + sql);
  Compiler modify(context);
  const std::string change_sql = data_change(modify);
  if (!change_sql.empty()) result.change = modify.take(change_sql + returning_list(columns, alias));
  return result;
}

} // namespace gqlsvl::graphql::compile
