// What SQL an operation becomes, with the values of its parameters, the plan Postgres makes of it, and why it looks like that.
//
// In:  a request, as in run.h. Out: {"statements":[{"path","sql","parameters":[{"type","value"}],"shapes":[{"path","shape","reason"}],
// "plan","warnings":[..]}]}, or an error response.
// Always: changes nothing. With `analyze` a query runs, read-only, and its plan has times and row counts; a mutation is refused, since what
// it sets off (sequences, triggers that reach outside) would not all be undone by a rollback. "when" tells that a statement does not always
// run. A parameter that a statement takes from an earlier one has "from" in place of "value", and the statement no plan.
#pragma once
#include "graphql/execute/run.h"

namespace gqlsvl::graphql::execute {

std::string explain(const RunRequest &request, bool analyze);

} // namespace gqlsvl::graphql::execute
