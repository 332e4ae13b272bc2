#include "graphql/execute/run.h"

#include "graphql/compile/fault.h"
#include "graphql/execute/documents.h"
#include "graphql/execute/ready.h"
#include "graphql/execute/sql_error.h"
#include "graphql/execute/statement.h"
#include "graphql/execute/time_dependence.h"
#include "graphql/schema/introspection.h"
#include "pg/settings.h"
#include "pg/transaction.h"

#include <optional>

extern "C" {
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
}

namespace gqlsvl::graphql::execute {

namespace {

using compile::RootField;
using language::OperationKind;

void log_current_exception() {
  pg::Report report = pg::report_of_current_exception();
  pg::log(LOG, report);
}

RunResult failure(const Errors &errors, std::shared_ptr<const schema::Schema> schema = nullptr) {
  RunResult result;
  result.json = errors_response(errors);
  result.failed = true;
  result.schema = std::move(schema);
  return result;
}

// Whether policies can hide a new row from the current role; a view may stand for a table with policies.
bool may_hide_rows(Oid table) {
  if (!OidIsValid(table)) return false;
  return pg::call([table] { return get_rel_relkind(table) == RELKIND_VIEW || check_enable_rls(table, InvalidOid, true) == RLS_ENABLED; });
}

class Execution {
public:
  Execution(const RunRequest &request, const ParsedDocument &parsed, const validation::Variables &variables, Prepared &prepared)
      : request_(request), parsed_(parsed), variables_(variables), prepared_(prepared) {}

  std::string run() {
    pg::Spi spi;
    std::vector<std::string> columns;
    const bool reads = prepared_.plan.kind != OperationKind::Mutation;
    if (!prepared_.plan.query.sql.empty()) columns = run_for_json(*prepared_.query, variables_, {}, reads && request_.read_only);
    std::string data = "{\"data\":{";
    bool first = true;
    for (const RootField &field : prepared_.plan.fields) {
      path_ = field.error_path;
      if (!first) data += ',';
      first = false;
      json::append_string(data, field.response_key);
      data += ':';
      data += value_of(field, columns);
      check_size(data.size());
    }
    path_ = "$";
    if (prepared_.time_dependent < 0) prepared_.time_dependent = prepared_.query->plan && depends_on_time(prepared_.query->plan);
    spi.finish();
    return data + "}}";
  }
  const std::string &path() const { return path_; }

private:
  std::string value_of(const RootField &field, const std::vector<std::string> &columns) {
    switch (field.kind) {
    case RootField::Kind::QueryColumn: return columns.at(field.index);
    case RootField::Kind::Introspection: return introspection(field);
    case RootField::Kind::Change: return changes(field);
    default: return field.constant;
    }
  }

  std::string introspection(const RootField &field) {
    if (!pg::settings().introspection)
      throw compile::Fault("field '" + field.field.selection->name + "' not found in type: 'query_root'", field.path);
    return schema::introspect(*parsed_.schema, parsed_.document, variables_, field.field);
  }

  std::string changes(const RootField &field) {
    std::string answers;
    for (std::size_t i = 0; i < field.count; ++i) {
      path_ = field.error_path;
      answers += (i > 0 ? "," : "") + change(field, field.index + i);
    }
    return field.list ? "[" + answers + "]" : answers;
  }

  std::string change(const RootField &field, std::size_t index) {
    if (!may_hide_rows(prepared_.plan.changes[index].returns_new_rows_of)) return change_at_once(index);
    pg::Subtransaction attempt;
    try {
      std::string answer = change_at_once(index);
      attempt.commit();
      return answer;
    } catch (const Error &error) {
      if (!is_row_security(error)) throw;
    }
    attempt.rollback();
    return insert_row_by_row(field);
  }

  std::string change_at_once(std::size_t index) {
    const compile::Change &change = prepared_.plan.changes[index];
    if (!change.steps.empty()) return insert_nested(index);
    if (change.answer.sql.empty()) return run_for_json(*prepared_.changes[index], variables_, {}, false).at(0);
    ReturnedRows rows(change.returned);
    run_change(*prepared_.changes[index], variables_, rows);
    return answer(*prepared_.answers[index], rows);
  }

  std::string insert_nested(std::size_t index) {
    const compile::Change &change = prepared_.plan.changes[index];
    ReturnedRows roots(change.returned);
    std::vector<std::unique_ptr<ReturnedRows>> done;
    for (std::size_t i = 0; i < change.steps.size(); ++i) {
      const compile::InsertStep &step = change.steps[i];
      const Before before{nullptr, &done};
      auto rows = std::make_unique<ReturnedRows>(step.returned);
      run_change(prepared_.steps[index][i]->insert, variables_, *rows, before);
      if (rows->size() < step.rows) find_existing(prepared_.steps[index][i]->existing, variables_, *rows, before);
      if (step.feeds_others && rows->size() != step.rows)
        throw compile::Fault("cannot proceed to insert related rows since insert to table \"" + step.table + "\" affects zero rows", path_,
                             "not-supported");
      roots.count(*rows);
      if (step.root) roots.append(*rows);
      done.push_back(std::move(rows));
    }
    return answer(*prepared_.answers[index], roots);
  }

  // Row security refuses RETURNING for a new row the role may not see. Such a row is inserted without, and left out of the answer.
  // A row the role may not insert is refused again.
  std::string insert_row_by_row(const RootField &field) {
    const compile::RowByRow apart = compile::compile_row_by_row(*parsed_.schema, parsed_.document, variables_, field, compile_options());
    const std::vector<compile::ReturnedColumn> no_columns;
    ReturnedRows rows(apart.returned), unseen_rows(no_columns);
    for (std::size_t i = 0; i < apart.seen.size(); ++i) {
      if (insert_seen(apart.seen[i], rows)) continue;
      PreparedStatement unseen(apart.unseen[i]);
      run_change(unseen, variables_, unseen_rows);
    }
    rows.count(unseen_rows);
    PreparedStatement answering(apart.answer);
    return answer(answering, rows);
  }

  bool insert_seen(const compile::Statement &statement, ReturnedRows &rows) {
    PreparedStatement seen(statement);
    pg::Subtransaction attempt;
    try {
      run_change(seen, variables_, rows);
      attempt.commit();
      return true;
    } catch (const Error &error) {
      if (!is_row_security(error)) throw;
    }
    attempt.rollback();
    return false;
  }

  std::string answer(PreparedStatement &statement, ReturnedRows &rows) {
    path_ = "$";
    const Returned returned = rows.arrays();
    return run_for_json(statement, variables_, {&returned, nullptr}, false).at(0);
  }

  static void check_size(std::size_t bytes) {
    const std::size_t most = static_cast<std::size_t>(pg::settings().max_response_kb) * 1024;
    if (bytes > most)
      throw Error(sqlstate::program_limit, "the answer is larger than gqlsvl.max_response_size",
                  "It has more than " + std::to_string(most) + " bytes.", "Ask for fewer rows with limit.");
  }

  const RunRequest &request_;
  const ParsedDocument &parsed_;
  const validation::Variables &variables_;
  Prepared &prepared_;
  std::string path_ = "$";
};

// How far a request had come when an exception ended it.
struct Progress {
  std::string path = "$";
  std::shared_ptr<const schema::Schema> schema;
};

GraphQLError refusal(const char *message, const char *code) {
  GraphQLError error;
  error.message = message;
  error.code = code;
  return error;
}

// The words and the code are those that Apollo's clients look for.
std::optional<GraphQLError> fetch_document(RunRequest &request, std::string &text) {
  if (request.document.empty()) return std::nullopt;
  if (!request.query.empty()) {
    if (request.document == "sha256:" + hash_of(request.query)) return std::nullopt;
    return refusal("provided sha does not match query", "bad-request");
  }
  std::optional<std::string> found = find_document(request.document);
  if (!found) return refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND");
  request.query = text = std::move(*found);
  return std::nullopt;
}

RunResult run_document(const RunRequest &request, Progress &progress) {
  Errors errors;
  const std::optional<Ready> ready = make_ready(request, errors);
  if (!ready) {
    RunResult refused = failure(errors);
    if (!request.document.empty() && errors.front().code == unexpected_payload) refused.subscription = request.query;
    return refused;
  }
  progress.schema = ready->parsed->schema;
  Prepared &prepared = *ready->prepared;
  if (prepared.plan.kind == OperationKind::Mutation && XactReadOnly)
    throw compile::Fault("mutations are not possible in a read-only transaction", "$", "not-supported");
  Execution execution(request, *ready->parsed, ready->variables, prepared);
  std::optional<pg::ReadOnly> reading;
  if (prepared.plan.kind != OperationKind::Mutation) reading.emplace();
  try {
    RunResult result;
    result.json = execution.run();
    result.refresh_by_time = prepared.time_dependent > 0;
    result.schema = progress.schema;
    return result;
  } catch (...) {
    progress.path = execution.path();
    throw;
  }
}

RunResult run_pipeline(RunRequest request, Progress &progress) {
  std::string text;
  if (std::optional<GraphQLError> refused = fetch_document(request, text)) return failure({*refused});
  if (request.use_allow_list && pg::settings().allow_list && text.empty() && !is_listed(request.query))
    return failure({refusal("query is not allowed", "validation-failed")});
  return run_document(request, progress);
}

} // namespace

RunResult run(const RunRequest &request) {
  Progress progress;
  MemoryContext caller = CurrentMemoryContext;
  std::optional<pg::Subtransaction> scope;
  RunResult result;
  try {
    if (!request.own_transaction) scope.emplace();
    pg::ScopedContext memory("gqlsvl request");
    result = run_pipeline(request, progress);
  } catch (const Error &error) {
    if (belongs_to_caller(error.sqlstate)) throw;
    if (!is_for_client(error)) log_current_exception();
    result = failure({from_sql_error(error, progress.path, progress.schema.get())}, progress.schema);
  } catch (const compile::Fault &fault) { result = failure({fault.error}); }
  MemoryContextSwitchTo(caller);
  if (scope) result.failed ? scope->rollback() : scope->commit();
  return result;
}

RunResult failed_at_commit(const RunResult &result, const Error &error) {
  return failure({from_sql_error(error, "$", result.schema.get())}, result.schema);
}

} // namespace gqlsvl::graphql::execute
