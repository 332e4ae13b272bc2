// <table>_aggregate: the rows are chosen by an inner select (where, order_by, limit), the outer one aggregates them and collects nodes.
#include "graphql/compile/compiler.h"

#include <set>

namespace gqlsvl::graphql::compile {

using schema::FieldKind;

namespace {

std::string inner_column(const std::string &rows, const catalog::Column &column) { return rows + ".c" + std::to_string(column.attnum); }

// uuid has no max in Postgres 15: its text in the C collation orders the same.
std::string operator_call(const std::string &op, const std::string &argument, const catalog::Type &type) {
  if ((op == "max" || op == "min") && type.schema == "pg_catalog" && type.name == "uuid")
    return "pg_catalog." + op + "(CAST(" + argument + " AS pg_catalog.text) COLLATE pg_catalog.\"C\")";
  return "pg_catalog." + op + "(" + argument + ")";
}

} // namespace

std::string Compiler::aggregate(const schema::Field &field, const validation::ResponseField &selected, const std::string &join_to,
                                const std::string &path) {
  const std::string alias = new_alias(), rows = new_alias();
  std::map<std::int16_t, const catalog::Column *> inner;
  std::vector<std::string> inner_sql;
  auto take_column = [&](const catalog::Column &c) {
    inner[c.attnum] = &c;
    return inner_column(rows, c);
  };
  auto count = [&](const validation::ResponseField &asked) -> std::string {
    std::string columns;
    std::size_t number = 0;
    const schema::NamedType &names = *context_.schema.type(
        context_.schema.type(field.type.type->name + "_fields")->field("count")->argument("columns")->type.type->name);
    if (auto chosen = argument(asked, "columns"); chosen && !chosen->is_null())
      for (const Input &item : chosen->items()) { columns += (number++ ? ", " : "") + take_column(*names.value(item.text())->column); }
    if (number == 0) return "pg_catalog.count(*)";
    if (number > 1) columns = "ROW(" + columns + ")";
    auto distinct = argument(asked, "distinct");
    return "pg_catalog.count(" + std::string(distinct && !distinct->is_null() && distinct->boolean() ? "DISTINCT " : "") + columns + ")";
  };
  auto operator_object = [&](const schema::Field &op, const validation::ResponseField &asked) {
    Pairs pairs;
    for (const validation::ResponseField &leaf : fields_of(*op.type.type, asked.selection_sets)) {
      const std::string &name = leaf.selection->name;
      if (name == "__typename") {
        pairs.emplace_back(leaf.response_key, "'" + op.type.type->name + "'");
        continue;
      }
      const catalog::Column &c = *op.type.type->field(name)->column;
      pairs.emplace_back(leaf.response_key, operator_call(op.op, take_column(c), *c.type));
    }
    return json_object(pairs);
  };
  auto aggregate_object = [&](const schema::Field &aggregate_field, const validation::ResponseField &asked) {
    const schema::NamedType &type = *aggregate_field.type.type;
    Pairs pairs;
    for (const validation::ResponseField &inside : fields_of(type, asked.selection_sets)) {
      const std::string &name = inside.selection->name;
      const schema::Field *op = type.field(name);
      pairs.emplace_back(inside.response_key, name == "__typename"           ? "'" + type.name + "'"
                                              : op->kind == FieldKind::Count ? count(inside)
                                                                             : operator_object(*op, inside));
    }
    return json_object(pairs);
  };

  const schema::NamedType &type = *field.type.type;
  Pairs pairs;
  for (const validation::ResponseField &asked : fields_of(type, selected.selection_sets)) {
    const std::string &name = asked.selection->name;
    const schema::Field *part = type.field(name);
    if (name == "__typename") {
      pairs.emplace_back(asked.response_key, "'" + type.name + "'");
    } else if (part->kind == FieldKind::Nodes) {
      const std::string node = "n" + std::to_string(inner_sql.size() + 1);
      inner_sql.push_back(row_object(*part->type.type, asked.selection_sets, alias, path + ".selectionSet." + name) + " AS " + node);
      pairs.emplace_back(asked.response_key, json_list(rows + "." + node));
    } else {
      pairs.emplace_back(asked.response_key, aggregate_object(*part, asked));
    }
  }
  for (const auto &[number, c] : inner) inner_sql.push_back(column(alias, *c) + " AS c" + std::to_string(number));
  std::string columns;
  for (const std::string &sql : inner_sql) columns += (columns.empty() ? " " : ", ") + sql;
  const std::string joined = field.relationship ? join(*field.relationship, join_to, alias) : "";
  const TableArguments arguments = table_arguments(field, selected, alias, joined, path);
  // count(*) makes it an aggregate even when only __typename is selected: one row always.
  return "(SELECT " + json_object(pairs) + " FROM (SELECT" + columns + " FROM " + qualified_name(*field.table) + " AS " + alias +
         arguments.where + arguments.order_by + arguments.limit + ") AS " + rows + " HAVING true)";
}

} // namespace gqlsvl::graphql::compile
