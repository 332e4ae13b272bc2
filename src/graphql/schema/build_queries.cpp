// Root fields that read: <table>, <table>_by_pk, <table>_aggregate.
#include "graphql/schema/builder.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

InputValue Builder::column_input(const catalog::Column &column, bool non_null) {
  InputValue value;
  value.name = column.field();
  value.description = column.comment;
  value.kind = InputKind::Column;
  value.column = &column;
  value.type = column_type(column);
  value.type.non_null = non_null;
  return value;
}

std::vector<InputValue> Builder::key_arguments(const TableEntry &entry) {
  std::vector<InputValue> arguments;
  for (const catalog::Column *column : entry.key) {
    arguments.push_back(column_input(*column, true));
    arguments.back().kind = InputKind::PkColumn;
  }
  return arguments;
}

std::string root_name(const TableEntry &entry, const std::string &kind, const std::string &automatic) {
  const auto &names = entry.table->overrides.root_fields;
  auto found = names.find(kind);
  return found == names.end() || !is_valid_name(found->second) ? automatic : found->second;
}

namespace {

bool is_listed(const RootFieldList &list, const std::string &kind) { return !list || list->count(kind); }

} // namespace

bool has_queries(const TableEntry &entry, const RootFieldList &list) {
  if (entry.selectable.empty()) return false;
  const bool functions = std::any_of(entry.functions.begin(), entry.functions.end(),
                                     [](const FunctionEntry &one) { return one.function->use == catalog::FunctionUse::Query; });
  return functions || is_listed(list, "select") || (!entry.key.empty() && is_listed(list, "select_by_pk")) ||
         (entry.table->options.allow_aggregations && (is_listed(list, "select_aggregate") || is_listed(list, "select_group_by")));
}

void Builder::add_queries(const TableEntry &entry, const RootFieldList &list, NamedType &root) {
  const std::string &table = entry.table->name;
  const NamedType *object = &type_named(NamedKind::Object, entry.base);
  Field rows;
  rows.name = root_name(entry, "select", entry.base);
  rows.description = "fetch data from the table: \"" + table + "\"";
  rows.kind = FieldKind::Rows;
  rows.table = entry.table;
  rows.type = required_list_of(object);
  rows.arguments = table_arguments(entry.base);
  if (!entry.key.empty() && is_listed(list, "select_by_pk")) {
    Field by_pk;
    by_pk.name = root_name(entry, "select_by_pk", entry.base + "_by_pk");
    by_pk.description = rows.description + " using primary key columns";
    by_pk.kind = FieldKind::ByPk;
    by_pk.table = entry.table;
    by_pk.type = named(object);
    by_pk.arguments = key_arguments(entry);
    root.fields.push_back(std::move(by_pk));
  }
  if (is_listed(list, "select")) root.fields.push_back(rows);
  if (has_groups(entry) && is_listed(list, "select_group_by"))
    root.fields.push_back(group_field(entry, root_name(entry, "select_group_by", entry.base + "_group_by"),
                                      "fetch aggregated fields of groups of rows from the table: \"" + table + "\""));
  if (!entry.table->options.allow_aggregations || !is_listed(list, "select_aggregate")) return;
  Field aggregate = std::move(rows);
  aggregate.name = root_name(entry, "select_aggregate", entry.base + "_aggregate");
  aggregate.description = "fetch aggregated fields from the table: \"" + table + "\"";
  aggregate.kind = FieldKind::Aggregate;
  aggregate.type = required(&type_named(NamedKind::Object, entry.base + "_aggregate"));
  root.fields.push_back(std::move(aggregate));
}

} // namespace gqlsvl::graphql::schema
