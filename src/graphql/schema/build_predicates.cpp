// Aggregation predicates of a filter: orders_aggregate: {count: {predicate: {_gt: 10}, filter: {...}}} in customers_bool_exp.
//
// count for all tables; bool_and and bool_or where there is a boolean column; avg, max, min, sum, stddev_samp and var_samp where there is
// one of type double precision. Source: docs/dialect.md, section 4.3.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

namespace {

struct Predicate {
  const char *function, *column_type;
};
constexpr Predicate predicates[] = {{"bool_and", "bool"}, {"bool_or", "bool"}, {"avg", "float8"},         {"max", "float8"},
                                    {"min", "float8"},    {"sum", "float8"},   {"stddev_samp", "float8"}, {"var_samp", "float8"}};

} // namespace

// Made once, for tables that an array relationship leads to.
const NamedType *Builder::aggregate_predicates(const TableEntry &entry) {
  const std::string name = entry.base + "_aggregate_bool_exp";
  NamedType &type = add_type(NamedKind::Input, name);
  if (!type.inputs.empty()) return &type;
  type.table = entry.table;
  const TypeRef columns_counted = list_of(&type_named(NamedKind::Enum, entry.base + "_select_column"));
  type.inputs.push_back(
      make_input("count", "", InputKind::Count, named(predicate_input(entry, name + "_count", columns_counted, int4_type()))));
  for (const Predicate &predicate : predicates) {
    std::vector<EnumValue> columns;
    const catalog::Type *column_type = nullptr;
    for (const catalog::Column *column : entry.selectable) {
      if (column->type->schema != "pg_catalog" || column->type->name != predicate.column_type) continue;
      column_type = column->type;
      columns.push_back({column->field(), "column name", column, nullptr});
    }
    if (columns.empty()) continue;
    const std::string function_name = name + "_" + predicate.function;
    NamedType &arguments = add_type(NamedKind::Enum, entry.base + "_select_column_" + function_name + "_arguments_columns");
    arguments.table = entry.table;
    arguments.values = std::move(columns);
    type.inputs.push_back(make_input(predicate.function, "", InputKind::Operator,
                                     named(predicate_input(entry, function_name, required(&arguments), *column_type))));
  }
  return &type;
}

const NamedType *Builder::predicate_input(const TableEntry &entry, const std::string &name, TypeRef arguments,
                                          const catalog::Type &result) {
  NamedType &type = add_type(NamedKind::Input, name);
  type.table = entry.table;
  type.inputs = {make_input("arguments", "", InputKind::Plain, arguments),
                 make_input("distinct", "", InputKind::Plain, named(plain_scalar("Boolean"))),
                 make_input("filter", "", InputKind::Plain, named(&type_named(NamedKind::Input, entry.base + "_bool_exp"))),
                 make_input("predicate", "", InputKind::Plain, required(comparison(result)))};
  return &type;
}

} // namespace gqlsvl::graphql::schema
