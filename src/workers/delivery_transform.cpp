#include "workers/delivery_transform.h"

#include "pg/json_function.h"
#include "pg/transaction.h"

extern "C" {
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/timeout.h"
}

namespace gqlsvl::workers {

namespace {

constexpr int limit_ms = 1000; // the worker sends nothing else meanwhile

class TimeLimit {
public:
  TimeLimit() {
    pg::call([] { enable_timeout_after(STATEMENT_TIMEOUT, limit_ms); });
  }
  ~TimeLimit() {
    disable_timeout(STATEMENT_TIMEOUT, false);
    QueryCancelPending = false;
  }
  TimeLimit(const TimeLimit &) = delete;
};

// The worker's own statements want other plans than a user's function, and see all rows.
void set_for_users() {
  static constexpr std::pair<const char *, const char *> settings[] = {
      {"transaction_read_only", "on"}, {"row_security", "on"},     {"enable_seqscan", "on"},    {"enable_bitmapscan", "on"},
      {"enable_hashjoin", "on"},       {"enable_mergejoin", "on"}, {"plan_cache_mode", "auto"},
  };
  for (auto [name, value] : settings)
    pg::call([=, name = name, value = value] {
      set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, ERROR, false);
    });
}

} // namespace

std::string run_transform(const std::string &signature, Oid owner, const std::string &event) {
  pg::Transaction transaction; // never committed
  set_for_users();
  Oid user;
  int context;
  GetUserIdAndSecContext(&user, &context);
  SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION); // until the abort
  TimeLimit limit;
  try {
    auto answer = pg::call_json_function(pg::find_json_function(signature, owner), event);
    if (!answer) throw Error(sqlstate::invalid_parameter, "it returned NULL", {}, "Return a JSON object.");
    return *answer;
  } catch (const Error &error) {
    throw Error(error.sqlstate, "transform function " + signature + ": " + error.message(), error.detail, error.hint);
  }
}

} // namespace gqlsvl::workers
