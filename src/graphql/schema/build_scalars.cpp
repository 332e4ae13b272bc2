// Scalars of column types, their comparison inputs, and the enum order_by.
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

const NamedType *Builder::scalar(const catalog::Type &type) {
  std::string name = scalar_name(type);
  auto known = types_.find(name);
  const bool taken =
      bases_.count(name) || is_made_from(name, bases_) || (known != types_.end() && known->second->kind != NamedKind::Scalar);
  NamedType &scalar = type_named(NamedKind::Scalar, taken ? name + "_scalar" : name);
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
  const std::string label = value.list ? value.type->name + "_array" : value.type->name, name = label + "_comparison_exp";
  if (auto known = types_.find(name); known != types_.end()) return known->second;
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
  return &input;
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
