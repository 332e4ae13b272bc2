// A schema made by hand, in the shape the dialect gives: table orders (id bigint, status text, total numeric, qty int, is_paid bool, meta
// jsonb, tags text[], customer_id int) with an object relationship to customers (id int, name text) and an array relationship back.
#pragma once
#include "graphql/schema/introspection_types.h"

#include <algorithm>

namespace gqlsvl::graphql::test {

class SchemaBuilder {
public:
  schema::NamedType &type(schema::NamedKind kind, const std::string &name) {
    auto owned = std::make_unique<schema::NamedType>();
    owned->kind = kind;
    owned->name = name;
    schema_.by_name[name] = owned.get();
    schema_.types.push_back(std::move(owned));
    return *schema_.types.back();
  }
  schema::TypeRef ref(std::string text) const { // "[orders!]!"
    schema::TypeRef out;
    auto take = [&](char c) { return text.back() == c ? (text.pop_back(), true) : false; };
    out.non_null = take('!');
    if ((out.list = take(']'))) {
      text.erase(0, 1);
      out.item_non_null = take('!');
    }
    out.type = schema_.type(text);
    return out;
  }
  schema::InputValue input(const std::string &name, const std::string &type_text, schema::InputKind kind = schema::InputKind::Plain) const {
    schema::InputValue out;
    out.name = name;
    out.type = ref(type_text);
    out.kind = kind;
    return out;
  }
  schema::Field field(const std::string &name, const std::string &type_text, schema::FieldKind kind,
                      std::vector<schema::InputValue> arguments = {}) const {
    schema::Field out;
    out.name = name;
    out.type = ref(type_text);
    out.kind = kind;
    out.arguments = std::move(arguments);
    return out;
  }
  schema::Schema take() {
    std::sort(schema_.types.begin(), schema_.types.end(), [](const auto &a, const auto &b) { return a->name < b->name; });
    for (auto &type : schema_.types) {
      auto by_name = [](const auto &a, const auto &b) { return a.name < b.name; };
      std::sort(type->fields.begin(), type->fields.end(), by_name);
      std::sort(type->inputs.begin(), type->inputs.end(), by_name);
    }
    return std::move(schema_);
  }
  schema::Schema &schema() { return schema_; }

private:
  schema::Schema schema_;
};

inline void add_comparison(SchemaBuilder &b, const std::string &scalar) {
  using schema::InputKind;
  auto &type = b.type(schema::NamedKind::Input, scalar + "_comparison_exp");
  for (const char *op : {"_eq", "_gt"}) type.inputs.push_back(b.input(op, scalar, InputKind::Comparison));
  type.inputs.push_back(b.input("_in", "[" + scalar + "!]", InputKind::Comparison));
  type.inputs.push_back(b.input("_is_null", "Boolean", InputKind::Comparison));
}

inline std::vector<schema::InputValue> table_arguments(const SchemaBuilder &b, const std::string &table) {
  using schema::InputKind;
  return {b.input("distinct_on", "[" + table + "_select_column!]", InputKind::DistinctOn), b.input("limit", "Int", InputKind::Limit),
          b.input("offset", "Int", InputKind::Offset), b.input("order_by", "[" + table + "_order_by!]", InputKind::OrderBy),
          b.input("where", table + "_bool_exp", InputKind::Where)};
}

inline void add_columns(SchemaBuilder &b, const std::string &table, const std::vector<std::pair<std::string, std::string>> &columns) {
  using schema::FieldKind, schema::InputKind, schema::NamedKind;
  b.type(NamedKind::Object, table).description = "columns and relationships of \"" + table + "\"";
  auto &where = b.type(NamedKind::Input, table + "_bool_exp");
  auto &order = b.type(NamedKind::Input, table + "_order_by");
  auto &insert = b.type(NamedKind::Input, table + "_insert_input");
  auto &select_column = b.type(NamedKind::Enum, table + "_select_column");
  auto *object = const_cast<schema::NamedType *>(b.schema().type(table));
  where.inputs = {b.input("_and", "[" + table + "_bool_exp!]", InputKind::And), b.input("_not", table + "_bool_exp", InputKind::Not),
                  b.input("_or", "[" + table + "_bool_exp!]", InputKind::Or)};
  for (const auto &[name, type] : columns) {
    std::string scalar = type; // [String!] -> String_array: compared by element here
    std::erase_if(scalar, [](char c) { return c == '[' || c == ']' || c == '!'; });
    object->fields.push_back(b.field(name, type, FieldKind::Column));
    where.inputs.push_back(b.input(name, scalar + "_comparison_exp", InputKind::Column));
    order.inputs.push_back(b.input(name, "order_by", InputKind::Column));
    insert.inputs.push_back(b.input(name, type, InputKind::Column));
    select_column.values.push_back({name, {}, nullptr});
  }
}

inline schema::Schema test_schema() {
  using schema::FieldKind, schema::InputKind, schema::NamedKind;
  SchemaBuilder b;
  schema::add_introspection_types(b.schema());
  for (const char *scalar : {"bigint", "numeric", "jsonb", "uuid", "smallint"}) b.type(NamedKind::Scalar, scalar);
  for (const char *scalar : {"Int", "String", "Boolean", "Float", "bigint", "numeric", "jsonb", "uuid", "smallint"})
    add_comparison(b, scalar);
  b.type(NamedKind::Enum, "order_by").values = {{"asc", "", nullptr}, {"desc", "", nullptr}};
  add_columns(b, "customers", {{"id", "Int"}, {"name", "String"}});
  add_columns(b, "orders",
              {{"customer_id", "Int"},
               {"id", "bigint"},
               {"is_paid", "Boolean"},
               {"key", "uuid"},
               {"meta", "jsonb"},
               {"qty", "Int"},
               {"ratio", "Float"},
               {"small", "smallint"},
               {"status", "String"},
               {"tags", "[String!]"},
               {"total", "numeric"}});
  auto mutable_type = [&](const char *name) { return const_cast<schema::NamedType *>(b.schema().type(name)); };
  mutable_type("orders")->fields.push_back(b.field("customer", "customers!", FieldKind::ObjectRelationship));
  mutable_type("orders_bool_exp")->inputs.push_back(b.input("customer", "customers_bool_exp", InputKind::ObjectRelationship));
  mutable_type("customers")->fields.push_back(b.field("orders", "[orders!]!", FieldKind::ArrayRelationship, table_arguments(b, "orders")));
  mutable_type("customers_bool_exp")->inputs.push_back(b.input("orders", "orders_bool_exp", InputKind::ArrayRelationship));

  auto &response = b.type(NamedKind::Object, "orders_mutation_response");
  response.fields = {b.field("affected_rows", "Int!", FieldKind::AffectedRows), b.field("returning", "[orders!]!", FieldKind::Returning)};
  auto &query = b.type(NamedKind::Object, "query_root");
  query.fields = {b.field("customers", "[customers!]!", FieldKind::Rows, table_arguments(b, "customers")),
                  b.field("orders", "[orders!]!", FieldKind::Rows, table_arguments(b, "orders")),
                  b.field("orders_by_pk", "orders", FieldKind::ByPk, {b.input("id", "bigint!", InputKind::PkColumn)})};
  auto &required = b.type(NamedKind::Input, "required_input");
  required.inputs = {b.input("needed", "Int!"), b.input("other", "Int")};
  auto &mutation = b.type(NamedKind::Object, "mutation_root");
  mutation.fields = {
      b.field("delete_orders", "orders_mutation_response", FieldKind::Delete, {b.input("where", "orders_bool_exp!", InputKind::Where)}),
      b.field("insert_orders", "orders_mutation_response", FieldKind::Insert,
              {b.input("objects", "[orders_insert_input!]!", InputKind::Objects)}),
      b.field("required", "orders_mutation_response", FieldKind::Update, {b.input("input", "required_input!")})};
  auto &subscription = b.type(NamedKind::Object, "subscription_root");
  subscription.fields = query.fields;
  b.schema().query = b.schema().type("query_root");
  b.schema().mutation = b.schema().type("mutation_root");
  b.schema().subscription = b.schema().type("subscription_root");
  return b.take();
}

} // namespace gqlsvl::graphql::test
