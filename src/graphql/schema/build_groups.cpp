// <table>_group_by: aggregates of groups of rows, beyond Hasura. Its types and arguments.
//
//   orders_group_by(by: [status], having: {count: {_gt: 1}}, order_by: {aggregate: {sum: {total: desc}}}) {
//     key { status } aggregate { count sum { total } }
//   }
// All names begin with <table>_group_by, so that none is one that a table is likely to have: `orders_group` may well be a table.
// Offered where aggregates are; what is grouped and aggregated are columns the role may read.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

namespace {

bool can_be_grouped(const catalog::Column &column) { return !column.type->eq.empty(); }

} // namespace

const NamedType *Builder::group_having(const TableEntry &entry) {
  NamedType &type = add_type(NamedKind::Input, entry.base + "_group_by_having",
                             "Boolean expression to filter groups of rows of \"" + entry.table->name +
                                 "\" by their aggregates. All fields are combined with a logical 'AND'.");
  type.table = entry.table;
  type.inputs = {make_input("_and", "", InputKind::And, list_of(&type)), make_input("_or", "", InputKind::Or, list_of(&type)),
                 make_input("_not", "", InputKind::Not, named(&type)),
                 make_input("count", "", InputKind::Count, named(comparison(int4_type())))};
  for (const std::string op : aggregate_operators) {
    std::vector<InputValue> columns;
    for (const catalog::Column *column : aggregated_columns(entry, op)) {
      columns.push_back(
          make_input(column->field(), column->comment, InputKind::Column, named(comparison(aggregated_type(op, *column->type)))));
      columns.back().column = column;
    }
    if (columns.empty()) continue;
    NamedType &by_column = add_type(NamedKind::Input, entry.base + "_group_by_" + op + "_having");
    by_column.table = entry.table;
    by_column.inputs = std::move(columns);
    type.inputs.push_back(make_input(op, "", InputKind::Operator, named(&by_column)));
  }
  return &type;
}

const NamedType *Builder::group_order_by(const TableEntry &entry) {
  NamedType &key = add_type(NamedKind::Input, entry.base + "_group_by_key_order_by");
  key.table = entry.table;
  for (const catalog::Column *column : entry.selectable) {
    if (!can_be_grouped(*column)) continue;
    key.inputs.push_back(make_input(column->field(), column->comment, InputKind::Column, named(order_by_enum())));
    key.inputs.back().column = column;
  }
  NamedType &type =
      add_type(NamedKind::Input, entry.base + "_group_by_order_by", "Ordering of groups of rows of \"" + entry.table->name + "\".");
  type.table = entry.table;
  type.inputs = {make_input("aggregate", "", InputKind::ArrayAggregate, named(aggregate_order_by(entry))),
                 make_input("key", "", InputKind::GroupKey, named(&key))};
  return &type;
}

void Builder::add_groups(const TableEntry &entry) {
  if (!has_groups(entry)) return;
  NamedType &key =
      add_type(NamedKind::Object, entry.base + "_group_by_key", "what the rows of a group of \"" + entry.table->name + "\" have in common");
  key.table = entry.table;
  for (const catalog::Column *column : entry.selectable) {
    if (can_be_grouped(*column)) key.fields.push_back(column_field(entry, *column));
  }
  NamedType &group = add_type(NamedKind::Object, entry.base + "_group_by", "a group of rows of \"" + entry.table->name + "\"");
  group.table = entry.table;
  Field of_key, aggregate;
  of_key.name = "key";
  of_key.description = "what the rows share: the columns of the argument `by`; others are null";
  of_key.kind = FieldKind::GroupKey;
  of_key.type = required(&key);
  aggregate.name = "aggregate";
  aggregate.kind = FieldKind::AggregateFields;
  aggregate.type = required(&type_named(NamedKind::Object, entry.base + "_aggregate_fields"));
  of_key.table = aggregate.table = entry.table;
  group.fields = {of_key, aggregate};
  NamedType &columns =
      add_type(NamedKind::Enum, entry.base + "_group_by_column", "columns that rows of \"" + entry.table->name + "\" can be grouped by");
  columns.table = entry.table;
  for (const Field &field : key.fields) columns.values.push_back({field.name, field.description, field.column, nullptr});
  group_having(entry);
  group_order_by(entry);
}

bool Builder::has_groups(const TableEntry &entry) const {
  if (!entry.table->options.allow_aggregations) return false;
  for (const catalog::Column *column : entry.selectable)
    if (can_be_grouped(*column)) return true;
  return false;
}

// As a root field, or of an array relationship.
Field Builder::group_field(const TableEntry &entry, const std::string &name, const std::string &description) {
  TypeRef by = required_list_of(&type_named(NamedKind::Enum, entry.base + "_group_by_column"));
  Field field;
  field.name = name;
  field.description = description;
  field.kind = FieldKind::Groups;
  field.table = entry.table;
  field.type = required_list_of(&type_named(NamedKind::Object, entry.base + "_group_by"));
  field.arguments = {make_input("by", "columns whose values the rows of a group share", InputKind::GroupBy, by),
                     make_input("having", "filter the groups returned", InputKind::Having,
                                named(&type_named(NamedKind::Input, entry.base + "_group_by_having"))),
                     make_input("limit", "limit the number of groups returned", InputKind::Limit, named(plain_scalar("Int"))),
                     make_input("offset", "skip the first n groups. Use only with order_by", InputKind::Offset, named(plain_scalar("Int"))),
                     make_input("order_by", "sort the groups by key or aggregates", InputKind::OrderBy,
                                list_of(&type_named(NamedKind::Input, entry.base + "_group_by_order_by"))),
                     where_argument(entry.base, false)};
  field.arguments.back().description = "filter the rows that are grouped";
  return field;
}

} // namespace gqlsvl::graphql::schema
