// Rows, rows by key and relationships, as expressions of type json. How a relationship is reached: compile_shape.cpp.
#include "graphql/compile/compiler.h"

#include <algorithm>

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

std::string Compiler::root(const schema::Field &field, const validation::ResponseField &selected, const std::string &path) {
  switch (field.kind) {
  case FieldKind::ByPk: return by_key(field, selected, path);
  case FieldKind::Aggregate: return aggregate(field, selected, nullptr, path);
  case FieldKind::Groups: return groups(field, selected, {}, path);
  case FieldKind::Row: return row(field, selected, path);
  default: return rows(field, selected, nullptr, path);
  }
}

std::string Compiler::row_object(const schema::NamedType &type, const validation::SelectionSets &sets, const Source &source,
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
    case FieldKind::ObjectRelationship: sql = object_relationship(field, selected, source, inner); break;
    case FieldKind::ArrayRelationship: sql = rows(field, selected, &source, inner); break;
    case FieldKind::ArrayAggregate: sql = aggregate(field, selected, &source, inner); break;
    case FieldKind::Groups: sql = groups(field, selected, source.alias, inner); break;
    case FieldKind::Computed:
      sql = json_field(selected, output(this->source(field, selected, source.alias, inner), *field.function->scalar), inner);
      break;
    default: sql = json_field(selected, output(column(source.alias, *field.column), *field.column->type), inner);
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
  if (order) order_by(*order, *field.argument("order_by")->type.type, alias, result);
  result.limit = limit(selected, most, path);
  return result;
}

// `most` >= 0: no more than so many, whatever the client asks for.
std::string Compiler::limit(const validation::ResponseField &selected, std::int64_t most, const std::string &path) {
  std::string sql;
  const auto limits = argument(selected, "limit"), skips = argument(selected, "offset");
  if (limits && !limits->is_null())
    sql = row_count(*limits, "limit", most, path + ".args.limit");
  else if (most >= 0)
    sql = " LIMIT " + std::to_string(most);
  if (skips && !skips->is_null()) sql += row_count(*skips, "offset", -1, path + ".args.offset");
  return sql;
}

// A limit stands in the SQL, where the planner sees it: as a parameter it would make Postgres plan again for each request. So does the
// offset 0; others are parameters, as a client that turns pages has a new one each time.
std::string Compiler::row_count(const Input &count, std::string_view name, std::int64_t most, const std::string &path) {
  constexpr catalog::Oid int8 = 20;
  Parameter parameter = count.parameter(int8, Encoding::Scalar);
  parameter.non_negative = true;
  parameter.argument_path = path;
  const std::string text = parameter_text(parameter, context_.variables).value_or(""); // refuses a negative number before any SQL
  const bool plain = !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
  if (name == "offset") return plain && std::stoll(text) == 0 ? "" : " OFFSET " + add(std::move(parameter));
  if (plain) return " LIMIT " + std::to_string(most < 0 ? std::stoll(text) : std::min<std::int64_t>(std::stoll(text), most));
  const std::string asked = add(std::move(parameter));
  return " LIMIT " + (most < 0 ? asked : "LEAST(" + asked + ", CAST(" + std::to_string(most) + " AS pg_catalog.int8))");
}

// The list keeps the order of the inner select: json_list reads its rows as they come.
std::string Compiler::rows(const schema::Field &field, const validation::ResponseField &selected, const Source *parent,
                           const std::string &path) {
  if (joins_groups(field, selected, parent, path)) return grouped_rows(field, selected, *parent, path);
  Joins joins;
  const Source source{new_alias(), &joins, !parent && takes_whole_table(field, selected)};
  const std::string list = new_alias(), joined = field.relationship ? join(*field.relationship, parent->alias, source.alias) : "";
  const std::string object = row_object(*field.type.type, selected.selection_sets, source, path);
  const std::string from = this->source(field, selected, parent ? parent->alias : "", path);
  const TableArguments arguments = table_arguments(field, selected, source.alias, joined, most_rows(*field.table), path);
  return "(SELECT " + json_list(list + ".o") + " FROM (" + select(object + " AS o", *field.table, from, source.alias, joins, arguments) +
         ") AS " + list + ")";
}

// The lists of all parents at once.
std::string Compiler::grouped_rows(const schema::Field &field, const validation::ResponseField &selected, const Source &parent,
                                   const std::string &path) {
  Joins joins;
  const Source source{new_alias(), &joins, takes_whole_table(field, selected)};
  const std::string list = new_alias();
  const Grouping grouped = grouping(*field.relationship, source.alias);
  const std::string object = row_object(*field.type.type, selected.selection_sets, source, path);
  TableArguments arguments = table_arguments(field, selected, source.alias, grouped.condition, -1, path);
  if (!arguments.keys.empty()) arguments.keys.insert(arguments.keys.begin(), grouped.keys.begin(), grouped.keys.end());
  const std::string rows =
      select(grouped.columns + object + " AS o", *field.table, qualified_name(*field.table), source.alias, joins, arguments);
  const std::string names = group_names(*field.relationship, list);
  const std::string groups =
      join_groups(*field.relationship, parent,
                  "SELECT " + names + ", " + json_list(list + ".o") + " AS o FROM (" + rows + ") AS " + list + " GROUP BY " + names);
  return "COALESCE(" + groups + ".o, CAST('[]' AS pg_catalog.json))";
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
  Joins joins;
  const Source source{new_alias(), &joins};
  const std::string object = row_object(*field.type.type, selected.selection_sets, source, path);
  const std::string condition = key_condition(
      field.arguments, [&](const std::string &name) { return argument(selected, name); }, source.alias);
  return "(SELECT " + object + " FROM " + qualified_name(*field.table) + " AS " + source.alias + joins.sql + " WHERE " + condition +
         (keys_hold(*field.table) ? "" : " LIMIT 1") + ")";
}

std::string Compiler::object_relationship(const schema::Field &field, const validation::ResponseField &selected, const Source &source,
                                          const std::string &path) {
  const schema::Relationship &relationship = *field.relationship;
  const Source target{new_alias(), source.joins};
  const std::string table = qualified_name(*field.table) + " AS " + target.alias, joined = join(relationship, source.alias, target.alias);
  if (joins_object(relationship, source, path)) {
    ++source.joins->count;
    source.joins->sql += " LEFT JOIN " + table + " ON " + joined;
    const std::string key = column(target.alias, *relationship.to->column(relationship.columns.at(0).second));
    return "CASE WHEN " + key + " IS NOT NULL THEN " + row_object(*field.type.type, selected.selection_sets, target, path) + " END";
  }
  Joins joins;
  const std::string object = row_object(*field.type.type, selected.selection_sets, {target.alias, &joins}, path);
  return "(SELECT " + object + " FROM " + table + joins.sql + " WHERE " + joined + (is_single(relationship) ? "" : " LIMIT 1") + ")";
}

} // namespace gqlsvl::graphql::compile
