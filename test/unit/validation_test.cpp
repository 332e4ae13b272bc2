// Every rule of the specification for executable documents: what it refuses, with which words and where, and what it lets pass.
// Dialect: D9-variables D9-directives D9-fragments D9-merging D9-bounds
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "test_schema.h"

#include <gtest/gtest.h>

using namespace gqlsvl::graphql;

namespace {

const schema::Schema &shared_schema() {
  static const schema::Schema schema = test::test_schema();
  return schema;
}

Errors errors_of(const std::string &text, const validation::ValidationLimits &limits = {}) {
  GraphQLError error;
  auto document = language::parse(text, error, {1000000, 50});
  if (!document) return {error};
  return validation::validate(shared_schema(), *document, limits);
}

struct Case {
  const char *document, *message, *path = "$", *code = "validation-failed";
};

void expect_refused(const Case &c) {
  const Errors errors = errors_of(c.document);
  ASSERT_FALSE(errors.empty()) << c.document;
  EXPECT_EQ(errors[0].message, c.message) << c.document;
  EXPECT_EQ(errors[0].path, c.path) << c.document;
  EXPECT_EQ(errors[0].code, c.code) << c.document;
  EXPECT_FALSE(errors[0].locations.empty()) << c.document;
}

void expect_valid(const std::string &text) {
  for (const GraphQLError &error : errors_of(text)) ADD_FAILURE() << text << "\n  " << error.message << " at " << error.path;
}

} // namespace

TEST(Validation, AcceptsTheDocumentsOfADay) {
  for (const char *document : {
           "{ orders { id } }",
           "query Q($id: bigint!) { orders_by_pk(id: $id) { __typename id customer { name orders(limit: 3) { id } } } }",
           "{ a: orders(limit: 1) { id } b: orders(limit: 2) { id } __typename __schema { queryType { name } } __type(name: \"orders\") { "
           "kind } }",
           "{ orders(where: {_and: [{id: {_eq: 1}}, {id: {_eq: \"1\"}}], _or: {is_paid: {_eq: true}}, total: {_gt: 1.5}, customer: {name: "
           "{_eq: \"x\"}}}) { id } }",
           "{ orders(where: null, order_by: null, limit: null) { id } }",
           "{ orders(order_by: {id: asc}, offset: 5000000000, distinct_on: id) { id } }",
           "{ orders(offset: \"5000000000\") { id } }",
           "{ orders(order_by: [{id: null}]) { id } }",
           "query ($a: Boolean!, $b: Boolean = true) { orders { id @skip(if: $a) status @include(if: $b) } }",
           "{ orders { ...F ... on orders { id } ... @include(if: true) { status } } } fragment F on orders { id customer { id } }",
           "mutation { insert_orders(objects: {id: 1, meta: {a: [1, null, {b: c}]}, tags: [\"x\"], qty: \"5\"}) { affected_rows returning "
           "{ id } } }",
           "mutation ($v: String) { insert_orders(objects: [{meta: {a: $v}}]) { affected_rows } }",
           "subscription { orders(limit: 1) { id } }",
           "query @cached(ttl: 10) { orders { id } }",
           "query A { orders { id } } query B { customers { id } }",
           "query ($x: orders_order_by!) { orders(order_by: $x) { id } }",
           "query ($l: Int = 3, $w: orders_bool_exp!) { orders(limit: $l, where: $w) { id } }",
           "{ orders { id id x: id x: id customer { id } customer { name } } }",
       })
    expect_valid(document);
}

TEST(Validation, Operations) {
  expect_refused({"query A { orders { id } } query A { orders { id } }", "multiple definitions of operation 'A'"});
  expect_refused({"{ orders { id } } query A { orders { id } }", "an anonymous operation must be the only operation of the document"});
  expect_refused({"subscription { orders { id } customers { id } }", "subscriptions must select one top level field"});
  expect_refused({"subscription { ...F } fragment F on subscription_root { a: orders { id } b: orders { id } }",
                  "subscriptions must select one top level field"});
  expect_refused({"subscription { __typename }", "a subscription must not select the introspection field '__typename'"});
  expect_refused(
      {"subscription { orders @skip(if: true) { id } }", "directive \"skip\" is not allowed on the top level field of a subscription"});
}

TEST(Validation, RootTypesThatDoNotExist) {
  schema::Schema schema = test::test_schema();
  schema.mutation = nullptr;
  GraphQLError error;
  const auto document = language::parse("mutation { x }", error);
  const Errors errors = validation::validate(schema, *document);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].message, "no mutations exist");
}

TEST(Validation, Fields) {
  expect_refused({"{ orders { statuss } }", "field 'statuss' not found in type: 'orders'", "$.selectionSet.orders.selectionSet.statuss"});
  expect_refused({"{ o: orders { c: customer { x } } }", "field 'x' not found in type: 'customers'",
                  "$.selectionSet.orders.selectionSet.customer.selectionSet.x"});
  expect_refused(
      {"{ orders { ...F } } fragment F on orders { x }", "field 'x' not found in type: 'orders'", "$.selectionSet.orders.selectionSet.x"});
  expect_refused({"{ orders { __schema { description } } }", "field '__schema' not found in type: 'orders'",
                  "$.selectionSet.orders.selectionSet.__schema"});
  expect_refused({"{ orders }", "missing selection set for 'orders'", "$.selectionSet.orders"});
  expect_refused({"{ orders { id { x } } }", "unexpected subselection set for non-object field", "$.selectionSet.orders.selectionSet.id"});
}

TEST(Validation, Arguments) {
  expect_refused({"{ orders(wher: {}) { id } }", "'orders' has no argument named 'wher'", "$.selectionSet.orders"});
  expect_refused(
      {"{ orders(limit: 1, limit: 2) { id } }", "multiple definitions of argument 'limit' of 'orders'", "$.selectionSet.orders"});
  expect_refused({"mutation { delete_orders { affected_rows } }", "missing required field 'where'", "$.selectionSet.delete_orders.args"});
  expect_refused({"{ orders @skip { id } }", "missing required field 'if'", "$.selectionSet.orders.directives.skip.args"});
  expect_refused({"{ orders @skip(if: true, x: 1) { id } }", "'skip' has no argument named 'x'", "$.selectionSet.orders.directives.skip"});
}

TEST(Validation, Fragments) {
  expect_refused({"{ orders { ...F } }", "reference to undefined fragment 'F'"});
  expect_refused({"{ orders { id } } fragment F on orders { id }", "fragment 'F' is never used"});
  expect_refused({"{ orders { ...F } } fragment F on orders { id } fragment F on orders { id }", "multiple definitions of fragment 'F'"});
  expect_refused({"{ orders { ...F } } fragment F on orders { customer { orders { ...F } } }",
                  "the fragment 'F' spreads itself: fragment definitions form a cycle"});
  expect_refused({"{ orders { ...A } } fragment A on orders { ...B } fragment B on orders { ...A }",
                  "the fragment 'A' spreads itself: fragment definitions form a cycle"});
  expect_refused(
      {"{ orders { ... on nothing { id } } }", "no such type exists in the schema: 'nothing'", "$.selectionSet.orders.selectionSet"});
  expect_refused({"{ orders { ... on order_by { id } } }", "a fragment cannot be defined on the non-object type 'order_by'",
                  "$.selectionSet.orders.selectionSet"});
  expect_refused({"{ orders { ... on customers { id } } }", "an inline fragment on type 'customers' can never apply to type 'orders'",
                  "$.selectionSet.orders.selectionSet"});
  expect_refused({"{ orders { ...F } } fragment F on customers { id }", "fragment 'F' on type 'customers' can never apply to type 'orders'",
                  "$.selectionSet.orders.selectionSet"});
}

TEST(Validation, Directives) {
  expect_refused({"{ orders @foo { id } }", "directive \"foo\" is not defined in the schema", "$.selectionSet.orders"});
  expect_refused({"query @skip(if: true) { orders { id } }", "directive \"skip\" is not allowed on a query"});
  expect_refused({"{ orders @include(if: true) @include(if: false) { id } }",
                  "the following directives are used more than once: [\"include\"]", "$.selectionSet.orders"});
}

TEST(Validation, Values) {
  const char *id = "$.selectionSet.orders.args.where.id._eq";
  expect_refused({"{ orders(where: {id: {_eq: true}}) { id } }", "expected a 64-bit integer for type 'bigint', but found a boolean", id});
  expect_refused({"{ orders(where: {id: {_eq: null}}) { id } }", "unexpected null value for type 'bigint'", id});
  expect_refused({"{ orders(where: {id: null}) { id } }", "unexpected null value for type 'bigint_comparison_exp'",
                  "$.selectionSet.orders.args.where.id"});
  expect_refused({"{ orders(where: {is_paid: {_is_null: \"true\"}}) { id } }", "expected a boolean for type 'Boolean', but found a string",
                  "$.selectionSet.orders.args.where.is_paid._is_null"});
  expect_refused({"{ orders(where: {status: {_eq: 1}}) { id } }", "expected a string for type 'String', but found an integer",
                  "$.selectionSet.orders.args.where.status._eq"});
  expect_refused({"{ orders(where: {total: {_eq: [1]}}) { id } }", "expected a number for type 'numeric', but found a list",
                  "$.selectionSet.orders.args.where.total._eq"});
  expect_refused(
      {"{ orders(where: {x: {_eq: 1}}) { id } }", "field 'x' not found in type: 'orders_bool_exp'", "$.selectionSet.orders.args.where.x"});
  expect_refused({"{ orders(where: []) { id } }", "expected an object for type 'orders_bool_exp', but found a list",
                  "$.selectionSet.orders.args.where"});
  expect_refused({"{ orders(where: {id: {_eq: 1, _eq: 2}}) { id } }", "multiple definitions of input field '_eq'",
                  "$.selectionSet.orders.args.where.id"});
  expect_refused({"{ orders(order_by: [{id: ascending}]) { id } }",
                  "expected one of the values ['asc', 'desc'] for type 'order_by', but found 'ascending'",
                  "$.selectionSet.orders.args.order_by[0].id"});
  expect_refused({"{ orders(order_by: {id: \"asc\"}) { id } }", "expected an enum value for type 'order_by', but found a string",
                  "$.selectionSet.orders.args.order_by.id"});
  expect_refused({"{ orders(where: {id: {_in: [1, null]}}) { id } }", "unexpected null value for type 'bigint'",
                  "$.selectionSet.orders.args.where.id._in[1]"});
  expect_refused({"mutation { delete_orders(where: null) { affected_rows } }", "unexpected null value for type 'orders_bool_exp'",
                  "$.selectionSet.delete_orders.args.where"});
}

TEST(Validation, Integers) {
  const char *limit = "$.selectionSet.orders.args.limit";
  expect_refused({"{ orders(limit: -1) { id } }", "expected a non-negative 32-bit integer for type 'Int', but found an integer", limit});
  expect_refused({"{ orders(limit: \"1\") { id } }", "expected a non-negative 32-bit integer for type 'Int', but found a string", limit});
  const char *bounds = "The value 3.0e9 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?";
  expect_refused({"{ orders(limit: 3000000000) { id } }", bounds, limit, "parse-failed"});
  expect_refused(
      {"{ orders(where: {qty: {_eq: 3000000000}}) { id } }", bounds, "$.selectionSet.orders.args.where.qty._eq", "parse-failed"});
  expect_refused({"{ orders(where: {qty: {_eq: 2.5}}) { id } }",
                  "The value 2.5 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?",
                  "$.selectionSet.orders.args.where.qty._eq", "parse-failed"});
  expect_refused({"{ orders(where: {small: {_eq: 32768}}) { id } }",
                  "The value 32768.0 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?",
                  "$.selectionSet.orders.args.where.small._eq", "parse-failed"});
  expect_refused(
      {"{ orders(where: {id: {_eq: 9223372036854775808}}) { id } }",
       "The value 9.223372036854775808e18 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?",
       "$.selectionSet.orders.args.where.id._eq", "parse-failed"});
  expect_refused({"{ orders(offset: -1) { id } }", "expected a non-negative 64-bit integer for type 'Int', but found an integer",
                  "$.selectionSet.orders.args.offset"});
  expect_refused({"{ orders(offset: \"-1\") { id } }", "expected a non-negative 64-bit integer for type 'Int', but found a string",
                  "$.selectionSet.orders.args.offset"});
}

TEST(Validation, Variables) {
  expect_refused({"query ($a: Int, $a: Int) { orders(limit: $a) { id } }", "multiple definitions for variable \"a\"", "$", "parse-failed"});
  expect_refused(
      {"query ($a: orders) { orders(limit: $a) { id } }", "variable 'a' cannot be of the output type 'orders'", "$.variables.a"});
  expect_refused({"query ($a: Nix) { orders(limit: $a) { id } }", "no such type exists in the schema: 'Nix'", "$.variables.a"});
  expect_refused({"query ($a: Int = \"x\") { orders(limit: $a, where: {qty: {_eq: $a}}) @skip(if: 1) { id } }",
                  "expected a boolean for type 'Boolean', but found an integer", "$.selectionSet.orders.directives.skip.args.if"});
  expect_refused({"query ($a: Int = true) { orders(limit: $a) { id } }", "expected a 64-bit integer for type 'Int', but found a boolean",
                  "$.variables.a"});
  expect_refused({"{ orders(limit: $x) { id } }", "unbound variable \"x\"", "$.selectionSet.orders.args.limit"});
  expect_refused({"query ($a: Int) { orders { id } }", "variable 'a' is never used", "$.variables.a"});
  expect_refused({"query ($id: Int!) { orders_by_pk(id: $id) { id } }",
                  "variable 'id' is declared as 'Int!', but used where 'bigint!' is expected", "$.selectionSet.orders_by_pk.args.id"});
  expect_refused({"query ($id: Int!) { orders(where: {id: {_eq: $id}}) { id } }",
                  "variable 'id' is declared as 'Int!', but used where 'bigint' is expected", "$.selectionSet.orders.args.where.id._eq"});
  expect_refused({"query ($id: bigint) { orders_by_pk(id: $id) { id } }",
                  "variable 'id' is declared as 'bigint', but used where 'bigint!' is expected", "$.selectionSet.orders_by_pk.args.id"});
  expect_refused({"query ($ids: [bigint]) { orders(where: {id: {_in: $ids}}) { id } }",
                  "variable 'ids' is declared as '[bigint]', but used where '[bigint!]' is expected",
                  "$.selectionSet.orders.args.where.id._in"});
  expect_refused({"query A { ...F } query B($l: Int) { ...F } fragment F on query_root { orders(limit: $l) { id } }",
                  "unbound variable \"l\"", "$.selectionSet.orders.args.limit"});
  expect_valid("query ($id: bigint = 5) { orders_by_pk(id: $id) { id } }");
}

TEST(Validation, OverlappingFields) {
  expect_refused({"{ orders { x: id x: status } }", "selection of both 'id' and 'status' specify the same response name, 'x'",
                  "$.selectionSet.orders.selectionSet.id"});
  expect_refused({"{ orders(limit: 1) { id } orders(limit: 2) { id } }",
                  "inconsistent arguments between multiple selections of field 'orders'", "$.selectionSet.orders"});
  expect_refused({"{ orders { customer { x: id } ...F } } fragment F on orders { customer { x: name } }",
                  "selection of both 'id' and 'name' specify the same response name, 'x'",
                  "$.selectionSet.orders.selectionSet.customer.selectionSet.id"});
  expect_valid("{ orders(where: {id: {_eq: 1, _gt: 2}}) { id } orders(where: {id: {_gt: 2, _eq: 1}}) { id } }");
}

TEST(Validation, ReportsAllErrorsUpToALimit) {
  EXPECT_EQ(errors_of("{ orders { a b c } x }").size(), 4u);
  std::string many = "{ orders {";
  for (int i = 0; i < 1000; ++i) many += " x" + std::to_string(i);
  EXPECT_EQ(errors_of(many + "} }").size(), 20u);
}

TEST(Validation, CountsDepthThroughFragments) {
  std::string text = "{ orders { ...F0 } }";
  for (int i = 0; i < 100; ++i)
    text += " fragment F" + std::to_string(i) + " on orders { customer { orders { " + (i < 99 ? "...F" + std::to_string(i + 1) : "id") +
            " } } }";
  EXPECT_EQ(errors_of(text).at(0).message, "the selection is nested deeper than 50 levels (gqlsvl.max_depth)");
}

TEST(Validation, BoundsTheChainOfFragments) {
  std::string text = "{ orders { ...F0 } }";
  for (int i = 0; i < 20000; ++i)
    text += " fragment F" + std::to_string(i) + " on orders { " + (i < 19999 ? "...F" + std::to_string(i + 1) : "id") + " }";
  EXPECT_EQ(errors_of(text).at(0).message, "fragments are nested deeper than 200 levels (four times gqlsvl.max_depth)");
}

TEST(Validation, BoundsWebsOfFragmentsThatDouble) {
  std::string text = "{ orders { ...F0 } }";
  for (int i = 0; i < 20; ++i) {
    const std::string next = i < 19 ? "...F" + std::to_string(i + 1) : "id";
    text += " fragment F" + std::to_string(i) + " on orders { a: customer { orders { " + next + " } } b: customer { orders { " + next +
            " } } }";
  }
  EXPECT_EQ(errors_of(text).at(0).message, "the operation selects more than 20000 fields (gqlsvl.max_nodes)");
}

TEST(Validation, BoundsAliases) {
  std::string text = "{ orders {";
  for (int i = 0; i < 20001; ++i) text += " a" + std::to_string(i) + ": id";
  EXPECT_EQ(errors_of(text + "} }").at(0).message, "the operation selects more than 20000 fields (gqlsvl.max_nodes)");
}

TEST(Validation, CountsAliasesThroughFragments) {
  std::string text = "{ orders { ...F a0: id } customers { id orders { ...F } } } fragment F on orders {";
  for (int i = 1; i <= 3; ++i) text += " a" + std::to_string(i) + ": id";
  validation::ValidationLimits limits;
  limits.max_aliases = 7;
  EXPECT_TRUE(errors_of(text + " }", limits).empty());
  limits.max_aliases = 6;
  EXPECT_EQ(errors_of(text + " }", limits).at(0).message, "the operation has more than 6 aliases (gqlsvl.max_aliases)");
}

// What Hasura lets pass: refused with a hint that names the setting, accepted with it.
TEST(Validation, IsLenientWhenAsked) {
  validation::ValidationLimits lenient;
  lenient.lenient = true;
  for (const char *document : {"{ orders { id } } fragment F on orders { id }", "query ($a: Int) { orders { id } }",
                               "{ orders { id ... on customers { name } } }", "{ orders { id ...F } } fragment F on customers { name }"}) {
    const Errors errors = errors_of(document);
    ASSERT_EQ(errors.size(), 1u) << document;
    EXPECT_NE(errors[0].hint.find("gqlsvl.hasura_lenient_validation"), std::string::npos) << document;
    EXPECT_TRUE(errors_of(document, lenient).empty()) << document;
  }
  EXPECT_EQ(errors_of("{ orders { id } } fragment F on orders { x }", lenient).size(), 1u) << "what is written must be right all the same";
  EXPECT_EQ(errors_of("{ orders(limit: $a) { id } }", lenient).size(), 1u);
}

TEST(Validation, TakesManyEqualFields) {
  std::string text = "{";
  for (int i = 0; i < 5000; ++i) text += " orders(limit: 1) { id customer { id } }";
  expect_valid(text + "}");
}
