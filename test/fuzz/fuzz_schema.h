// A schema as the catalogs give it: person (id, name, boss_id) with relationships to itself, thing (every class of scalar) with one to
// person.
#pragma once
#include "graphql/schema/build.h"

namespace gqlsvl::graphql::fuzz {

class ModelMaker {
public:
  catalog::Table &table(const std::string &name) {
    model_->tables.push_back(std::make_unique<catalog::Table>());
    catalog::Table &table = *model_->tables.back();
    table.oid = static_cast<catalog::Oid>(1000 + model_->tables.size());
    table.schema = "public";
    table.name = name;
    table.can_select = table.can_insert = table.can_update = table.can_delete = true;
    return table;
  }
  const catalog::Type &type(const std::string &name) {
    for (const auto &[oid, known] : model_->types)
      if (known->name == name) return *known;
    catalog::Type &scalar = add(name, catalog::TypeKind::Base);
    catalog::Type &array = add("_" + name, catalog::TypeKind::Array);
    array.element = scalar.oid;
    scalar.array = array.oid;
    return scalar;
  }
  void column(catalog::Table &table, const std::string &name, const catalog::Type &type, bool not_null = false) {
    catalog::Column column;
    column.attnum = static_cast<std::int16_t>(table.columns.size() + 1);
    column.name = name;
    column.type = &type;
    column.not_null = not_null;
    column.can_select = column.can_insert = column.can_update = true;
    table.columns.push_back(column);
  }
  std::shared_ptr<const catalog::Model> take() { return std::move(model_); }
  const catalog::Type &array_of(const std::string &name) { return *model_->types.at(type(name).array); }

private:
  catalog::Type &add(const std::string &name, catalog::TypeKind kind) {
    const auto oid = static_cast<catalog::Oid>(1 + model_->types.size());
    auto &type = *(model_->types[oid] = std::make_unique<catalog::Type>());
    type.oid = oid;
    type.schema = "pg_catalog";
    type.name = name;
    type.kind = kind;
    type.eq = "OPERATOR(pg_catalog.=)";
    type.ne = "OPERATOR(pg_catalog.<>)";
    type.lt = "OPERATOR(pg_catalog.<)";
    type.le = "OPERATOR(pg_catalog.<=)";
    type.gt = "OPERATOR(pg_catalog.>)";
    type.ge = "OPERATOR(pg_catalog.>=)";
    return type;
  }
  std::shared_ptr<catalog::Model> model_ = std::make_shared<catalog::Model>();
};

inline const schema::Schema &fuzz_schema() {
  static const std::shared_ptr<const schema::Schema> schema = [] {
    ModelMaker maker;
    catalog::Table &person = maker.table("person"), &thing = maker.table("thing");
    maker.column(person, "id", maker.type("int4"), true);
    maker.column(person, "name", maker.type("text"), true);
    maker.column(person, "boss_id", maker.type("int4"));
    person.keys = {{"person_pkey", true, false, {1}}};
    person.foreign_keys = {{"boss", {3}, person.oid, {1}}};
    maker.column(thing, "id", maker.type("int8"), true);
    maker.column(thing, "owner_id", maker.type("int4"), true);
    for (const char *name : {"int2", "numeric", "float8", "bool", "varchar", "uuid", "jsonb", "timestamptz"})
      maker.column(thing, name, maker.type(name));
    maker.column(thing, "tags", maker.array_of("text"));
    thing.keys = {{"thing_pkey", true, false, {1}}};
    thing.foreign_keys = {{"owner", {2}, person.oid, {1}}};
    return schema::build_schema(maker.take());
  }();
  return *schema;
}

} // namespace gqlsvl::graphql::fuzz
