// Section 5 of the GraphQL specification (September 2025), section by section: what each rule lets pass and what it refuses.
// The words of the refusals are in validation_test.cpp.
// Dialect: D9-merging D9-rules
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "test_schema.h"

#include <gtest/gtest.h>

using namespace gqlsvl::graphql;

namespace {

struct Section {
  const char *number, *title;
  std::vector<const char *> valid, invalid;
};

bool is_valid(const std::string &text) {
  static const schema::Schema schema = test::test_schema();
  GraphQLError error;
  const auto document = language::parse(text, error);
  return document && validation::validate(schema, *document).empty();
}

const std::vector<Section> &sections() {
  static const std::vector<Section> all{
      {"5.1.1",
       "Executable Definitions",
       {"{ orders { id } }"},
       {"{ orders { id } } extend type orders { x: Int }", "type orders { id: Int }"}},
      {"5.2.1.1", "Operation Type Existence", {"mutation { delete_orders(where: {}) { affected_rows } }"}, {"mutation { nothing }"}},
      {"5.2.2.1",
       "Operation Name Uniqueness",
       {"query A { orders { id } } query B { orders { id } }"},
       {"query A { orders { id } } query A { customers { id } }",
        "query A { orders { id } } mutation A { delete_orders(where: {}) { affected_rows } }"}},
      {"5.2.3.1",
       "Lone Anonymous Operation",
       {"{ orders { id } }"},
       {"{ orders { id } } query A { orders { id } }", "{ orders { id } } { customers { id } }"}},
      {"5.2.4.1",
       "Single Root Field",
       {"subscription S { orders { id } }", "subscription S { ...F } fragment F on subscription_root { orders { id status } }",
        "subscription S { orders { id } orders { status } }"},
       {"subscription S { orders { id } customers { id } }",
        "subscription S { ...F } fragment F on subscription_root { orders { id } customers { id } }", "subscription S { __typename }",
        "subscription S { orders { id } ... on subscription_root { __typename } }",
        "subscription S($b: Boolean!) { orders @skip(if: $b) { id } }",
        "subscription S($b: Boolean!) { ... @include(if: $b) { orders { id } } }"}},
      {"5.3.1",
       "Field Selections",
       {"{ orders { __typename customer { name } } }"},
       {"{ orders { nothing } }", "{ orders { ...F } } fragment F on orders { nothing }", "{ orders { customer { status } } }"}},
      {"5.3.2",
       "Field Selection Merging",
       {"{ orders { id id x: id x: id } }", "query ($n: Int) { orders(limit: $n) { id } orders(limit: $n) { id } }",
        "{ orders { customer { id } ...F } } fragment F on orders { customer { name } }"},
       {"{ orders { x: id x: status } }", "{ orders(limit: 1) { id } orders(limit: 2) { id } }",
        "query ($n: Int, $m: Int) { orders(limit: $n) { id } orders(limit: $m) { id } }", "{ orders(limit: 1) { id } orders { id } }",
        "{ orders { customer { x: id } customer { x: name } } }"}},
      {"5.3.3",
       "Leaf Field Selections",
       {"{ orders { id } }"},
       {"{ orders }", "{ orders { customer } }", "{ orders { id { nothing } } }", "{ __schema }"}},
      {"5.4.1",
       "Argument Names",
       {"{ orders(limit: 1) { id @include(if: true) } }"},
       {"{ orders(nothing: 1) { id } }", "{ orders { id @include(unless: false, if: true) } }"}},
      {"5.4.2", "Argument Uniqueness", {"{ orders(limit: 1, offset: 1) { id } }"}, {"{ orders(limit: 1, limit: 1) { id } }"}},
      {"5.4.3",
       "Required Arguments",
       {"{ orders_by_pk(id: 1) { id } }", "{ orders { id } }"},
       {"{ orders_by_pk { id } }", "{ orders_by_pk(id: null) { id } }", "{ orders { id @skip } }"}},
      {"5.5.1.1",
       "Fragment Name Uniqueness",
       {"{ orders { ...A ...B } } fragment A on orders { id } fragment B on orders { id }"},
       {"{ orders { ...A } } fragment A on orders { id } fragment A on orders { status }"}},
      {"5.5.1.2",
       "Fragment Spread Type Existence",
       {"{ orders { ... on orders { id } } }"},
       {"{ orders { ... on nothing { id } } }", "{ orders { ...F } } fragment F on nothing { id }"}},
      {"5.5.1.3",
       "Fragments on Object Types",
       {"{ orders { ... { id } } }"},
       {"{ orders { ... on String { id } } }", "{ orders { ... on order_by { id } } }",
        "{ orders { ...F } } fragment F on orders_bool_exp { id }"}},
      {"5.5.1.4",
       "Fragments Must Be Used",
       {"{ orders { ...F } } fragment F on orders { id }"},
       {"{ orders { id } } fragment F on orders { id }", "{ orders { id } } fragment F on orders { ...G } fragment G on orders { id }"}},
      {"5.5.2.1", "Fragment Spread Target Defined", {"{ orders { ...F } } fragment F on orders { id }"}, {"{ orders { ...F } }"}},
      {"5.5.2.2",
       "Fragment Spreads Must Not Form Cycles",
       {"{ orders { ...A ...B } } fragment A on orders { ...B } fragment B on orders { id }"},
       {"{ orders { ...F } } fragment F on orders { id ...F }",
        "{ orders { ...A } } fragment A on orders { customer { orders { ...B } } } fragment B on orders { ...A }"}},
      {"5.5.2.3",
       "Fragment Spread Is Possible",
       {"{ orders { ... on orders { id } } }"},
       {"{ orders { ... on customers { id } } }", "{ orders { ...F } } fragment F on customers { id }"}},
      {"5.6.1",
       "Values of Correct Type",
       {"{ orders(limit: 1, where: {qty: {_in: [1, 2]}}, order_by: {id: asc}) { id } }", "{ orders(where: {qty: {_in: 1}}) { id } }",
        "{ orders(where: {ratio: {_eq: 1}}) { id } }"},
       {"{ orders(limit: \"1\") { id } }", "{ orders(limit: 1.5) { id } }", "{ orders(limit: 99999999999) { id } }",
        "{ orders(where: 1) { id } }", "{ orders(order_by: {id: nothing}) { id } }", "{ orders(order_by: {id: \"asc\"}) { id } }",
        "{ orders @skip(if: \"true\") { id } }", "{ orders(where: {qty: {_in: [1, null]}}) { id } }",
        "query ($n: Int = true) { orders(limit: $n) { id } }"}},
      {"5.6.2",
       "Input Object Field Names",
       {"{ orders(where: {id: {_eq: 1}}) { id } }"},
       {"{ orders(where: {nothing: {_eq: 1}}) { id } }", "{ orders(where: {id: {_nothing: 1}}) { id } }"}},
      {"5.6.3",
       "Input Object Field Uniqueness",
       {"{ orders(where: {id: {_eq: 1, _gt: 1}}) { id } }"},
       {"{ orders(where: {id: {_eq: 1, _eq: 1}}) { id } }",
        "mutation { insert_orders(objects: [{meta: {a: 1, a: 2}}]) { affected_rows } }"}},
      {"5.6.4",
       "Input Object Required Fields",
       {"mutation { required(input: {needed: 1}) { affected_rows } }"},
       {"mutation { required(input: {}) { affected_rows } }", "mutation { required(input: {needed: null}) { affected_rows } }"}},
      {"5.7.1",
       "Directives Are Defined",
       {"query @cached { orders { id } }"},
       {"{ orders @nothing { id } }", "query @nothing { orders { id } }"}},
      {"5.7.2",
       "Directives Are in Valid Locations",
       {"{ orders @skip(if: true) { ...F @include(if: true) ... @skip(if: false) { id } } } fragment F on orders { id }"},
       {"query @skip(if: true) { orders { id } }", "{ orders @cached { id } }",
        "query ($n: Int @skip(if: true)) { orders(limit: $n) { id } }",
        "{ orders { ...F } } fragment F on orders @include(if: true) { id }",
        "mutation @cached { delete_orders(where: {}) { affected_rows } }"}},
      {"5.7.3",
       "Directives Are Unique per Location",
       {"{ orders @skip(if: true) @include(if: true) { id } orders @skip(if: true) { id } }"},
       {"{ orders @skip(if: true) @skip(if: false) { id } }"}},
      {"5.8.1",
       "Variable Uniqueness",
       {"query A($n: Int) { orders(limit: $n) { id } } query B($n: Int) { orders(limit: $n) { id } }"},
       {"query ($n: Int, $n: Int) { orders(limit: $n) { id } }"}},
      {"5.8.2",
       "Variables Are Input Types",
       {"query ($w: orders_bool_exp, $n: Int, $o: [orders_order_by!]) { orders(where: $w, limit: $n, order_by: $o) { id } }"},
       {"query ($o: orders) { orders(limit: $o) { id } }", "query ($o: [orders!]!) { orders(limit: $o) { id } }",
        "query ($o: nothing) { orders(limit: $o) { id } }"}},
      {"5.8.3",
       "All Variable Uses Defined",
       {"query ($n: Int) { ...F } fragment F on query_root { orders(limit: $n) { id } }"},
       {"{ orders(limit: $n) { id } }", "query A($n: Int) { ...F } query B { ...F } fragment F on query_root { orders(limit: $n) { id } }",
        "{ orders(where: {id: {_in: [1, $n]}}) { id } }", "{ orders { id @skip(if: $n) } }"}},
      {"5.8.4",
       "All Variables Used",
       {"query ($n: Int) { orders { id } ...F } fragment F on query_root { customers(limit: $n) { id } }"},
       {"query ($n: Int) { orders { id } }", "query A($n: Int) { orders(limit: $n) { id } } query B($n: Int) { orders { id } }"}},
      {"5.8.5",
       "All Variable Usages Are Allowed",
       {"query ($n: Int!) { orders(limit: $n) { id } }", "query ($b: Boolean = true) { orders @skip(if: $b) { id } }",
        "query ($l: [bigint!]!) { orders(where: {id: {_in: $l}}) { id } }",
        "query ($l: [Int!] = [1]) { orders(where: {qty: {_in: $l}}) { id } }"},
       {"query ($n: String) { orders(limit: $n) { id } }", "query ($n: [Int]) { orders(limit: $n) { id } }",
        "query ($b: Boolean) { orders @skip(if: $b) { id } }", "query ($b: Boolean = null) { orders @skip(if: $b) { id } }",
        "query ($l: [bigint]) { orders(where: {id: {_in: $l}}) { id } }", "query ($id: bigint) { orders_by_pk(id: $id) { id } }"}},
  };
  return all;
}

} // namespace

TEST(Specification, EachRuleLetsPassWhatItShould) {
  for (const Section &section : sections())
    for (const char *document : section.valid)
      EXPECT_TRUE(is_valid(document)) << section.number << " " << section.title << ": " << document;
}

TEST(Specification, EachRuleRefusesWhatItShould) {
  for (const Section &section : sections())
    for (const char *document : section.invalid)
      EXPECT_FALSE(is_valid(document)) << section.number << " " << section.title << ": " << document;
}

// Each rule of rules.h says which section it is of, and each of those is above.
TEST(Specification, EveryRuleHasItsSectionHere) {
  for (const char *number : {"5.1.1", "5.2.1.1", "5.2.2.1", "5.2.3.1", "5.2.4.1", "5.3.1",   "5.3.2",   "5.3.3",   "5.4.1", "5.4.2",
                             "5.4.3", "5.5.1.1", "5.5.1.2", "5.5.1.3", "5.5.1.4", "5.5.2.1", "5.5.2.2", "5.5.2.3", "5.6.1", "5.6.2",
                             "5.6.3", "5.6.4",   "5.7.1",   "5.7.2",   "5.7.3",   "5.8.1",   "5.8.2",   "5.8.3",   "5.8.4", "5.8.5"}) {
    const auto &all = sections();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Section &section) { return std::string(section.number) == number; });
    ASSERT_NE(found, all.end()) << number;
    EXPECT_FALSE(found->valid.empty() || found->invalid.empty()) << number;
  }
}
