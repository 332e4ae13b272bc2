// Which conditions cannot use an index because of row security: Postgres checks a table's policies before any operator that is not
// leakproof (numeric =, LIKE, jsonb @> ...), so such an operator never reaches the index that was made for it.
//
// In:  a kept plan of the current role. Out: one warning for each such condition of each table with policies, in the order of the query.
// Source: PostgreSQL documentation, sections 41.5 (rules and privileges) and 5.8 (row security policies).
#pragma once
#include <string>
#include <vector>

extern "C" {
struct _SPI_plan;
}

namespace gqlsvl::graphql::execute {

struct PolicyWarning {
  std::string table, policies, column, op, index; // as messages show them: public.orders, "own, team", customer_id, @>, orders_doc_idx
  std::string text() const;
  bool operator==(const PolicyWarning &) const = default;
};

std::vector<PolicyWarning> policy_warnings(_SPI_plan *plan);

} // namespace gqlsvl::graphql::execute
