// Functions as root fields, and computed fields.
//
// A root field exists where the role sees the table whose rows the function returns, a computed field where the role may read the whole row
// that the function takes. Tables and columns win a clash of names; so does the computed field over an automatic relationship.
// Source: docs/dialect.md, section 8.
#include "graphql/schema/builder.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

namespace {

using catalog::FunctionUse;

// The name of a root field: as for tables.
std::string root_field_name(const catalog::Function &function) {
  if (!function.field.empty()) return function.field;
  return function.schema == "public" ? function.name : function.schema + "_" + function.name;
}

bool reads_all(const TableEntry &entry) {
  const auto &columns = entry.table->columns;
  return std::all_of(columns.begin(), columns.end(), [](const catalog::Column &column) { return column.can_select; });
}

std::string quoted(const std::string &name) { return "\"" + name + "\""; }

} // namespace

bool Builder::has_scalars(const catalog::Function &function) const {
  for (std::size_t i = 0; i < function.arguments.size(); ++i)
    if (function.takes(i) && !has_scalar(*function.arguments[i].type)) return false;
  return !function.scalar || has_scalar(*function.scalar);
}

void Builder::find_functions() {
  for (const catalog::Function &function : schema_->model->functions) {
    if (!has_scalars(function)) continue;
    if (function.use == FunctionUse::ComputedField)
      add_computed(function);
    else
      add_function(function);
  }
}

void Builder::add_function(const catalog::Function &function) {
  TableEntry *entry = entry_of(function.rows_of);
  FunctionEntry added{&function, root_field_name(function), "", nullptr};
  if (!entry || entry->selectable.empty() || !is_valid_name(added.name) || is_root_field_of_table(added.name)) return;
  const bool aggregated = function.returns_set && function.use == FunctionUse::Query;
  const std::string aggregate = added.name + "_aggregate";
  if (by_root_name_.count(added.name) || (aggregated && (by_root_name_.count(aggregate) || is_root_field_of_table(aggregate)))) return;
  if (function.takes_any()) {
    added.arguments_type = added.name + "_args";
    if (!names_->take(added.arguments_type)) return;
    by_arguments_type_[added.arguments_type] = entry;
  }
  by_root_name_[added.name] = entry;
  if (aggregated) by_root_name_[aggregate] = entry;
  entry->functions.push_back(std::move(added));
}

// Whether a table's root field has this name, by itself or with an override's.
bool Builder::is_root_field_of_table(const std::string &name) const {
  if (is_reserved_name(name) || names_->is_taken(name)) return true;
  return std::any_of(std::begin(mutation_prefixes), std::end(mutation_prefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix) && names_->is_taken(name.substr(prefix.size())); });
}

void Builder::add_computed(const catalog::Function &function) {
  TableEntry *entry = entry_of(function.table), *target = entry_of(function.rows_of);
  if (!entry || entry->selectable.empty() || !reads_all(*entry)) return;
  if (function.rows_of != 0 && (!target || target->selectable.empty())) return;
  FunctionEntry added{&function, function.field, "", nullptr};
  if (!is_valid_column_name(added.name) || entry->taken.count(added.name)) return;
  if (function.takes_any()) {
    added.arguments_type = added.name + "_" + entry->base + "_args";
    if (!names_->take(added.arguments_type)) return;
    by_arguments_type_[added.arguments_type] = entry;
  }
  entry->taken.insert(added.name);
  if (target) {
    auto rows = std::make_unique<Relationship>();
    rows->name = added.name;
    rows->array = true;
    rows->from = entry->table;
    rows->to = target->table;
    rows->function = &function;
    added.rows = rows.get();
    schema_->relationships.push_back(std::move(rows));
  }
  entry->computed.push_back(std::move(added));
}

// `args`, for a function that takes some: optional where each of them has a default.
std::optional<InputValue> Builder::function_arguments(const FunctionEntry &entry) {
  if (!entry.takes_arguments()) return std::nullopt;
  const catalog::Function &function = *entry.function;
  NamedType &type = type_named(NamedKind::Input, entry.arguments_type);
  if (!type.complete) {
    add_type(NamedKind::Input, entry.arguments_type, "input parameters for function " + quoted(function.name));
    int unnamed = 0;
    for (std::size_t i = 0; i < function.arguments.size(); ++i) {
      if (!function.takes(i)) continue;
      const catalog::FunctionArgument &argument = function.arguments[i];
      const std::string name = is_valid_name(argument.name) ? argument.name : "arg_" + std::to_string(++unnamed);
      type.inputs.push_back(make_input(name, "", InputKind::Argument, column_type(*argument.type)));
      type.inputs.back().argument = i;
    }
  }
  bool optional = true;
  for (const InputValue &input : type.inputs) optional = optional && function.arguments[input.argument].has_default;
  return make_input("args", "input parameters for function " + quoted(function.name), InputKind::Arguments,
                    optional ? named(&type) : required(&type));
}

// `mutations` null: only what reads.
void Builder::add_function_fields(const TableEntry &entry, NamedType &queries, NamedType *mutations) {
  for (const FunctionEntry &added : entry.functions) {
    const catalog::Function &function = *added.function;
    const bool changes = function.use == FunctionUse::Mutation;
    if (changes && !mutations) continue;
    const NamedType *object = &type_named(NamedKind::Object, entry.base);
    Field field;
    field.name = added.name;
    field.description = function.comment;
    if (function.comment.empty())
      field.description = std::string(function.is_volatile ? "execute VOLATILE function " : "execute function ") + quoted(function.name) +
                          " which returns " + quoted(entry.table->name);
    field.kind = changes ? FieldKind::Call : function.returns_set ? FieldKind::Rows : FieldKind::Row;
    field.table = entry.table;
    field.function = &function;
    field.type = function.returns_set ? required_list_of(object) : named(object);
    field.arguments = table_arguments(entry.base);
    if (auto arguments = function_arguments(added)) field.arguments.push_back(std::move(*arguments));
    if (!changes && function.returns_set && entry.table->options.allow_aggregations) {
      Field aggregate = field;
      aggregate.name += "_aggregate";
      aggregate.description =
          "execute function " + quoted(function.name) + " and query aggregates on result of table type " + quoted(entry.table->name);
      aggregate.kind = FieldKind::Aggregate;
      aggregate.type = required(&type_named(NamedKind::Object, entry.base + "_aggregate"));
      queries.fields.push_back(std::move(aggregate));
    }
    (changes ? *mutations : queries).fields.push_back(std::move(field));
  }
}

void Builder::add_computed_fields(const TableEntry &entry, NamedType &object) {
  for (const FunctionEntry &added : entry.computed) {
    const catalog::Function &function = *added.function;
    Field field;
    field.name = added.name;
    field.description = function.comment.empty() ? "A computed field, executes function " + quoted(function.name) : function.comment;
    field.function = &function;
    if (added.rows) {
      const std::string &target = entry_of(added.rows->to->oid)->base;
      field.kind = FieldKind::ArrayRelationship;
      field.table = added.rows->to;
      field.relationship = added.rows;
      field.type = list_of(&type_named(NamedKind::Object, target));
      field.arguments = table_arguments(target);
    } else {
      field.kind = FieldKind::Computed;
      field.table = entry.table;
      field.type = column_type(*function.scalar);
      if (is_json(*function.scalar))
        field.arguments = {make_input("path", "JSON select path", InputKind::Path, named(plain_scalar("String")))};
    }
    if (auto arguments = function_arguments(added)) field.arguments.push_back(std::move(*arguments));
    object.fields.push_back(std::move(field));
  }
}

void Builder::add_computed_filters(const TableEntry &entry, NamedType &where) {
  for (const FunctionEntry &added : entry.computed) {
    if (added.takes_arguments()) continue;
    InputValue value = make_input(added.name, "", InputKind::Computed, {});
    value.function = added.function;
    if (added.rows) {
      value.kind = InputKind::ArrayRelationship;
      value.relationship = added.rows;
      value.type = named(&type_named(NamedKind::Input, entry_of(added.rows->to->oid)->base + "_bool_exp"));
    } else {
      value.type = named(comparison(*added.function->scalar));
    }
    where.inputs.push_back(std::move(value));
  }
}

void Builder::add_computed_orders(const TableEntry &entry, NamedType &order_by) {
  for (const FunctionEntry &added : entry.computed) {
    if (added.takes_arguments() || (added.rows && !added.rows->to->options.allow_aggregations)) continue;
    InputValue value = make_input(added.name, "", InputKind::Computed, named(order_by_enum()));
    value.function = added.function;
    if (added.rows) {
      value.name += "_aggregate";
      value.kind = InputKind::ArrayAggregate;
      value.relationship = added.rows;
      value.type = named(aggregate_order_by(*entry_of(added.rows->to->oid)));
    }
    order_by.inputs.push_back(std::move(value));
  }
}

} // namespace gqlsvl::graphql::schema
