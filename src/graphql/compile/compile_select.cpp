// Rows, rows by key and relationships: scalar sub-selects of type json.
#include "graphql/compile/compiler.h"

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

std::string Compiler::root(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  switch (field.kind) {
  case FieldKind::ByPk: return by_key(field, selected, path);
  case FieldKind::Aggregate: return aggregate(field, selected, {}, path);
  case FieldKind::Row: return row(field, selected, path);
  default: return rows(field, selected, {}, path);
  }
}

std::string Compiler::row_object(const schema::NamedType &type, const validation::SelectionSets &sets, const std::string &alias,
                                 const std::string &path) {
  Pairs pairs;
  for (const validation::ResponseField &selected : fields_of(type, sets)) {
    const std::string &name = selected.selection->name, inner = path + ".selectionSet." + name;
    if (name == "__typename") {
      pairs.emplace_back(selected.response_key, type_name(type));
      continue;
    }
    const schema::Field &field = *type.field(name);
    std::string sql;
    switch (field.kind) {
    case FieldKind::ObjectRelationship: sql = object_relationship(field, selected, alias, inner); break;
    case FieldKind::ArrayRelationship: sql = rows(field, selected, alias, inner); break;
    case FieldKind::ArrayAggregate: sql = aggregate(field, selected, alias, inner); break;
    case FieldKind::Computed:
      sql = json_field(selected, output(source(field, selected, alias, inner), *field.function->scalar), inner);
      break;
    default: sql = json_field(selected, output(column(alias, *field.column), *field.column->type), inner);
    }
    pairs.emplace_back(selected.response_key, std::move(sql));
  }
  return json_object(pairs);
}

// Of json and jsonb, what lies at `path`; else the value itself.
std::string Compiler::json_field(const validation::ResponseField &selected, const std::string &value, const std::string &path) {
  const auto inside = argument(selected, "path");
  if (!inside || inside->is_null()) return value;
  constexpr catalog::Oid text_array = 1009;
  Parameter steps = inside->parameter(text_array, Encoding::Path);
  steps.argument_path = path + ".args.path";
  parameter_text(steps, context_.variables); // refuses a bad path before any SQL
  return value + " OPERATOR(pg_catalog.#>) " + add(std::move(steps));
}

Compiler::TableArguments Compiler::table_arguments(const schema::Field &field, const validation::ResponseField &selected,
                                                   const std::string &alias, const std::string &joined, std::int64_t most,
                                                   const std::string &path) {
  TableArguments result;
  std::string condition = joined;
  if (condition == "true") condition.clear();
  if (auto where = argument(selected, "where"); where && !where->is_null()) {
    const std::string filtered = filter(*where, *field.argument("where")->type.type, alias, path + ".args.where");
    if (filtered != "true") condition += (condition.empty() ? "" : " AND ") + filtered;
  }
  if (!condition.empty()) result.where = " WHERE " + condition;
  std::optional<Input> order = argument(selected, "order_by");
  if (order && order->is_null()) order.reset();
  if (auto columns = argument(selected, "distinct_on"); columns && !columns->is_null())
    result.distinct = distinct_on(*columns, order, field, alias, path + ".args");
  if (order) result.order_by = order_by(*order, *field.argument("order_by")->type.type, alias);
  result.limit = limit(selected, most, path);
  return result;
}

// `most` >= 0: no more than so many, whatever the client asks for.
std::string Compiler::limit(const validation::ResponseField &selected, std::int64_t most, const std::string &path) {
  std::string sql;
  for (const char *name : {"limit", "offset"}) {
    const bool limits = name[0] == 'l';
    const std::string bound = "CAST(" + std::to_string(most) + " AS pg_catalog.int8)";
    auto count = argument(selected, name);
    if (!count || count->is_null()) {
      if (limits && most >= 0) sql += " LIMIT " + bound;
      continue;
    }
    constexpr catalog::Oid int8 = 20;
    Parameter parameter = count->parameter(int8, Encoding::Scalar);
    parameter.non_negative = true;
    parameter.argument_path = path + ".args." + name;
    parameter_text(parameter, context_.variables); // refuses a negative number before any SQL
    const std::string number = add(std::move(parameter));
    sql += limits ? " LIMIT " + (most >= 0 ? "LEAST(" + number + ", " + bound + ")" : number) : " OFFSET " + number;
  }
  return sql;
}

// The list keeps the order of the inner select: json_agg reads its rows as they come.
std::string Compiler::rows(const schema::Field &field, const validation::ResponseField &selected, const std::string &join_to,
                           const std::string &path) {
  const std::string alias = new_alias(), list = new_alias();
  const std::string joined = field.relationship ? join(*field.relationship, join_to, alias) : "";
  const std::string object = row_object(*field.type.type, selected.selection_sets, alias, path);
  const std::string from = source(field, selected, join_to, path);
  const TableArguments arguments = table_arguments(field, selected, alias, joined, most_rows(*field.table), path);
  return "(SELECT " + json_list(list + ".o") + " FROM (SELECT " + arguments.distinct + object + " AS o FROM " + from + " AS " + alias +
         arguments.where + arguments.order_by + arguments.limit + ") AS " + list + ")";
}

std::string Compiler::key_condition(const std::vector<schema::InputValue> &keys,
                                    const std::function<std::optional<Input>(const std::string &)> &find, const std::string &alias) {
  std::string sql;
  for (const schema::InputValue &key : keys) {
    if (key.kind != schema::InputKind::PkColumn) continue;
    if (!sql.empty()) sql += " AND ";
    sql += column(alias, *key.column) + " " + key.column->type->eq + " " + value(*find(key.name), *key.column->type);
  }
  return sql;
}

std::string Compiler::by_key(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  const std::string alias = new_alias();
  const std::string object = row_object(*field.type.type, selected.selection_sets, alias, path);
  return "(SELECT " + object + " FROM " + qualified_name(*field.table) + " AS " + alias + " WHERE " +
         key_condition(
             field.arguments, [&](const std::string &name) { return argument(selected, name); }, alias) +
         " LIMIT 1)";
}

// LIMIT: a key says nothing about the rows of inheriting tables.
std::string Compiler::object_relationship(const schema::Field &field, const validation::ResponseField &selected, const std::string &alias,
                                          const std::string &path) {
  const std::string target = new_alias();
  const std::string object = row_object(*field.type.type, selected.selection_sets, target, path);
  return "(SELECT " + object + " FROM " + qualified_name(*field.table) + " AS " + target + " WHERE " +
         join(*field.relationship, alias, target) + " LIMIT 1)";
}

} // namespace gqlsvl::graphql::compile
