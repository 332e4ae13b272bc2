// Runs one GraphQL request in the current transaction, as the current role: the pipeline behind gqlsvl.resolve and the executors.
//
// In:  document or reference to one, variables (JSON object text or empty), operation name. Out: the whole response as JSON text.
// Always: a GraphQL-level fault is a response ({"errors":[..]}), never an exception. Thrown as gqlsvl::Error are only the SQLSTATEs that
// belong to the caller: 57xxx, 40001, 40P01, 53xxx, XXxxx. A failed request leaves nothing behind: by a subtransaction, or, with
// `own_transaction`, because the caller rolls back its transaction when `failed` is set.
#pragma once
#include "base/no_postgres.h"

#include <memory>
#include <string>
#include <string_view>

namespace gqlsvl {
class Error;
namespace graphql::schema {
struct Schema;
}
} // namespace gqlsvl

namespace gqlsvl::graphql::execute {

struct RunRequest {
  std::string_view query, variables, operation_name;
  std::string_view document;       // stands for the query: "sha256:HASH" or an id of gqlsvl.document; with a query: the query's own hash
  bool read_only = false;          // a mutation is refused
  bool use_allow_list = false;     // the setting gqlsvl.allow_list applies
  bool allow_subscription = false; // a subscription runs as the query of the same shape; otherwise it is refused
  bool own_transaction = false;    // the transaction holds nothing but this request: no subtransaction is opened
};

struct RunResult {
  std::string json;
  bool failed = false;                          // json is an error response; with own_transaction: roll back
  std::string subscription;                     // the text of a document referred to, when it failed for being a subscription
  bool refresh_by_time = false;                 // the result also depends on time, a volatile function or a foreign table
  std::shared_ptr<const schema::Schema> schema; // null when it failed before there was one
};

RunResult run(const RunRequest &request);

// What `result` turns into when its transaction then fails at COMMIT: by a deferred constraint, say.
RunResult failed_at_commit(const RunResult &result, const Error &error);

} // namespace gqlsvl::graphql::execute
