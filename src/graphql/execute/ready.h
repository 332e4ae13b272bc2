// The first half of a request: text -> schema, document, operation, variables and the prepared plan. No SQL of the request runs here.
#pragma once
#include "graphql/execute/plan_cache.h"
#include "graphql/execute/run.h"

namespace gqlsvl::graphql::execute {

struct Ready {
  std::shared_ptr<ParsedDocument> parsed; // holds the schema
  validation::Variables variables;
  std::shared_ptr<Prepared> prepared;
};

// The code of the refusal of a subscription where none can run.
inline constexpr char unexpected_payload[] = "unexpected-payload";

// Nothing: `errors` has grown.
std::optional<Ready> make_ready(const RunRequest &request, Errors &errors);

} // namespace gqlsvl::graphql::execute
