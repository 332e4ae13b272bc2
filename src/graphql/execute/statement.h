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
  explicit ReturnedRows(const std::vector<compile::ReturnedColumn> &columns) : columns_(columns), values_(columns.size()) {}
  void take(bool changed);                                              // the rows of the statement that just ran
  void count(const ReturnedRows &changed) { count_ += changed.count_; } // rows that are changed, whether they are returned or not
  void append(const ReturnedRows &rows);                                // those of `rows`, whose columns start with ours
  std::size_t size() const { return values_.empty() ? 0 : values_[0].values.size(); }
  Datum value(std::size_t row, std::size_t column, bool &is_null) const;
  Returned arrays();

private:
  struct Values {
    std::vector<Datum> values;
    std::vector<char> nulls; // bool, laid out as Postgres wants it
  };

  const std::vector<compile::ReturnedColumn> &columns_;
  std::vector<Values> values_; // as columns_
  std::int64_t count_ = 0;
};

// What parameters take from statements that ran before.
struct Before {
  const Returned *returned = nullptr;                                // AffectedRows, ReturnedColumn
  const std::vector<std::unique_ptr<ReturnedRows>> *steps = nullptr; // StepValue
};

// What EXPLAIN (FORMAT JSON) says of the statement with these values, its plan prepared as for running; `analyze`: it runs, and is
// measured.
std::string plan_text(PreparedStatement &statement, const validation::Variables &variables, bool analyze);

// The json columns of the one row the statement gives; SQL NULL is "null".
std::vector<std::string> run_for_json(PreparedStatement &statement, const validation::Variables &variables, const Before &before,
                                      bool read_only);

// Both: nothing to do where the statement is empty.
void run_change(PreparedStatement &statement, const validation::Variables &variables, ReturnedRows &returned, const Before &before = {});
// As a change that returns rows and changes none.
void find_existing(PreparedStatement &statement, const validation::Variables &variables, ReturnedRows &returned, const Before &before);

} // namespace gqlsvl::graphql::execute
