// What SQL an operation becomes, with the values of its parameters.
//
// In:  a request, as in run.h. Out: {"statements":[{"path","sql","parameters":[{"type","value"}]}]}, or an error response.
// Always: runs nothing. "when" tells that a statement does not always run. A parameter that a statement takes from an earlier one has
// "from" in place of "value".
#pragma once
#include "graphql/execute/run.h"

namespace gqlsvl::graphql::execute {

std::string explain(const RunRequest &request);

} // namespace gqlsvl::graphql::execute
