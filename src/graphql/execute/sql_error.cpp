#include "graphql/execute/sql_error.h"

#include "pg/boundary.h"

#include <algorithm>
#include <string_view>

#include "pg/server.h"

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
                           {"44000", "permission-error", "check constraint of an insert/update permission has failed. "},
                           {"42501", "permission-error", ""},
                           {"28", "access-denied", ""},
                           {"22025", "bad-request", ""},
                           {"22", "data-exception", ""},
                           {"21000", "data-exception", ""},
                           {"42704", "constraint-error", ""},
                           {"42P10", "constraint-error", ""},
                           {"40", "concurrent-update", ""},
                           {"55P03", "concurrent-update", ""},
                           {"0A000", "not-supported", ""},
                           {"25006", "not-supported", ""},
                           {"54", "unexpected", ""},
                           {"P0", "unexpected", ""}};

// Classes that Postgres itself never raises are those of the application's own RAISE ... USING ERRCODE. The standard leaves classes that
// begin with 5-9 or I-Z to implementations; of these Postgres uses the ones listed.
bool is_of_application(std::string_view sqlstate) {
  const char first = sqlstate.empty() ? '0' : sqlstate[0];
  if (!(first >= '5' && first <= '9') && !(first >= 'I' && first <= 'Z')) return false;
  for (std::string_view of_postgres : {"53", "54", "55", "57", "58", "72", "P0", "XX"})
    if (sqlstate.substr(0, 2) == of_postgres) return false;
  return true;
}

const Known *find_known(std::string_view sqlstate) {
  static constexpr Known of_application{"", "unexpected", ""};
  for (const Known &entry : known)
    if (sqlstate.substr(0, entry.sqlstate.size()) == entry.sqlstate) return &entry;
  return is_of_application(sqlstate) ? &of_application : nullptr;
}

const catalog::Table *seen_table(const schema::Schema *seen, const std::string &name) {
  if (!seen) return nullptr;
  const auto &tables = seen->model->tables;
  auto found = std::find_if(tables.begin(), tables.end(), [&](const auto &table) { return table->name == name; });
  return found == tables.end() ? nullptr : found->get();
}

// A foreign key's error speaks of two tables: its own, and in the detail also the other one.
bool sees_both_ends(const Error &error, const schema::Schema *seen) {
  const catalog::Table *table = seen_table(seen, error.table_name);
  if (!table) return false;
  return std::any_of(table->foreign_keys.begin(), table->foreign_keys.end(), [&](const catalog::ForeignKey &key) {
    return key.name == error.constraint_name && seen->model->table(key.referenced_table);
  });
}

bool sees_column(const Error &error, const schema::Schema *seen) {
  const catalog::Table *table = seen_table(seen, error.table_name);
  const catalog::Column *column = table ? table->column(error.column_name) : nullptr;
  return column && (column->can_select || column->can_insert || column->can_update);
}

void keep_in_log(const Error &error) {
  const char *message = error.what(), *detail = error.detail.c_str();
  pg::call([=] { ereport(LOG, (errmsg("gqlsvl does not tell a client: %s", message), *detail ? errdetail("%s", detail) : 0)); });
}

// Postgres names tables and columns also to those who may not see them.
void hide_unseen(GraphQLError &answer, const Error &error, const schema::Schema *seen) {
  const GraphQLError told = answer;
  if (std::string_view(error.routine).starts_with("aclcheck_error")) {
    answer.message = "permission denied";
    answer.detail = answer.hint = {};
  } else if (error.routine == "ri_ReportViolation" && !sees_both_ends(error, seen)) {
    answer.detail = {};
    if (!seen_table(seen, error.table_name)) answer.message = "Foreign key violation. the row is still referenced";
  } else if (error.sqlstate == "23502" && !error.column_name.empty() && !sees_column(error, seen)) {
    answer.message = "Not-NULL violation. null value in a column that must have one";
  }
  if (told.message != answer.message || told.detail != answer.detail) keep_in_log(error);
}

} // namespace

bool belongs_to_caller(const std::string &sqlstate) {
  const std::string_view state = sqlstate;
  for (std::string_view of_caller : {"57", "40001", "40P01", "53", "XX"})
    if (state.substr(0, of_caller.size()) == of_caller) return true;
  return false;
}

// Postgres gives all refusals of rights one SQLSTATE.
bool is_row_security(const Error &error) {
  return error.sqlstate == sqlstate::insufficient_privilege && error.routine == "ExecWithCheckOptions";
}

bool is_for_client(const Error &error) { return find_known(error.sqlstate) != nullptr; }

GraphQLError from_sql_error(const Error &error, const std::string &path, const schema::Schema *seen) {
  GraphQLError answer;
  answer.path = path;
  answer.sqlstate = error.sqlstate;
  answer.code = "unexpected";
  answer.message = "database query error";
  if (const Known *entry = find_known(error.sqlstate)) {
    const std::string prefix =
        is_row_security(error) ? "check constraint of an insert/update permission has failed. " : std::string(entry->prefix);
    answer.code = entry->code;
    answer.message = prefix + error.message();
    answer.detail = error.detail;
    answer.hint = error.hint;
    hide_unseen(answer, error, seen);
  }
  return answer;
}

} // namespace gqlsvl::graphql::execute
