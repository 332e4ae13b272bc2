#include "graphql/execute/sql_error.h"

#include <string_view>

namespace gqlsvl::graphql::execute {

namespace {

struct Known {
  std::string_view sqlstate, code, prefix;
};

// The first whose sqlstate is a prefix of the error's counts.
constexpr Known known[] = {{"23505", "constraint-violation", "Uniqueness violation. "},
                           {"23503", "constraint-violation", "Foreign key violation. "},
                           {"23502", "constraint-violation", "Not-NULL violation. "},
                           {"23P01", "constraint-violation", "Exclusion violation. "},
                           {"23001", "constraint-violation", "Can not delete or update due to data being referred. "},
                           {"23514", "permission-error", "Check constraint violation. "},
                           {"23", "constraint-violation", ""},
                           {"22025", "bad-request", ""},
                           {"22", "data-exception", ""},
                           {"42704", "constraint-error", ""},
                           {"42P10", "constraint-error", ""},
                           {"42501", "permission-error", ""},
                           {"40", "concurrent-update", ""},
                           {"44000", "permission-error", "check constraint of an insert/update permission has failed. "},
                           {"P0001", "unexpected", ""},
                           {"0A000", "not-supported", ""},
                           {"25006", "not-supported", ""},
                           {"54", "unexpected", ""}};

} // namespace

bool belongs_to_caller(const std::string &sqlstate) {
  const std::string_view state = sqlstate;
  for (std::string_view of_caller : {"57", "40001", "40P01", "53", "XX"})
    if (state.substr(0, of_caller.size()) == of_caller) return true;
  return false;
}

GraphQLError from_sql_error(const Error &error, const std::string &path) {
  GraphQLError answer;
  answer.path = path;
  answer.sqlstate = error.sqlstate;
  for (const Known &entry : known) {
    if (std::string_view(error.sqlstate).substr(0, entry.sqlstate.size()) != entry.sqlstate) continue;
    const bool row_check = error.sqlstate == "42501" && error.message().find("row-level security") != std::string::npos;
    answer.code = entry.code;
    answer.message =
        (row_check ? "check constraint of an insert/update permission has failed. " : std::string(entry.prefix)) + error.message();
    answer.detail = error.detail;
    answer.hint = error.hint;
    return answer;
  }
  answer.code = "unexpected";
  answer.message = "database query error";
  return answer;
}

} // namespace gqlsvl::graphql::execute
