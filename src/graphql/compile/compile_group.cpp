// <table>_group_by -> one SELECT with GROUP BY: where filters the rows, having the groups; both, order and limit in the database.
#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

using schema::InputKind;

namespace {

bool has(const std::vector<const catalog::Column *> &columns, const catalog::Column &column) {
  return std::find(columns.begin(), columns.end(), &column) != columns.end();
}

} // namespace

// The columns of `by`, each once, in the order of the argument. None: all rows are one group.
Compiler::Grouped Compiler::group_columns(const schema::Field &field, const validation::ResponseField &selected) const {
  const schema::NamedType &names = *field.argument("by")->type.type;
  Grouped columns;
  for (const Input &item : argument(selected, "by")->items())
    if (const catalog::Column *column = names.value(item.text())->column; !has(columns, *column)) columns.push_back(column);
  return columns;
}

std::string Compiler::having(const Input &input, const schema::NamedType &type, const std::string &alias, const std::string &path) {
  std::vector<std::string> conditions;
  auto each = [&](const Input &list, const std::string &inner) {
    std::vector<std::string> found;
    for (const Input &item : list.items()) {
      const std::string place = inner + "[" + std::to_string(found.size()) + "]";
      if (item.is_null()) unexpected_null({&type}, place);
      found.push_back(having(item, type, alias, place));
    }
    return found;
  };
  for (const auto &[name, member] : input.members()) {
    const schema::InputValue &key = *type.input(name);
    const std::string inner = path + "." + name;
    if (member.is_null()) unexpected_null(key.type, inner);
    switch (key.kind) {
    case InputKind::And: conditions.push_back(combine(each(member, inner), false)); break;
    case InputKind::Or: conditions.push_back(combine(each(member, inner), true)); break;
    case InputKind::Not: conditions.push_back("(NOT " + having(member, type, alias, inner) + ")"); break;
    case InputKind::Count:
      conditions.push_back(comparison(member, *key.type.type, schema::int8_type(), "pg_catalog.count(*)", inner));
      break;
    default: conditions.push_back(having_columns(member, *key.type.type, name, alias, inner));
    }
  }
  return combine(conditions, false);
}

// sum: {total: {_gt: 100}, tax: {_lt: 5}}
std::string Compiler::having_columns(const Input &input, const schema::NamedType &type, const std::string &op, const std::string &alias,
                                     const std::string &path) {
  std::vector<std::string> conditions;
  for (const auto &[name, member] : input.members()) {
    const schema::InputValue &key = *type.input(name);
    if (member.is_null()) unexpected_null(key.type, path + "." + name);
    const catalog::Type &compared = schema::aggregated_type(op, *key.column->type);
    const std::string aggregate = aggregate_call(op, column(alias, *key.column), *key.column->type);
    const std::string left = &compared == key.column->type ? aggregate : "CAST(" + aggregate + " AS " + type_text(compared) + ")";
    conditions.push_back(comparison(member, *key.type.type, compared, left, path + "." + name));
  }
  return combine(conditions, false);
}

// {key: {status: asc}} and {aggregate: {count: desc, sum: {total: asc}}}
std::string Compiler::group_order(const Input &order, const schema::NamedType &type, const Grouped &grouped, const std::string &alias) {
  std::string sql;
  auto add_key = [&](const std::string &expression, const Input &direction) {
    if (!direction.is_null()) sql += (sql.empty() ? " ORDER BY " : ", ") + expression + order_direction(direction.text());
  };
  for (const Input &item : order.items()) {
    if (item.is_null()) continue;
    for (const auto &[part, keys] : item.members()) {
      if (keys.is_null()) continue;
      const schema::NamedType &inside = *type.input(part)->type.type;
      const bool of_key = type.input(part)->kind == InputKind::GroupKey;
      for (const auto &[name, member] : keys.members()) {
        const schema::InputValue &key = *inside.input(name);
        if (of_key) {
          if (has(grouped, *key.column)) add_key(column(alias, *key.column), member);
        } else if (key.kind == InputKind::Count) {
          add_key("pg_catalog.count(*)", member);
        } else if (!member.is_null()) {
          for (const auto &[column_name, direction] : member.members()) {
            const catalog::Column &aggregated = *key.type.type->input(column_name)->column;
            add_key(aggregate_call(name, column(alias, aggregated), *aggregated.type), direction);
          }
        }
      }
    }
  }
  return sql;
}

// A column that is no key of the groups is null: it may differ from row to row.
std::string Compiler::group_key(const schema::NamedType &type, const validation::ResponseField &selected, const Grouped &grouped,
                                const std::string &alias) {
  Pairs pairs;
  for (const validation::ResponseField &asked : fields_of(type, selected.selection_sets)) {
    const std::string &name = asked.selection->name;
    if (name == "__typename") {
      pairs.emplace_back(asked.response_key, type_name(type));
      continue;
    }
    const catalog::Column &key = *type.field(name)->column;
    pairs.emplace_back(asked.response_key, has(grouped, key) ? output(column(alias, key), *key.type) : "CAST(NULL AS pg_catalog.text)");
  }
  return json_object(pairs);
}

std::string Compiler::groups(const schema::Field &field, const validation::ResponseField &selected, const std::string &join_to,
                             const std::string &path) {
  const std::string alias = new_alias(), list = new_alias(), arguments = path + ".args";
  const Grouped grouped = group_columns(field, selected);
  Pairs pairs;
  for (const validation::ResponseField &part : fields_of(*field.type.type, selected.selection_sets)) {
    const std::string &name = part.selection->name;
    const schema::Field *asked = field.type.type->field(name);
    std::string sql = asked ? "" : type_name(*field.type.type);
    if (asked && asked->kind == schema::FieldKind::GroupKey) sql = group_key(*asked->type.type, part, grouped, alias);
    if (asked && asked->kind == schema::FieldKind::AggregateFields) sql = aggregates_of(*asked->type.type, part, alias);
    pairs.emplace_back(part.response_key, std::move(sql));
  }
  std::string condition = field.relationship ? join(*field.relationship, join_to, alias) : "", sql, keys;
  if (const auto where = argument(selected, "where"); where && !where->is_null()) {
    const std::string filtered = filter(*where, *field.argument("where")->type.type, alias, arguments + ".where");
    if (filtered != "true") condition += (condition.empty() ? "" : " AND ") + filtered;
  }
  if (!condition.empty()) sql += " WHERE " + condition;
  for (const catalog::Column *key : grouped) keys += (keys.empty() ? "" : ", ") + column(alias, *key);
  sql += " GROUP BY " + (keys.empty() ? "()" : keys);
  if (const auto filter_groups = argument(selected, "having"); filter_groups && !filter_groups->is_null()) {
    const std::string kept = having(*filter_groups, *field.argument("having")->type.type, alias, arguments + ".having");
    if (kept != "true") sql += " HAVING " + kept;
  }
  if (const auto order = argument(selected, "order_by"); order && !order->is_null())
    sql += group_order(*order, *field.argument("order_by")->type.type, grouped, alias);
  return "(SELECT " + json_list(list + ".o") + " FROM (SELECT " + json_object(pairs) + " AS o FROM " + qualified_name(*field.table) +
         " AS " + alias + sql + limit(selected, most_rows(*field.table), path) + ") AS " + list + ")";
}

} // namespace gqlsvl::graphql::compile
