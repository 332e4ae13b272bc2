// A catalog made by hand, as load.cpp would read it for a role with all rights: table "order" ("id" int, "select" text, "Upper" numeric,
// tags text[], meta jsonb, docs jsonb[], mood a_type without operators, customer_id int) with a foreign key to customer (id int, name
// text).
#pragma once
#include "catalog/model.h"

namespace gqlsvl::test {

constexpr catalog::Oid int4 = 23, text = 25, numeric = 1700, jsonb = 3802, text_array = 1009, jsonb_array = 3807, mood = 90001;

inline std::string operator_of(const char *name) { return std::string("OPERATOR(pg_catalog.") + name + ")"; }

inline catalog::Type &add_type(catalog::Model &model, catalog::Oid oid, const std::string &name, catalog::Oid array = 0) {
  auto type = std::make_unique<catalog::Type>();
  type->oid = oid;
  type->schema = "pg_catalog";
  type->name = name;
  type->array = array;
  type->eq = operator_of("=");
  type->ne = operator_of("<>");
  type->lt = operator_of("<");
  type->le = operator_of("<=");
  type->gt = operator_of(">");
  type->ge = operator_of(">=");
  return *(model.types[oid] = std::move(type));
}

inline catalog::Type &add_array(catalog::Model &model, catalog::Oid oid, const std::string &name, catalog::Oid element) {
  catalog::Type &type = add_type(model, oid, name);
  type.kind = catalog::TypeKind::Array;
  type.element = element;
  return type;
}

inline catalog::Table &add_table(catalog::Model &model, catalog::Oid oid, const std::string &schema, const std::string &name,
                                 const std::vector<std::pair<std::string, catalog::Oid>> &columns) {
  auto table = std::make_unique<catalog::Table>();
  table->oid = oid;
  table->schema = schema;
  table->name = name;
  table->can_select = table->can_insert = table->can_update = table->can_delete = true;
  for (const auto &[column_name, type] : columns) {
    catalog::Column column;
    column.attnum = static_cast<std::int16_t>(table->columns.size() + 1);
    column.name = column_name;
    column.type = model.types.at(type).get();
    column.can_select = column.can_insert = column.can_update = true;
    table->columns.push_back(column);
  }
  table->keys.push_back({name + "_pkey", true, false, {1}});
  table->columns[0].not_null = true;
  model.tables.push_back(std::move(table));
  return *model.tables.back();
}

inline std::shared_ptr<const catalog::Model> test_model() {
  auto model = std::make_shared<catalog::Model>();
  add_type(*model, int4, "int4", 1007);
  add_type(*model, text, "text", text_array);
  add_type(*model, numeric, "numeric", 1231);
  add_type(*model, jsonb, "jsonb", jsonb_array);
  add_array(*model, text_array, "_text", text);
  add_array(*model, jsonb_array, "_jsonb", jsonb);
  catalog::Type &plain = add_type(*model, mood, "mood");
  plain.schema = "odd \"schema";
  plain.eq = plain.ne = plain.lt = plain.le = plain.gt = plain.ge = "";
  add_table(*model, 80001, "public", "customer", {{"id", int4}, {"name", text}});
  catalog::Table &order = add_table(*model, 80002, "public", "order",
                                    {{"id", int4},
                                     {"select", text},
                                     {"Upper", numeric},
                                     {"tags", text_array},
                                     {"meta", jsonb},
                                     {"docs", jsonb_array},
                                     {"mood", mood},
                                     {"customer_id", int4}});
  order.foreign_keys.push_back({"order_customer_id_fkey", {8}, 80001, {1}});
  return model;
}

} // namespace gqlsvl::test
