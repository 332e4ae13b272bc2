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

// The json columns of the one row the statement gives; SQL NULL is "null".
std::vector<std::string> run_for_json(PreparedStatement &statement, const validation::Variables &variables, const Returned *returned,
                                      bool read_only);

Returned run_change(PreparedStatement &statement, const validation::Variables &variables,
                    const std::vector<compile::ReturnedColumn> &columns);

} // namespace gqlsvl::graphql::execute
