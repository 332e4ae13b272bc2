#include "graphql/execute/run.h"

#include "graphql/language/error.h"

namespace gqlsvl::graphql::execute {

RunResult run(const RunRequest &) {
  RunResult result;
  result.failed = true;
  result.json = R"({"errors":[{"message":"this build does not execute operations","extensions":{"path":"$","code":"not-supported"}}]})";
  return result;
}

} // namespace gqlsvl::graphql::execute
