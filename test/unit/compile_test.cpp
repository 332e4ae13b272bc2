// From a document to SQL and parameters: what the golden triples cannot show. Order and encoding of parameters, awkward names, which
// variables share a plan, which values are refused.
#include "graphql/compile/compiler.h"
#include "graphql/language/parser.h"
#include "graphql/schema/build.h"
#include "graphql/validation/validate.h"
#include "test_model.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::graphql;

namespace {

const schema::Schema &shared_schema() {
  static const std::shared_ptr<const schema::Schema> schema = schema::build_schema(test::test_model());
  return *schema;
}

// A document with its variables, compiled. Errors of any stage end up in `error`.
struct Compiled {
  language::Document document;
  validation::Variables variables;
  std::optional<compile::Plan> plan;
  std::string shape, error, error_path;

  explicit Compiled(const std::string &text, const std::string &json = "{}") { run(text, json); }

  void run(const std::string &text, const std::string &json) {
    GraphQLError problem;
    auto parsed = language::parse(text, problem);
    if (!parsed) return fail(problem);
    document = std::move(*parsed);
    Errors errors = validation::validate(shared_schema(), document);
    if (!errors.empty()) return fail(errors[0]);
    json::ParseError json_problem;
    const auto given = json::parse(json, json_problem);
    const language::Operation &operation = document.operations.at(0);
    auto coerced = validation::coerce_variables(shared_schema(), document, operation, given ? &*given : nullptr, errors);
    if (!coerced) return fail(errors.at(0));
    variables = std::move(*coerced);
    shape = compile::shape_of(shared_schema(), operation, variables, compile::row_count_variables(document));
    plan = compile::compile(shared_schema(), document, operation, variables, problem);
    if (!plan) fail(problem);
  }

  const compile::Statement &statement() const { return plan->changes.empty() ? plan->query : plan->changes.at(0).change; }
  bool says(const std::string &part) const { return statement().sql.find(part) != std::string::npos; }
  // Text of parameter `number` as written in the SQL: $1 is the first.
  std::string parameter(std::size_t number) const {
    return compile::parameter_text(statement().parameters.at(number - 1), variables).value_or("NULL");
  }
  std::vector<std::string> parameters() const {
    std::vector<std::string> texts;
    for (std::size_t i = 1; i <= statement().parameters.size(); ++i) texts.push_back(parameter(i));
    return texts;
  }

private:
  void fail(const GraphQLError &problem) {
    error = problem.message;
    error_path = problem.path;
  }
};

using Texts = std::vector<std::string>;

} // namespace

TEST(Compile, QuotesEveryNameAndDoublesQuotes) {
  const Compiled c("{ order { select Upper mood } }");
  EXPECT_TRUE(c.says("t1.\"select\"")) << c.statement().sql;
  EXPECT_TRUE(c.says("t1.\"Upper\""));
  EXPECT_TRUE(c.says("FROM \"public\".\"order\" AS t1"));
  EXPECT_EQ(compile::quote_name("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
  EXPECT_EQ(compile::type_text(*test::test_model()->types.at(test::mood)), "\"odd \"\"schema\".\"mood\"");
}

TEST(Compile, NumbersParametersInTheOrderOfTheSql) {
  const Compiled c("query($limit: Int!) { order(where: {id: {_gt: 1}, select: {_eq: \"two\"}}, limit: $limit, offset: 4) { id } "
                   "b: customer(where: {id: {_in: [5, 6]}}) { id } }",
                   "{\"limit\": 3}");
  ASSERT_TRUE(c.plan) << c.error;
  EXPECT_EQ(c.parameters(), (Texts{"1", "two", "4", "{\"5\",\"6\"}"}));
  EXPECT_TRUE(c.says(" LIMIT 3 OFFSET $3"));
  std::size_t at = 0;
  for (const char *number : {"$1", "$2", "$3", "$4"}) {
    const std::size_t next = c.statement().sql.find(number);
    EXPECT_GE(next, at) << c.statement().sql;
    at = next;
  }
}

TEST(Compile, PutsNoValueIntoTheSql) {
  const Compiled c("{ order(where: {select: {_eq: \"'; DROP\"}, meta: {_eq: {a: \"'; DROP\"}}}) { id } }");
  ASSERT_TRUE(c.plan) << c.error;
  EXPECT_FALSE(c.says("DROP"));
  EXPECT_EQ(c.parameters(), (Texts{"'; DROP", "{\"a\":\"'; DROP\"}"}));
}

TEST(Compile, LeavesPatternsAsTheyAre) {
  const Compiled c("{ order(where: {select: {_like: \"50\\\\%_'\\\"\", _similar: \"(a|b)%\"}}) { id } }");
  ASSERT_TRUE(c.plan) << c.error;
  EXPECT_EQ(c.parameters(), (Texts{"50\\%_'\"", "(a|b)%"}));
  EXPECT_TRUE(c.says("OPERATOR(pg_catalog.~~) $1"));
  EXPECT_TRUE(c.says("OPERATOR(pg_catalog.~) pg_catalog.similar_to_escape($2)"));
}

TEST(Compile, WritesListsAsArrayLiterals) {
  const Compiled c("query($tags: [String!]) { a: order(where: {select: {_in: [\"a,b\", \"c\\\"d\", \"{}\", \"\", \"\\\\\"]}}) { id } "
                   "b: order(where: {select: {_in: \"{one}\"}}) { id } c: order(where: {tags: {_eq: $tags}}) { id } "
                   "d: order(where: {tags: {_eq: \"{x,y}\"}}) { id } e: order(where: {docs: {_eq: [{k: [1, null]}, \"s\"]}}) { id } }",
                   "{\"tags\": \"single\"}");
  ASSERT_TRUE(c.plan) << c.error;
  EXPECT_EQ(c.parameter(1), R"({"a,b","c\"d","{}","","\\"})");
  EXPECT_EQ(c.parameter(2), R"({"{one}"})") << "an operator's list is never an array literal";
  EXPECT_EQ(c.parameter(3), R"({"single"})") << "a single value is a list of one";
  EXPECT_EQ(c.parameter(4), "{x,y}") << "an array literal for a column of an array type";
  EXPECT_EQ(c.parameter(5), R"({"{\"k\":[1,null]}","\"s\""})") << "items of jsonb[] are JSON, not text";
}

TEST(Compile, KeepsDigitsAsWritten) {
  const Compiled c("{ order(where: {Upper: {_eq: 12345678901234567890.10, _lt: \"1e400\"}}) { id } }");
  ASSERT_TRUE(c.plan) << c.error;
  EXPECT_EQ(c.parameters(), (Texts{"12345678901234567890.10", "1e400"}));
}

TEST(Compile, RefusesNegativeLimits) {
  const Compiled literal("{ order(limit: -1) { id } }");
  EXPECT_EQ(literal.error, "expected a non-negative 32-bit integer for type 'Int', but found an integer");
  EXPECT_EQ(literal.error_path, "$.selectionSet.order.args.limit");
  const Compiled variable("query($n: Int) { order(offset: $n) { id } }", "{\"n\": -1}");
  EXPECT_FALSE(variable.plan);
  // The plan is kept for other values: binding refuses, too.
  Compiled bound("query($n: Int) { order(offset: $n) { id } }", "{\"n\": 1}");
  ASSERT_TRUE(bound.plan) << bound.error;
  validation::VariableValue negative;
  negative.value.kind = json::Kind::Number;
  negative.value.text = "-1";
  bound.variables.set("n", negative);
  EXPECT_THROW(bound.parameter(1), compile::Fault);
}

TEST(Compile, RefusesNullWhereItHasNoMeaning) {
  EXPECT_EQ(Compiled("{ order(where: {id: {_eq: null}}) { id } }").error, "unexpected null value for type 'Int'");
  EXPECT_EQ(Compiled("{ order(where: {_and: [null]}) { id } }").error, "unexpected null value for type 'order_bool_exp'");
  const Compiled omitted("query($w: order_bool_exp, $n: Int) { order(where: $w, limit: $n) { id } }");
  ASSERT_TRUE(omitted.plan) << omitted.error;
  EXPECT_FALSE(omitted.says(" WHERE ")) << "null is omitted for the arguments of a select";
  EXPECT_FALSE(omitted.says(" LIMIT "));
}

// As a parameter it would make Postgres plan again for each request.
TEST(Compile, ShowsLimitsToThePlanner) {
  const std::string query = "query($n: Int, $m: Int) { order(limit: $n, offset: $m) { id } }";
  const Compiled ten(query, R"({"n": 10, "m": 0})"), twenty(query, R"({"n": 20, "m": 0})"), next(query, R"({"n": 10, "m": 10})");
  ASSERT_TRUE(ten.plan) << ten.error;
  EXPECT_TRUE(ten.says(" LIMIT 10)")) << "an offset of 0 is none: " << ten.statement().sql;
  EXPECT_TRUE(twenty.says(" LIMIT 20)"));
  EXPECT_TRUE(next.says(" LIMIT 10 OFFSET $1)"));
  EXPECT_NE(ten.shape, twenty.shape);
  EXPECT_NE(ten.shape, next.shape);
}

TEST(Compile, SharesPlansBetweenValuesOfOneShape) {
  const std::string query = "query($w: order_bool_exp, $o: [order_order_by!], $s: Boolean!) { order(where: $w, order_by: $o) "
                            "{ id select @include(if: $s) } }";
  auto shape = [&](const std::string &variables) { return Compiled(query, variables).shape; };
  const std::string one = shape(R"({"w": {"id": {"_eq": 1}}, "o": {"id": "asc"}, "s": true})");
  EXPECT_EQ(one, shape(R"({"w": {"id": {"_eq": 2}}, "o": [{"id": "asc"}], "s": true})")) << "values do not matter";
  EXPECT_NE(one, shape(R"({"w": {"id": {"_gt": 1}}, "o": {"id": "asc"}, "s": true})")) << "operators do";
  EXPECT_NE(one, shape(R"({"w": {"id": {"_eq": 1}}, "o": {"id": "desc"}, "s": true})")) << "enum values do";
  EXPECT_NE(one, shape(R"({"w": {"id": {"_eq": 1}}, "o": {"id": "asc"}, "s": false})")) << "directives do";
  EXPECT_NE(one, shape(R"({"w": null, "o": {"id": "asc"}, "s": true})")) << "nulls do";
  EXPECT_NE(shape(R"({"w": {"id": {"_is_null": true}}, "s": true})"), shape(R"({"w": {"id": {"_is_null": false}}, "s": true})"));
  EXPECT_EQ(shape(R"({"w": {"id": {"_in": [1]}}, "s": true})"), shape(R"({"w": {"id": {"_in": [1, 2]}}, "s": true})"));
}

TEST(Compile, OffersNoComparisonWhereTheTypeHasNone) {
  EXPECT_EQ(Compiled("{ order(where: {mood: {_eq: \"x\"}}) { id } }").error, "field '_eq' not found in type: 'mood_comparison_exp'");
  EXPECT_TRUE(Compiled("{ order(where: {mood: {_is_null: true}}) { id } }").plan);
}

TEST(Compile, ReturnsOnlyWhatTheMutationSelects) {
  const Compiled nothing("mutation { insert_customer(objects: [{id: 1}, {name: null}]) { affected_rows } }");
  ASSERT_TRUE(nothing.plan) << nothing.error;
  EXPECT_EQ(nothing.statement().sql, "INSERT INTO \"public\".\"customer\" AS t0 (\"id\", \"name\") VALUES ($1, DEFAULT), (DEFAULT, $2)");
  EXPECT_EQ(nothing.parameters(), (Texts{"1", "NULL"}));
  EXPECT_EQ(nothing.plan->changes[0].returns_new_rows_of, 0u);
  const Compiled columns("mutation { insert_customer_one(object: {id: 1}) { name } }");
  EXPECT_TRUE(columns.says("RETURNING t0.\"name\")"));
  EXPECT_TRUE(columns.plan->changes[0].answer.sql.empty()) << "one statement where only columns are selected";
  const Compiled related("mutation { update_order(where: {}, _set: {select: \"x\"}) { returning { customer { name } } } }");
  EXPECT_TRUE(related.says("RETURNING t0.\"customer_id\""));
  EXPECT_FALSE(related.plan->changes[0].answer.sql.empty()) << "related rows are read after the change";
}

TEST(Compile, TakesAnInsertApartObjectByObject) {
  const Compiled c("mutation($o: [customer_insert_input!]!) { insert_customer(objects: $o) { returning { id name } } }",
                   R"({"o": [{"id": 1}, {"id": 2, "name": "b"}]})");
  ASSERT_TRUE(c.plan) << c.error;
  const compile::RowByRow apart = compile::compile_row_by_row(shared_schema(), c.document, c.variables, c.plan->fields.at(0));
  ASSERT_EQ(apart.seen.size(), 2u);
  EXPECT_EQ(apart.seen[1].sql,
            "INSERT INTO \"public\".\"customer\" AS t0 (\"id\", \"name\") VALUES ($1, $2) RETURNING t0.\"id\", t0.\"name\"");
  EXPECT_EQ(apart.unseen[1].sql, "INSERT INTO \"public\".\"customer\" AS t0 (\"id\", \"name\") VALUES ($1, $2)");
  EXPECT_EQ(compile::parameter_text(apart.seen[0].parameters.at(0), c.variables), "1");
  EXPECT_EQ(compile::parameter_text(apart.unseen[1].parameters.at(1), c.variables), "b");
}

TEST(Compile, SplitsObjectsWithMoreKeysThanAFunctionTakes) {
  std::string fields;
  for (int i = 0; i < 101; ++i) fields += " f" + std::to_string(i) + ": id";
  const Compiled c("{ order {" + fields + " } }");
  ASSERT_TRUE(c.plan) << c.error;
  EXPECT_TRUE(c.says("gqlsvl.json_join(gqlsvl.json_object(ARRAY['f0', "));
  EXPECT_TRUE(c.says(", 'f100'], t1.\"id\""));
}

TEST(Compile, ReadsJsonPaths) {
  auto steps = [](const std::string &path) {
    const Compiled c("query($p: String) { order { meta(path: $p) } }", "{\"p\": \"" + path + "\"}");
    return c.plan ? c.parameter(1) : c.error;
  };
  EXPECT_EQ(steps("a.b[0]"), R"({"a","b","0"})");
  EXPECT_EQ(steps("$.a"), R"({"a"})");
  EXPECT_EQ(steps("$"), "{}");
  EXPECT_EQ(steps("$[1].x"), R"({"1","x"})");
  EXPECT_EQ(steps("['odd key'].y"), R"({"odd key","y"})");
  EXPECT_EQ(steps("['a.b[0]']"), R"({"a.b[0]"})") << "a quoted key may hold anything";
  for (const char *bad : {"a.", ".", "a..b", "a[", "a[x]", "a[]", "['a", "a[0]b", "$.[0]"})
    EXPECT_EQ(steps(bad), "parse json path error: \"" + std::string(bad) + "\" is not a path such as a.b[0]") << bad;
}

TEST(Compile, LooksForRowsThatAConflictLeftAlone) {
  auto change = [](const std::string &conflict) {
    return Compiled("mutation { insert_customer(objects: [{id: 1}, {name: \"b\"}], on_conflict: {constraint: customer_pkey" + conflict +
                    "}) { returning { name } } }");
  };
  const Compiled nothing = change("");
  ASSERT_TRUE(nothing.plan) << nothing.error;
  EXPECT_TRUE(nothing.says("ON CONFLICT ON CONSTRAINT \"customer_pkey\" DO NOTHING RETURNING t0.\"id\", t0.\"name\""));
  const std::string &answer = nothing.plan->changes[0].answer.sql;
  EXPECT_NE(answer.find("VALUES (1, $4)) AS v"), std::string::npos) << "only objects that give the key are looked for: " << answer;
  const Compiled all = change(", update_columns: [name]");
  EXPECT_TRUE(all.plan->changes[0].answer.sql.empty()) << "every row comes back: one statement";
  EXPECT_TRUE(all.says("DO UPDATE SET \"name\" = excluded.\"name\""));
  const Compiled some = change(", update_columns: [name], where: {name: {_eq: \"x\"}}");
  EXPECT_TRUE(some.says("DO UPDATE SET \"name\" = excluded.\"name\" WHERE t0.\"name\" OPERATOR(pg_catalog.=) $3 RETURNING"));
  EXPECT_FALSE(some.plan->changes[0].answer.sql.empty());
}

TEST(Compile, InsertsNestedRowsInTheOrderOfTheirKeys) {
  const Compiled c("mutation { insert_customer(objects: [{name: \"a\", order: {data: [{id: 1}, {id: 2, select: \"x\"}]}}, {name: \"b\"}]) "
                   "{ affected_rows } up: insert_order_one(object: {id: 3, customer: {data: {id: 4}}}) { id } }");
  ASSERT_TRUE(c.plan) << c.error;
  const auto &down = c.plan->changes.at(0).steps, &up = c.plan->changes.at(1).steps;
  ASSERT_EQ(down.size(), 2u);
  EXPECT_EQ(down[0].insert.sql, "INSERT INTO \"public\".\"customer\" AS t0 (\"name\") VALUES ($1), ($2) RETURNING t0.\"id\"");
  EXPECT_EQ(down[1].table, "order");
  EXPECT_EQ(down[1].rows, 2u);
  EXPECT_EQ(std::count_if(down[1].insert.parameters.begin(), down[1].insert.parameters.end(),
                          [](const auto &p) { return p.source == compile::ParameterSource::StepValue && p.step == 0 && p.row == 0; }),
            2)
      << "both orders take the first customer's key";
  ASSERT_EQ(up.size(), 2u);
  EXPECT_EQ(up[0].table, "customer") << "what is referred to comes first";
  EXPECT_TRUE(up[1].root);
  EXPECT_TRUE(up[0].feeds_others);
  EXPECT_EQ(Compiled("mutation { insert_order_one(object: {id: 3, customer_id: 1, customer: {data: {id: 4}}}) { id } }").error,
            "cannot insert object relationship \"customer\" as \"customer_id\" column values are already determined");
}

TEST(Compile, SeparatesPlansByWhatDecidesThem) {
  const std::string query = "query($w: customer_bool_exp) { customer(where: $w) { id } }";
  auto shape = [&](const std::string &distinct) {
    return Compiled(query, R"({"w": {"order_aggregate": {"count": {"predicate": {"_eq": 1}, "arguments": ["id"], "distinct": )" + distinct +
                               "}}}}")
        .shape;
  };
  EXPECT_NE(shape("true"), shape("false"));
  EXPECT_EQ(Compiled("{ customer(where: {order_aggregate: {}}) { id } }").error, "exactly one predicate should be specified");
}
