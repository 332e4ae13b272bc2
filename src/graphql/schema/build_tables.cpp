// Output types of a table: the object and its aggregates.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

std::vector<InputValue> Builder::table_arguments(const std::string &base) {
  return {make_input("distinct_on", "distinct select on columns", InputKind::DistinctOn,
                     list_of(&type_named(NamedKind::Enum, base + "_select_column"))),
          make_input("limit", "limit the number of rows returned", InputKind::Limit, named(plain_scalar("Int"))),
          make_input("offset", "skip the first n rows. Use only with order_by", InputKind::Offset, named(plain_scalar("Int"))),
          make_input("order_by", "sort the rows by one or more columns", InputKind::OrderBy,
                     list_of(&type_named(NamedKind::Input, base + "_order_by"))),
          where_argument(base, false)};
}

Field Builder::column_field(const TableEntry &entry, const catalog::Column &column) {
  Field field;
  field.name = column.field();
  field.description = column.comment;
  field.kind = FieldKind::Column;
  field.table = entry.table;
  field.column = &column;
  field.type = column_type(column);
  return field;
}

void Builder::add_object(const TableEntry &entry) {
  const std::string &comment = entry.table->comment;
  NamedType &object =
      add_type(NamedKind::Object, entry.base, comment.empty() ? "columns and relationships of \"" + entry.table->name + "\"" : comment);
  object.table = entry.table;
  for (const catalog::Column *column : entry.selectable) {
    Field field = column_field(entry, *column);
    field.type.non_null = column->not_null;
    if (is_json(*column->type)) field.arguments = {make_input("path", "JSON select path", InputKind::Path, named(plain_scalar("String")))};
    object.fields.push_back(std::move(field));
  }
  for (const Relationship *relationship : entry.relationships) {
    const std::string &target = entry_of(relationship->to->oid)->base;
    Field field;
    field.name = relationship->name;
    field.table = relationship->to;
    field.relationship = relationship;
    const NamedType *type = &type_named(NamedKind::Object, target);
    if (!relationship->array) {
      field.description = "An object relationship";
      field.kind = FieldKind::ObjectRelationship;
      field.type = relationship->nullable ? named(type) : required(type);
      object.fields.push_back(std::move(field));
      continue;
    }
    field.description = "An array relationship";
    field.kind = FieldKind::ArrayRelationship;
    field.type = required_list_of(type);
    field.arguments = table_arguments(target);
    object.fields.push_back(field);
    if (!relationship->to->options.allow_aggregations) continue;
    Field aggregate = std::move(field);
    aggregate.name += "_aggregate";
    aggregate.description = "An aggregate relationship";
    aggregate.kind = FieldKind::ArrayAggregate;
    aggregate.type = required(&type_named(NamedKind::Object, target + "_aggregate"));
    object.fields.push_back(std::move(aggregate));
    const std::string groups = relationship->name + "_group_by";
    if (object.field(groups) || !has_groups(*entry_of(relationship->to->oid))) continue; // a column wins
    object.fields.push_back(group_field(*entry_of(relationship->to->oid), groups, "An aggregate relationship, by groups"));
    object.fields.back().relationship = relationship;
  }
  add_computed_fields(entry, object);
}

std::vector<const catalog::Column *> aggregated_columns(const TableEntry &entry, const std::string &op) {
  std::vector<const catalog::Column *> columns;
  for (const catalog::Column *column : entry.selectable) {
    const catalog::Type &type = *column->type;
    if (op == "max" || op == "min" ? is_comparable(type) && !is_enum(*column) : op == "sum" ? is_numeric(type) : is_averageable(type))
      columns.push_back(column);
  }
  return columns;
}

void Builder::add_operator_fields(const TableEntry &entry, NamedType &aggregate_fields, const std::string &op) {
  const bool own_type = op == "max" || op == "min" || op == "sum";
  std::deque<Field> fields;
  for (const catalog::Column *column : aggregated_columns(entry, op)) {
    Field field;
    field.name = column->field();
    field.description = column->comment;
    field.kind = FieldKind::OperatorColumn;
    field.table = entry.table;
    field.column = column;
    field.op = op;
    field.type = own_type ? column_type(*column->type) : named(plain_scalar("Float"));
    fields.push_back(std::move(field));
  }
  if (fields.empty()) return;
  NamedType &type = add_type(NamedKind::Object, entry.base + "_" + op + "_fields", "aggregate " + op + " on columns");
  type.table = entry.table;
  type.fields = std::move(fields);
  Field field;
  field.name = op;
  field.kind = FieldKind::Operator;
  field.table = entry.table;
  field.op = op;
  field.type = named(&type);
  aggregate_fields.fields.push_back(std::move(field));
}

void Builder::add_aggregates(const TableEntry &entry) {
  if (!entry.table->options.allow_aggregations) return;
  NamedType &fields = add_type(NamedKind::Object, entry.base + "_aggregate_fields", "aggregate fields of \"" + entry.table->name + "\"");
  fields.table = entry.table;
  Field count;
  count.name = "count";
  count.kind = FieldKind::Count;
  count.table = entry.table;
  count.type = required(plain_scalar("Int"));
  InputValue columns, distinct;
  columns.name = "columns";
  columns.type = list_of(&type_named(NamedKind::Enum, entry.base + "_select_column"));
  distinct.name = "distinct";
  distinct.type = named(plain_scalar("Boolean"));
  count.arguments = {columns, distinct};
  fields.fields.push_back(std::move(count));
  for (const char *op : aggregate_operators) add_operator_fields(entry, fields, op);

  NamedType &aggregate = add_type(NamedKind::Object, entry.base + "_aggregate", "aggregated selection of \"" + entry.table->name + "\"");
  aggregate.table = entry.table;
  Field inner, nodes;
  inner.name = "aggregate";
  inner.kind = FieldKind::AggregateFields;
  inner.type = named(&fields);
  nodes.name = "nodes";
  nodes.kind = FieldKind::Nodes;
  nodes.type = required_list_of(&type_named(NamedKind::Object, entry.base));
  inner.table = nodes.table = entry.table;
  aggregate.fields = {inner, nodes};
}

} // namespace gqlsvl::graphql::schema
