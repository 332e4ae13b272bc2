// A valid operation -> Plan.
//
// In:  schema, document, the chosen operation, coerced variables. Out: the plan, or nothing and `error` (a null or a value that has no
// meaning). Always: the SQL depends on the variables only through shape_of(): two requests of equal shape have equal plans. Every name in
// the SQL is quoted and qualified, operators too: kept plans are re-parsed under the caller's search_path.
#pragma once
#include "graphql/compile/plan.h"

namespace gqlsvl::graphql::compile {

struct Options {
  int max_rows = 0;                // of every list; 0: no limit
  bool stringify_numerics = false; // bigint, numeric and double precision as JSON strings
};

std::optional<Plan> compile(const schema::Schema &schema, const language::Document &document, const language::Operation &operation,
                            const validation::Variables &variables, GraphQLError &error, const Options &options = {});

// A Change with returns_new_rows_of, taken apart.
RowByRow compile_row_by_row(const schema::Schema &schema, const language::Document &document, const validation::Variables &variables,
                            const RootField &field, const Options &options = {});

// Names of the variables that stand for `limit` or `offset` somewhere in the document: sorted, each once.
std::vector<std::string> row_count_variables(const language::Document &document);

// What of the variables' values decides the SQL: which are null, keys of input objects, enum values, booleans of directives, and the
// values of `row_counts`, the document's row_count_variables().
std::string shape_of(const schema::Schema &schema, const language::Operation &operation, const validation::Variables &variables,
                     const std::vector<std::string> &row_counts);

// The value of a literal or variable parameter, and its text for Postgres; nullopt: SQL NULL.
std::optional<std::string> parameter_text(const Parameter &parameter, const validation::Variables &variables);

} // namespace gqlsvl::graphql::compile
