// Names of tables and scalars: no two types of a schema are called the same, whatever the tables and types are called.
// Dialect: D8-public D8-invalid
#include "graphql/schema/build.h"
#include "graphql/schema/table_names.h"
#include "graphql/validation/scalars.h"

#include <gtest/gtest.h>

#include <set>

namespace gqlsvl::graphql::schema {
namespace {

class Names : public ::testing::Test {
protected:
  catalog::Table &table(const std::string &schema, const std::string &name) {
    model->tables.push_back(std::make_unique<catalog::Table>());
    catalog::Table &added = *model->tables.back();
    added.oid = static_cast<catalog::Oid>(model->tables.size());
    added.schema = schema;
    added.name = name;
    added.can_select = true;
    return added;
  }
  catalog::Type &type(const std::string &schema, const std::string &name, catalog::TypeKind kind = catalog::TypeKind::Base) {
    const auto oid = static_cast<catalog::Oid>(100 + model->types.size());
    auto &added = *(model->types[oid] = std::make_unique<catalog::Type>());
    added.oid = oid;
    added.schema = schema;
    added.name = name;
    added.kind = kind;
    return added;
  }
  void column(catalog::Table &table, const std::string &name, const catalog::Type &type) {
    catalog::Column column;
    column.attnum = static_cast<std::int16_t>(table.columns.size() + 1);
    column.name = name;
    column.type = &type;
    column.can_select = column.can_insert = true;
    table.columns.push_back(column);
  }
  std::string base_of(const catalog::Table &asked) const {
    std::vector<const catalog::Table *> all;
    for (const auto &one : model->tables) all.push_back(one.get());
    const TableNames names(all, model->enum_tables);
    const std::string *base = names.base_of(asked);
    return base ? *base : "left out";
  }
  std::shared_ptr<catalog::Model> model = std::make_shared<catalog::Model>();
};

TEST_F(Names, ATableKeepsItsPlainName) {
  catalog::Table &orders = table("public", "orders"), &shop = table("shop", "orders");
  EXPECT_EQ(base_of(orders), "orders");
  EXPECT_EQ(base_of(shop), "shop_orders");
}

TEST_F(Names, ATableCalledAsAnotherOnesTypeOrFieldGetsASuffix) {
  table("public", "orders");
  for (const char *name : {"orders_aggregate", "orders_by_pk", "orders_one", "orders_bool_exp"})
    EXPECT_EQ(base_of(table("public", name)), std::string(name) + "_table");
}

TEST_F(Names, TheOrderOfTheTablesDoesNotMatter) {
  catalog::Table &aggregate = table("public", "orders_aggregate");
  table("public", "orders");
  EXPECT_EQ(base_of(aggregate), "orders_aggregate_table");
}

TEST_F(Names, OfEqualNamesSchemaPublicCounts) {
  catalog::Table &in_shop = table("shop", "orders"), &in_public = table("public", "shop_orders");
  EXPECT_EQ(base_of(in_public), "shop_orders");
  EXPECT_EQ(base_of(in_shop), "shop_orders_table");
}

TEST_F(Names, TheSuffixIsRepeatedUntilTheNameIsFree) {
  catalog::Table &string = table("public", "String");
  table("public", "String_table");
  EXPECT_EQ(base_of(string), "String_table_table");
}

TEST_F(Names, NamesOfGraphQLAndInvalidNamesAreNotTables) {
  for (const char *name : {"Int", "query_root", "order_by", "Int_comparison_exp"})
    EXPECT_EQ(base_of(table("public", name)), std::string(name) + "_table");
  for (const char *name : {"odd table", "__hidden", "9lives", "kebab-case"}) EXPECT_EQ(base_of(table("public", name)), "left out");
}

TEST_F(Names, OfEqualScalarsPostgresOwnKeepsTheName) {
  catalog::Table &one = table("public", "one");
  column(one, "own", type("pg_catalog", "jsonb"));
  column(one, "theirs", type("public", "jsonb", catalog::TypeKind::Enum));
  column(one, "text", type("public", "Int", catalog::TypeKind::Domain));
  const auto schema = build_schema(model);
  const NamedType *object = schema->type("one");
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(object->field("own")->type.to_string(), "jsonb");
  EXPECT_EQ(object->field("theirs")->type.to_string(), "public_jsonb");
  EXPECT_EQ(object->field("text")->type.to_string(), "public_Int");
  EXPECT_EQ(validation::classify(*schema, *object->field("own")->type.type), validation::ScalarClass::Json);
  EXPECT_EQ(validation::classify(*schema, *object->field("theirs")->type.type), validation::ScalarClass::String);
}

TEST_F(Names, AScalarMakesWayForATable) {
  catalog::Table &one = table("public", "one");
  column(one, "when", type("pg_catalog", "date"));
  column(table("public", "date"), "id", type("pg_catalog", "int4"));
  const auto schema = build_schema(model);
  EXPECT_EQ(schema->type("date")->kind, NamedKind::Object);
  EXPECT_EQ(schema->type("one")->field("when")->type.to_string(), "date_scalar");
}

TEST_F(Names, ColumnsCalledAsOperatorsOrLiteralsDoNotBreakTheInputs) {
  catalog::Table &one = table("public", "one");
  catalog::Type &text = type("pg_catalog", "text");
  for (const char *name : {"_and", "true", "null", "on"}) column(one, name, text);
  const auto schema = build_schema(model);
  std::multiset<std::string> inputs, values;
  for (const InputValue &input : schema->type("one_bool_exp")->inputs) inputs.insert(input.name);
  for (const EnumValue &value : schema->type("one_select_column")->values) values.insert(value.name);
  EXPECT_EQ(inputs, (std::multiset<std::string>{"_and", "_not", "_or", "on"}));
  EXPECT_EQ(values, (std::multiset<std::string>{"_and", "on"}));
}

TEST_F(Names, EveryTypeIsListedOnce) {
  catalog::Table &one = table("public", "one");
  column(one, "id", type("pg_catalog", "int4"));
  column(one, "name", type("pg_catalog", "text"));
  const auto schema = build_schema(model);
  std::set<std::string> seen;
  for (const auto &named : schema->types) EXPECT_TRUE(seen.insert(named->name).second) << named->name;
}

} // namespace
} // namespace gqlsvl::graphql::schema
