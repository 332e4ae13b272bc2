// Introspection answers what a client asks, in the client's order; the standard query is accepted by graphql-js
//.
// Dialect: D1-roots D9-typename D9-introspection
#include "base/error.h"
#include "graphql/language/parser.h"
#include "graphql/schema/introspection.h"
#include "graphql/validation/validate.h"
#include "test_schema.h"

#include <fstream>
#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::graphql;

static std::string answer(const std::string &text, std::size_t max_bytes = 1 << 24) {
  const schema::Schema schema = test::test_schema();
  GraphQLError error;
  const auto document = language::parse(text, error);
  if (!document) return error.message;
  const Errors errors = validation::validate(schema, *document);
  if (!errors.empty()) return errors[0].message;
  const validation::Variables none;
  std::string out;
  for (const auto &field : validation::collect_fields(*document, none, *schema.query, document->operations.at(0)))
    out += (out.empty() ? "\"" : ",\"") + field.response_key + "\":" + schema::introspect(schema, *document, none, field, max_bytes);
  return "{" + out + "}";
}

TEST(Introspection, AnswersInTheOrderAsked) {
  EXPECT_EQ(
      answer("{ __type(name: \"orders_mutation_response\") { n: name __typename kind fields { name type { ...T } } } }"
             " fragment T on __Type { kind name ofType { kind name ofType { kind ofType { name } } } }"),
      R"({"__type":{"n":"orders_mutation_response","__typename":"__Type","kind":"OBJECT","fields":[)"
      R"({"name":"affected_rows","type":{"kind":"NON_NULL","name":null,"ofType":{"kind":"SCALAR","name":"Int","ofType":null}}},)"
      R"({"name":"returning","type":{"kind":"NON_NULL","name":null,"ofType":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","ofType":{"name":"orders"}}}}}]}})");
}

TEST(Introspection, UnknownTypeIsNull) { EXPECT_EQ(answer("{ __type(name: \"nix\") { name } }"), R"({"__type":null})"); }

TEST(Introspection, NamesRootTypesAndDirectives) {
  EXPECT_EQ(
      answer("{ __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name isRepeatable args { name "
             "defaultValue } } } }"),
      R"({"__schema":{"queryType":{"name":"query_root"},"mutationType":{"name":"mutation_root"},"subscriptionType":{"name":"subscription_root"},"directives":[)"
      R"({"name":"cached","isRepeatable":false,"args":[{"name":"refresh","defaultValue":"false"},{"name":"ttl","defaultValue":"60"}]},)"
      R"({"name":"include","isRepeatable":false,"args":[{"name":"if","defaultValue":null}]},)"
      R"({"name":"skip","isRepeatable":false,"args":[{"name":"if","defaultValue":null}]}]}})");
}

TEST(Introspection, ListsOnlyWhatAKindHas) {
  EXPECT_EQ(
      answer("{ __type(name: \"order_by\") { fields { name } inputFields { name } interfaces { name } enumValues(includeDeprecated: true) "
             "{ name isDeprecated deprecationReason } isOneOf specifiedByURL possibleTypes { name } } }"),
      R"({"__type":{"fields":null,"inputFields":null,"interfaces":null,"enumValues":[{"name":"asc","isDeprecated":false,"deprecationReason":null},)"
      R"({"name":"desc","isDeprecated":false,"deprecationReason":null}],"isOneOf":null,"specifiedByURL":null,"possibleTypes":null}})");
}

TEST(Introspection, RefusesAnAnswerThatMultiplies) {
  try {
    answer("{ __schema { types { fields { name type { fields { name } ofType { fields { name type { name } } } } } } } }", 1024);
    FAIL() << "the answer was not bounded";
  } catch (const Error &error) { EXPECT_EQ(error.sqlstate, sqlstate::program_limit); }
}

// What the standard query of graphql-js 16 asks. With GQLSVL_INTROSPECTION_OUT set, the answer is written there for graphql-js to check.
TEST(Introspection, AnswersTheStandardQuery) {
  const std::string json = answer(R"(query IntrospectionQuery {
    __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
      types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
  fragment FullType on __Type { kind name description specifiedByURL isOneOf
    fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
  fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } })");
  EXPECT_EQ(json.rfind(R"({"__schema":{"description":null,"queryType":{"name":"query_root","kind":"OBJECT"})", 0), 0u)
      << json.substr(0, 300);
  if (const char *path = std::getenv("GQLSVL_INTROSPECTION_OUT")) std::ofstream(path) << json;
}
