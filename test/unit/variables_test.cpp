// Variables: what JSON each type takes, what comes out, and the words for what is refused.
// Dialect: D1-list-of-one D4.1-null D5-int D5-bad-values D9-operation D9-variables D9-enum-variables
#include "graphql/language/parser.h"
#include "graphql/validation/collect.h"
#include "graphql/validation/operation.h"
#include "graphql/validation/scalars.h"
#include "graphql/validation/validate.h"
#include "test_schema.h"

#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::graphql;

namespace {

const schema::Schema &shared_schema() {
  static const schema::Schema schema = test::test_schema();
  return schema;
}

language::Document parsed(const std::string &text) {
  GraphQLError error;
  auto document = language::parse(text, error);
  EXPECT_TRUE(document) << error.message;
  return document ? *document : language::Document{};
}

// The coerced value of $v as JSON, or "error: <message> at <path>".
std::string coerced(const std::string &text, const std::string &variables) {
  const language::Document document = parsed(text);
  for (const GraphQLError &error : validation::validate(shared_schema(), document)) ADD_FAILURE() << error.message;
  json::ParseError parse_error;
  const auto given = json::parse(variables, parse_error);
  Errors errors;
  const auto values = validation::coerce_variables(shared_schema(), document, document.operations.at(0), given ? &*given : nullptr, errors);
  EXPECT_EQ(values.has_value(), errors.empty());
  if (!values) return "error: " + errors.at(0).message + " at " + errors.at(0).path;
  const validation::VariableValue *v = values->find("v");
  return v->provided ? json::to_string(v->value) : "not provided";
}
std::string limit(const std::string &variables) { return coerced("query ($v: Int) { orders(limit: $v) { id } }", variables); }
std::string compared(const std::string &type, const std::string &column, const std::string &variables) {
  return coerced("query ($v: " + type + ") { orders(where: {" + column + ": {_eq: $v}}) { id } }", variables);
}

} // namespace

TEST(Variables, MissingNullAndDefault) {
  EXPECT_EQ(limit("{}"), "not provided");
  EXPECT_EQ(limit("null"), "not provided");
  EXPECT_EQ(limit(R"({"v":null})"), "null");
  EXPECT_EQ(coerced("query ($v: Int = 7) { orders(limit: $v) { id } }", "{}"), "7");
  EXPECT_EQ(coerced("query ($v: Int = 7) { orders(limit: $v) { id } }", R"({"v":null})"), "null");
  EXPECT_EQ(coerced("query ($v: bigint!) { orders_by_pk(id: $v) { id } }", "{}"),
            "error: expecting a value for non-nullable variable: \"v\" at $.variables.v");
  EXPECT_EQ(coerced("query ($v: bigint!) { orders_by_pk(id: $v) { id } }", R"({"v":null})"),
            "error: unexpected null value for type 'bigint!' at $.variables.v");
  EXPECT_EQ(coerced("query ($v: bigint = 5) { orders_by_pk(id: $v) { id } }", R"({"v":null})"),
            "error: unexpected null value for type 'bigint' at $.variables.v");
}

TEST(Variables, UnexpectedOnesAreNamed) {
  EXPECT_EQ(limit(R"({"x":1,"y":2})"), "error: unexpected variables in variableValues: x, y at $.variables");
  EXPECT_EQ(limit("[1]"), "error: expected an object for variables, but found a list at $.variables");
}

TEST(Variables, IntegersKeepTheirRange) {
  EXPECT_EQ(limit(R"({"v":2147483647})"), "2147483647");
  EXPECT_EQ(limit(R"({"v":1e3})"), "1000");
  EXPECT_EQ(limit(R"({"v":2.0})"), "2");
  EXPECT_EQ(limit(R"({"v":3000000000})"),
            "error: The value 3.0e9 lies outside the bounds or is not an integer. Maybe it is a float, or is there "
            "integer overflow? at $.variables.v");
  EXPECT_EQ(limit(R"({"v":-1})"), "error: expected a non-negative 32-bit integer for type 'Int', but found an integer at $.variables.v");
  EXPECT_EQ(limit(R"({"v":"1"})"), "error: expected a non-negative 32-bit integer for type 'Int', but found a string at $.variables.v");
  EXPECT_EQ(limit(R"({"v":true})"), "error: expected a 64-bit integer for type 'Int', but found a boolean at $.variables.v");
  EXPECT_EQ(coerced("query ($v: Int) { orders(offset: $v) { id } }", R"({"v":"5000000000"})"), "\"5000000000\"");
  EXPECT_EQ(coerced("query ($v: Int) { orders(offset: $v) { id } }", R"({"v":5000000000})"), "5000000000");
  EXPECT_EQ(coerced("query ($v: Int) { orders(offset: $v) { id } }", R"({"v":1e300})").substr(0, 6), "error:");
}

TEST(Variables, EveryScalarInAColumn) {
  EXPECT_EQ(compared("Int!", "qty", R"({"v":"12"})"), "\"12\"");
  EXPECT_EQ(compared("bigint!", "id", R"({"v":9223372036854775807})"), "9223372036854775807");
  EXPECT_EQ(compared("bigint!", "id", R"({"v":"9223372036854775808"})"), "\"9223372036854775808\""); // Postgres says it
  EXPECT_EQ(compared("bigint!", "id", R"({"v":[1]})"),
            "error: expected a 64-bit integer for type 'bigint', but found a list at $.variables.v");
  EXPECT_EQ(compared("smallint!", "small", R"({"v":7})"), "7");
  EXPECT_EQ(compared("numeric!", "total", R"({"v":12345678901234567890.123400})"), "12345678901234567890.123400");
  EXPECT_EQ(compared("numeric!", "total", R"({"v":false})"),
            "error: expected a number for type 'numeric', but found a boolean at $.variables.v");
  EXPECT_EQ(compared("Float!", "ratio", R"({"v":"NaN"})"), "\"NaN\"");
  EXPECT_EQ(compared("Boolean!", "is_paid", R"({"v":"true"})"), "\"true\"");
  EXPECT_EQ(compared("Boolean!", "is_paid", R"({"v":1})"),
            "error: expected a boolean for type 'Boolean', but found an integer at $.variables.v");
  EXPECT_EQ(compared("String!", "status", R"({"v":"a"})"), "\"a\"");
  EXPECT_EQ(compared("String!", "status", R"({"v":1})"),
            "error: expected a string for type 'String', but found an integer at $.variables.v");
  EXPECT_EQ(compared("uuid!", "key", R"({"v":"not looked at"})"), "\"not looked at\"");
  EXPECT_EQ(compared("uuid!", "key", R"({"v":{}})"), "error: expected a string for type 'uuid', but found an object at $.variables.v");
  EXPECT_EQ(compared("jsonb!", "meta", R"({"v":{"b":[1.50,null],"a":"x"}})"), R"({"b":[1.50,null],"a":"x"})");
}

TEST(Variables, TextHoldsNoZeroCharacterButJsonDoes) {
  EXPECT_EQ(compared("String!", "status", R"({"v":"a\u0000b"})"),
            "error: unexpected character U+0000 in a string for type 'String': Postgres stores none at $.variables.v");
  EXPECT_EQ(compared("jsonb!", "meta", R"({"v":"a\u0000b"})"), R"("a\u0000b")");
}

TEST(Variables, NullIsNotCompared) {
  EXPECT_EQ(compared("bigint", "id", R"({"v":null})"), "error: unexpected null value for type 'bigint' at $.variables.v");
  EXPECT_EQ(compared("bigint", "id", "{}"), "error: unexpected null value for type 'bigint' at $.variables.v");
  EXPECT_EQ(
      coerced("query ($v: bigint, $s: Boolean!) { orders(where: {id: {_eq: $v}}) @skip(if: $s) { id } customers { id } }", R"({"s":true})"),
      "not provided");
  EXPECT_EQ(coerced("query ($v: orders_bool_exp) { orders(where: $v) { id } }", R"({"v":{"id":{"_eq":null}}})"),
            "error: unexpected null value for type 'bigint' at $.variables.v.id._eq");
}

TEST(Variables, BooleansOfDirectivesAreNoStrings) {
  EXPECT_EQ(coerced("query ($v: Boolean!) { orders { id @include(if: $v) } }", R"({"v":"true"})"),
            "error: expected a boolean for type 'Boolean', but found a string at $.variables.v");
}

TEST(Variables, InputObjectsAreCheckedToTheBottom) {
  const std::string document = "query ($v: orders_bool_exp!) { orders(where: $v) { id } }";
  EXPECT_EQ(coerced(document, R"({"v":{"_and":{"id":{"_in":5}},"customer":{"name":{"_eq":"x"}}}})"),
            R"({"_and":[{"id":{"_in":[5]}}],"customer":{"name":{"_eq":"x"}}})");
  EXPECT_EQ(coerced(document, R"({"v":{"customer":{"nam":{}}}})"),
            "error: field 'nam' not found in type: 'customers_bool_exp' at $.variables.v.customer.nam");
  EXPECT_EQ(coerced(document, R"({"v":{"_or":[{},{"qty":{"_eq":2.5}}]}})"),
            "error: The value 2.5 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow? at "
            "$.variables.v._or[1].qty._eq");
  EXPECT_EQ(coerced(document, R"({"v":[]})"), "error: expected an object for type 'orders_bool_exp', but found a list at $.variables.v");
  EXPECT_EQ(coerced(document, R"({"v":{"id":{"_eq":1},"qty":{},"id":{"_eq":2}}})"), R"({"qty":{},"id":{"_eq":2}})");
}

TEST(Variables, EnumsAreStringsOfTheirValues) {
  const std::string document = "query ($v: [orders_order_by!]) { orders(order_by: $v) { id } }";
  EXPECT_EQ(coerced(document, R"({"v":{"id":"asc","qty":null}})"), R"([{"id":"asc","qty":null}])");
  EXPECT_EQ(coerced(document, R"({"v":[{"id":"up"}]})"),
            "error: expected one of the values ['asc', 'desc'] for type 'order_by', but found 'up' at $.variables.v[0].id");
  EXPECT_EQ(coerced(document, R"({"v":[{"id":1}]})"),
            "error: expected an enum value for type 'order_by', but found an integer at $.variables.v[0].id");
  EXPECT_EQ(coerced(document, R"({"v":[null]})"), "error: unexpected null value for type 'orders_order_by!' at $.variables.v[0]");
}

TEST(Variables, ManyItemsOfAList) {
  std::string list = "1";
  for (int i = 0; i < 100000; ++i) list += ",1";
  EXPECT_EQ(coerced("query ($v: [bigint!]) { orders(where: {id: {_in: $v}}) { id } }", "{\"v\":[" + list + "]}"), "[" + list + "]");
}

TEST(Operation, IsChosenByName) {
  const language::Document two = parsed("query A { a } query B { b }"), anonymous = parsed("{ a }");
  GraphQLError error;
  EXPECT_EQ(validation::choose_operation(two, "B", error)->name, "B");
  EXPECT_TRUE(validation::choose_operation(anonymous, "", error));
  EXPECT_FALSE(validation::choose_operation(two, "", error));
  EXPECT_EQ(error.message, "exactly one operation has to be present in the document when operationName is not specified");
  EXPECT_FALSE(validation::choose_operation(two, "C", error));
  EXPECT_EQ(error.message, "no such operation found in the document: \"C\"");
  EXPECT_FALSE(validation::choose_operation(anonymous, "A", error));
  EXPECT_EQ(error.message, "operationName cannot be used when an anonymous operation exists in the document");
}

TEST(Scalars, NumbersAreShownAsTheDialectDoes) {
  EXPECT_EQ(validation::scientific("3000000000"), "3.0e9");
  EXPECT_EQ(validation::scientific("-2.50"), "-2.5");
  EXPECT_EQ(validation::scientific("0.00012"), "1.2e-4");
  EXPECT_EQ(validation::scientific("0"), "0.0");
  EXPECT_EQ(validation::scientific("0.5"), "0.5");
}

static std::string keys(const std::string &text, const std::string &type, const std::string &variables = "{}") {
  const language::Document document = parsed(text);
  json::ParseError parse_error;
  validation::Variables values;
  const json::Value given = *json::parse(variables, parse_error);
  for (const auto &[name, value] : given.members) values.set(name, {value, true});
  std::string out;
  for (const auto &field : validation::collect_fields(document, values, *shared_schema().type(type), document.operations.at(0)))
    out += field.response_key + ":" + field.selection->name + "/" + std::to_string(field.selection_sets.size()) + " ";
  return out;
}

TEST(Collect, MergesInTheOrderOfTheDocument) {
  EXPECT_EQ(keys("{ b: id customer { id } ...F customer { name } a: id } fragment F on orders { c: id customer { id } }", "orders"),
            "b:id/0 customer:customer/3 c:id/0 a:id/0 ");
  EXPECT_EQ(keys("{ ...F ...F ... on customers { id } } fragment F on orders { id }", "orders"), "id:id/0 ");
}

TEST(Collect, SkipsAndIncludes) {
  const std::string document =
      "query ($a: Boolean!) { id @skip(if: $a) x: id @include(if: $a) y: id @include(if: true) @skip(if: $a) ... @skip(if: $a) { z: id } }";
  EXPECT_EQ(keys(document, "orders", R"({"a":true})"), "x:id/0 ");
  EXPECT_EQ(keys(document, "orders", R"({"a":false})"), "id:id/0 y:id/0 z:id/0 ");
}

TEST(Collect, NamesTheVariablesThatDecide) {
  const language::Document document =
      parsed("query { a @skip(if: $z) ...F b(x: $no) } fragment F on T { c @include(if: $a) @skip(if: $z) ...F }");
  EXPECT_EQ(validation::directive_variables(document, document.operations[0]), (std::vector<std::string>{"a", "z"}));
}
