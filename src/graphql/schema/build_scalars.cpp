// Scalars of column types, enums of tables' rows, their comparison inputs, and the enum order_by.
#include "graphql/schema/builder.h"

namespace gqlsvl::graphql::schema {

namespace {

const catalog::Type *element_of(const catalog::Model &model, const catalog::Type &type) {
  if (type.kind != catalog::TypeKind::Array) return &type;
  auto found = model.types.find(type.element);
  return found == model.types.end() ? nullptr : found->second.get();
}

} // namespace

bool Builder::has_scalar(const catalog::Type &type) const {
  const catalog::Type *element = element_of(*schema_->model, type);
  return element && is_valid_name(scalar_name(*element));
}

const NamedType *Builder::plain_scalar(const std::string &name) { return &type_named(NamedKind::Scalar, name); }

// Of several types with one name Postgres's own keeps it, else the first by schema; the others are named with their schema.
void Builder::own_scalar_names() {
  auto weight = [](const catalog::Type &type) { return std::pair(type.schema != "pg_catalog", std::string_view(type.schema)); };
  for (const auto &[oid, type] : schema_->model->types) {
    auto [owner, is_new] = scalar_owners_.try_emplace(scalar_name(*type), type.get());
    if (!is_new && weight(*type) < weight(*owner->second)) owner->second = type.get();
  }
}

const NamedType *Builder::scalar(const catalog::Type &type) {
  std::string name = scalar_name(type);
  const bool own = type.schema == "pg_catalog" || (scalar_owners_.at(name) == &type && !is_reserved_name(name));
  if (!own) name = type.schema + "_" + name;
  NamedType &scalar = type_named(NamedKind::Scalar, names_->is_taken(name) ? name + "_scalar" : name);
  if (!scalar.scalar) scalar.scalar = &type;
  return &scalar;
}

TypeRef Builder::column_type(const catalog::Type &type) {
  const catalog::Type *element = element_of(*schema_->model, type);
  const NamedType *named_type = scalar(*element);
  return element == &type ? named(named_type) : list_of(named_type);
}

const NamedType *Builder::comparison(const catalog::Type &type) {
  const TypeRef value = column_type(type);
  std::string label = value.type->name;
  if (value.list) label += scalar_owners_.count(label + "_array") ? "_list" : "_array"; // a scalar may be called text_array
  const std::string name = label + "_comparison_exp";
  if (auto known = types_.find(name); known != types_.end() && known->second->complete) return known->second;
  NamedType &input =
      add_type(NamedKind::Input, name,
               "Boolean expression to compare columns of type \"" + label + "\". All fields are combined with logical 'AND'.");
  auto add = [&](const char *op, TypeRef argument) {
    InputValue compare;
    compare.name = op;
    compare.type = argument;
    compare.kind = InputKind::Comparison;
    input.inputs.push_back(std::move(compare));
  };
  add("_is_null", named(plain_scalar("Boolean")));
  if (!type.eq.empty()) {
    for (const char *op : {"_eq", "_neq"}) add(op, value);
    if (!value.list && type.array != 0)
      for (const char *op : {"_in", "_nin"}) add(op, list_of(value.type));
  }
  if (!type.lt.empty())
    for (const char *op : {"_gt", "_gte", "_lt", "_lte"}) add(op, value);
  if (is_text(type))
    for (const char *op : {"_like", "_nlike", "_ilike", "_nilike", "_similar", "_nsimilar", "_regex", "_nregex", "_iregex", "_niregex"})
      add(op, value);
  if (value.list && !type.eq.empty())
    for (const char *op : {"_contains", "_contained_in"}) add(op, value);
  if (is_jsonb(type)) add_jsonb_operators(input, value.type);
  return &input;
}

const NamedType *Builder::enum_of_rows(const catalog::EnumTable &table) {
  NamedType &type = add_type(NamedKind::Enum, names_->enum_name(table.oid));
  if (!type.values.empty()) return &type;
  type.of_rows = true;
  for (const auto &[value, comment] : table.values)
    if (is_valid_column_name(value)) type.values.push_back(EnumValue{value, comment, nullptr, nullptr});
  return &type;
}

TypeRef Builder::column_type(const catalog::Column &column) {
  return is_enum(column) ? named(enum_of_rows(*column.enum_table)) : column_type(*column.type);
}

const NamedType *Builder::comparison(const catalog::Column &column) {
  if (!is_enum(column)) return comparison(*column.type);
  const NamedType *values = enum_of_rows(*column.enum_table);
  NamedType &input =
      add_type(NamedKind::Input, values->name + "_comparison_exp",
               "Boolean expression to compare columns of type \"" + values->name + "\". All fields are combined with logical 'AND'.");
  if (!input.inputs.empty()) return &input;
  for (const char *op : {"_eq", "_neq"}) input.inputs.push_back(make_input(op, "", InputKind::Comparison, named(values)));
  for (const char *op : {"_in", "_nin"}) input.inputs.push_back(make_input(op, "", InputKind::Comparison, list_of(values)));
  input.inputs.push_back(make_input("_is_null", "", InputKind::Comparison, named(plain_scalar("Boolean"))));
  return &input;
}

void Builder::add_jsonb_operators(NamedType &jsonb_comparison, const NamedType *jsonb) {
  const NamedType *string = plain_scalar("String");
  const std::pair<const char *, TypeRef> operators[] = {{"_contains", named(jsonb)},         {"_contained_in", named(jsonb)},
                                                        {"_has_key", named(string)},         {"_has_keys_any", list_of(string)},
                                                        {"_has_keys_all", list_of(string)},  {"_jsonb_path_exists", named(string)},
                                                        {"_jsonb_path_match", named(string)}};
  for (const auto &[op, argument] : operators) jsonb_comparison.inputs.push_back(make_input(op, "", InputKind::Comparison, argument));
  NamedType &cast = add_type(NamedKind::Input, "jsonb_cast_exp");
  if (cast.inputs.empty()) cast.inputs.push_back(make_input("String", "", InputKind::Cast, named(comparison(text_type()))));
  jsonb_comparison.inputs.push_back(make_input("_cast", "", InputKind::Cast, named(&cast)));
}

const NamedType *Builder::order_by_enum() {
  NamedType &order = add_type(NamedKind::Enum, "order_by", "column ordering options");
  if (!order.values.empty()) return &order;
  auto add = [&](const char *name, const char *description) { order.values.push_back(EnumValue{name, description, nullptr}); };
  add("asc", "in ascending order, nulls last");
  add("asc_nulls_first", "in ascending order, nulls first");
  add("asc_nulls_last", "in ascending order, nulls last");
  add("desc", "in descending order, nulls first");
  add("desc_nulls_first", "in descending order, nulls first");
  add("desc_nulls_last", "in descending order, nulls last");
  return &order;
}

} // namespace gqlsvl::graphql::schema
