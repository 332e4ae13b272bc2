// Documents parsed, validated and compiled, with their kept SPI plans: per backend, bounded, least recently used first out.
//
// In:  schema, document text, operation name, variables. Out: a Prepared to run.
// Always: keyed by role: a plan made for one role is never run by another. A schema that changed makes its entries new ones.
#pragma once
#include "graphql/compile/compile.h"

extern "C" {
struct _SPI_plan;
}

namespace gqlsvl::graphql::execute {

// One statement and its kept plan.
struct PreparedStatement {
  const compile::Statement *statement = nullptr;
  _SPI_plan *plan = nullptr; // made at the first run
  explicit PreparedStatement(const compile::Statement &s) : statement(&s) {}
  PreparedStatement(const PreparedStatement &) = delete;
  ~PreparedStatement();
};

struct PreparedStep {
  PreparedStatement insert, existing;
  explicit PreparedStep(const compile::InsertStep &step) : insert(step.insert), existing(step.existing) {}
};

// A plan for one shape of the variables.
struct Prepared {
  compile::Plan plan;
  std::unique_ptr<PreparedStatement> query;
  std::vector<std::unique_ptr<PreparedStatement>> changes, answers; // as plan.changes
  std::vector<std::vector<std::unique_ptr<PreparedStep>>> steps;    // as plan.changes, and the steps of each
  int time_dependent = -1;                                          // not known before the first run
};

struct ParsedDocument {
  std::shared_ptr<const schema::Schema> schema;
  language::Document document;
  const language::Operation *operation = nullptr;
  std::vector<std::string> row_counts;                                     // variables
  std::vector<std::pair<std::string, std::shared_ptr<Prepared>>> by_shape; // most recently used first

  std::shared_ptr<Prepared> prepare(const validation::Variables &variables, GraphQLError &error);
};

compile::Options compile_options(); // what the settings say now; part of the key of what is kept

// Null: `errors` has grown.
std::shared_ptr<ParsedDocument> parsed_document(std::uint32_t role, const std::shared_ptr<const schema::Schema> &schema,
                                                std::string_view query, std::string_view operation_name, Errors &errors);

} // namespace gqlsvl::graphql::execute
