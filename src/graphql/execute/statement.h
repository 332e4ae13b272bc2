// Runs one compiled statement through SPI, with its kept plan.
//
// In:  the statement, variables, and for an answer what its change returned. Out: rows as text, or as arrays for the answer.
// Always: inside a connected SPI (pg::Spi); values reach Postgres as parameters, read by the types' input functions.
#pragma once
#include "graphql/execute/plan_cache.h"

#include "pg/boundary.h"

namespace gqlsvl::graphql::execute {

// What a change handed on: one array per returned column, in SPI's memory.
struct Returned {
  std::int64_t rows = 0;
  std::vector<Datum> columns;
};

// Rows that changes return, gathered over one or more of them. Inside one SPI connection.
class ReturnedRows {
public:
  struct Values {
    std::vector<Datum> values;
    std::vector<char> nulls; // bool, laid out as Postgres wants it
  };

  explicit ReturnedRows(const std::vector<compile::ReturnedColumn> &columns) : columns_(columns), values_(columns.size()) {}
  void take();                                                               // the rows of the statement that just ran
  void add_hidden(const ReturnedRows &changed) { count_ += changed.count_; } // rows that are changed but not returned
  Returned arrays();

private:
  const std::vector<compile::ReturnedColumn> &columns_;
  std::vector<Values> values_; // as columns_
  std::int64_t count_ = 0;
};

// The json columns of the one row the statement gives; SQL NULL is "null".
std::vector<std::string> run_for_json(PreparedStatement &statement, const validation::Variables &variables, const Returned *returned,
                                      bool read_only);

// Nothing to do where the statement is empty.
void run_change(PreparedStatement &statement, const validation::Variables &variables, ReturnedRows &returned);

} // namespace gqlsvl::graphql::execute
