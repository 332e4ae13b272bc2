// Input types that read: <table>_bool_exp, <table>_order_by, and the enum <table>_select_column.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

InputValue make_input(const std::string &name, const std::string &description, InputKind kind, TypeRef type) {
  InputValue value;
  value.name = name;
  value.description = description;
  value.kind = kind;
  value.type = type;
  return value;
}

namespace {

InputValue input(const std::string &name, TypeRef type, InputKind kind) { return make_input(name, "", kind, type); }

} // namespace

InputValue Builder::where_argument(const std::string &base, bool required_here) {
  InputValue where = input("where", named(&type_named(NamedKind::Input, base + "_bool_exp")), InputKind::Where);
  where.description = "filter the rows returned";
  where.type.non_null = required_here;
  return where;
}

void Builder::add_where(const TableEntry &entry) {
  NamedType &type = add_type(NamedKind::Input, entry.base + "_bool_exp",
                             "Boolean expression to filter rows from the table \"" + entry.table->name +
                                 "\". All fields are combined with a logical 'AND'.");
  type.table = entry.table;
  type.inputs.push_back(input("_and", list_of(&type), InputKind::And));
  type.inputs.push_back(input("_or", list_of(&type), InputKind::Or));
  type.inputs.push_back(input("_not", named(&type), InputKind::Not));
  auto is_operator = [](const std::string &name) { return name == "_and" || name == "_or" || name == "_not"; };
  for (const catalog::Column *column : entry.selectable) {
    if (is_operator(column->field())) continue;
    InputValue value = input(column->field(), named(comparison(*column)), InputKind::Column);
    value.column = column;
    type.inputs.push_back(std::move(value));
  }
  for (const Relationship *relationship : entry.relationships) {
    if (is_operator(relationship->name)) continue;
    const std::string &target = entry_of(relationship->to->oid)->base;
    InputValue value = input(relationship->name, named(&type_named(NamedKind::Input, target + "_bool_exp")),
                             relationship->array ? InputKind::ArrayRelationship : InputKind::ObjectRelationship);
    value.relationship = relationship;
    type.inputs.push_back(std::move(value));
    if (!relationship->array || !relationship->to->options.allow_aggregations) continue;
    const TableEntry &counted = *entry_of(relationship->to->oid);
    InputValue aggregate = input(relationship->name + "_aggregate", named(aggregate_predicates(counted)), InputKind::ArrayAggregate);
    aggregate.relationship = relationship;
    type.inputs.push_back(std::move(aggregate));
  }
  add_computed_filters(entry, type);
}

void Builder::add_order_by(const TableEntry &entry) {
  NamedType &type =
      add_type(NamedKind::Input, entry.base + "_order_by", "Ordering options when selecting data from \"" + entry.table->name + "\".");
  type.table = entry.table;
  for (const catalog::Column *column : entry.selectable) {
    InputValue value = input(column->field(), named(order_by_enum()), InputKind::Column);
    value.column = column;
    type.inputs.push_back(std::move(value));
  }
  for (const Relationship *relationship : entry.relationships) {
    const TableEntry &target = *entry_of(relationship->to->oid);
    if (relationship->array && !target.table->options.allow_aggregations) continue;
    InputValue value =
        relationship->array
            ? input(relationship->name + "_aggregate", named(aggregate_order_by(target)), InputKind::ArrayAggregate)
            : input(relationship->name, named(&type_named(NamedKind::Input, target.base + "_order_by")), InputKind::ObjectRelationship);
    value.relationship = relationship;
    type.inputs.push_back(std::move(value));
  }
  add_computed_orders(entry, type);
}

// Made once, for tables that an array relationship leads to.
const NamedType *Builder::aggregate_order_by(const TableEntry &entry) {
  NamedType &type =
      add_type(NamedKind::Input, entry.base + "_aggregate_order_by", "order by aggregate values of table \"" + entry.table->name + "\"");
  if (!type.inputs.empty()) return &type;
  type.table = entry.table;
  type.inputs.push_back(input("count", named(order_by_enum()), InputKind::Count));
  for (const std::string op : aggregate_operators) {
    const std::vector<const catalog::Column *> columns = aggregated_columns(entry, op);
    if (columns.empty()) continue;
    NamedType &by_column = add_type(NamedKind::Input, entry.base + "_" + op + "_order_by",
                                    "order by " + op + "() on columns of table \"" + entry.table->name + "\"");
    by_column.table = entry.table;
    for (const catalog::Column *column : columns) {
      by_column.inputs.push_back(input(column->field(), named(order_by_enum()), InputKind::Column));
      by_column.inputs.back().description = column->comment;
      by_column.inputs.back().column = column;
    }
    type.inputs.push_back(input(op, named(&by_column), InputKind::Operator));
  }
  return &type;
}

void Builder::add_select_columns(const TableEntry &entry) {
  NamedType &type = add_type(NamedKind::Enum, entry.base + "_select_column", "select columns of table \"" + entry.table->name + "\"");
  type.table = entry.table;
  for (const catalog::Column *column : entry.selectable)
    type.values.push_back(EnumValue{column->field(), column->comment.empty() ? "column name" : column->comment, column});
}

} // namespace gqlsvl::graphql::schema
