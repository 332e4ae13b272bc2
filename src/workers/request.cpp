#include "workers/request.h"

#include "base/json.h"
#include "base/text.h"
#include "graphql/execute/run.h"
#include "graphql/execute/sql_error.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "workers/touched.h"

#include <algorithm>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "executor/spi.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timeout.h"
}

namespace gqlsvl::workers {

namespace {

void set_locally(const char *name, const char *value) {
  pg::call([=] { set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, ERROR, false); });
}

[[noreturn]] void refuse(const std::string &role, const char *reason, const char *hint) {
  throw Error(sqlstate::insufficient_privilege, "role \"" + role + "\" may not be used by requests", reason, hint);
}

// The role's OID, if a request may run as it: looked at anew for each request.
Oid permitted_role(const server::Session &session) {
  const char *name = session.role.c_str();
  Oid role = InvalidOid;
  bool superuser = false, bypasses = false;
  pg::call([&] {
    HeapTuple row = SearchSysCache1(AUTHNAME, CStringGetDatum(name));
    if (!HeapTupleIsValid(row)) return;
    auto *form = reinterpret_cast<Form_pg_authid>(GETSTRUCT(row));
    role = form->oid;
    superuser = form->rolsuper;
    bypasses = form->rolbypassrls;
    ReleaseSysCache(row);
  });
  const char *grant = "Grant the role to the role in gqlsvl.authenticator_role (gqlsvl_authenticator when empty).";
  if (!OidIsValid(role)) refuse(session.role, "There is no such role.", grant);
  if (superuser) refuse(session.role, "It is a superuser.", "Use a role without SUPERUSER.");
  if (session.role.starts_with("pg_")) refuse(session.role, "It is a predefined role.", "Use a role of your own.");
  const char *admin_role = pg::settings().admin_role;
  if (bypasses && !(session.admin && admin_role && session.role == admin_role))
    refuse(session.role, "It has BYPASSRLS and is not gqlsvl.admin_role.", "Use a role without BYPASSRLS.");
  if (!pg::call([=] { return is_member_of_role_nosuper(GetSessionUserId(), role); }))
    refuse(session.role, "The session user of the executors is not a member of it.", grant);
  return role;
}

// ALTER ROLE ... [IN DATABASE ...] SET, the more special ones last. Plain Postgres code.
void apply_role_settings(Oid role) {
  Relation settings = table_open(DbRoleSettingRelationId, AccessShareLock);
  for (Oid database : {InvalidOid, MyDatabaseId}) {
    ScanKeyData keys[2];
    ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(database));
    ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(role));
    SysScanDesc scan = systable_beginscan(settings, DbRoleSettingDatidRolidIndexId, true, nullptr, 2, keys);
    while (HeapTuple row = systable_getnext(scan)) {
      bool is_null;
      Datum value = heap_getattr(row, Anum_pg_db_role_setting_setconfig, RelationGetDescr(settings), &is_null);
      if (!is_null) ProcessGUCArray(DatumGetArrayTypeP(value), PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL);
    }
    systable_endscan(scan);
  }
  table_close(settings, AccessShareLock);
}

// As in Hasura: the header counts only together with the admin secret.
bool asks_for_backend(const server::Session &session) {
  json::ParseError problem;
  const auto variables = session.admin ? json::parse(session.hasura_user, problem) : std::nullopt;
  return variables && lower(variables->string("x-hasura-use-backend-only-permissions").value_or("")) == "true";
}

// docs/rules.md, 1, in this order: settings, role, claims, then the flag that lets nothing switch back.
void become(const server::Session &session) {
  const Oid role = permitted_role(session);
  pg::call([role] { apply_role_settings(role); });
  set_locally("role", session.role.c_str());
  set_locally("request.jwt.claims", session.claims.empty() ? "{}" : session.claims.c_str());
  // Said for each request: what the role's own settings say of it does not count.
  set_locally("gqlsvl.use_backend_only_permissions", asks_for_backend(session) ? "on" : "off");
  set_locally("hasura.user", session.hasura_user.empty() ? "{}" : session.hasura_user.c_str());
  Oid user;
  int context;
  GetUserIdAndSecContext(&user, &context);
  SetUserIdAndSecContext(user, context | SECURITY_LOCAL_USERID_CHANGE);
}

// All deferred triggers have run; the settings of this transaction, `role` among them, are undone after this.
void let_go_of_role(XactEvent event, void *) {
  if (event != XACT_EVENT_PRE_COMMIT) return;
  Oid user;
  int context;
  GetUserIdAndSecContext(&user, &context);
  SetUserIdAndSecContext(user, context & ~SECURITY_LOCAL_USERID_CHANGE);
}

void arm_timeout(std::uint32_t request_ms) {
  int limit = static_cast<int>(std::min<std::uint32_t>(request_ms, INT_MAX));
  if (StatementTimeout > 0) limit = limit > 0 ? std::min(limit, StatementTimeout) : StatementTimeout;
  if (limit > 0) enable_timeout_after(STATEMENT_TIMEOUT, limit);
}

graphql::execute::RunResult run(const WorkItem &item, bool evaluate) {
  arm_timeout(item.timeout_ms);
  graphql::execute::RunRequest request;
  request.query = item.call.query;
  request.variables = item.call.variables;
  request.operation_name = item.call.operation_name;
  request.document = item.call.document;
  request.use_allow_list = true;
  request.read_only = evaluate || item.call.read_only;
  request.allow_subscription = evaluate;
  request.own_transaction = true;
  return graphql::execute::run(request);
}

void fill(server::Outcome &outcome, graphql::execute::RunResult &&result) {
  outcome.json = std::move(result.json);
  outcome.subscription = std::move(result.subscription);
  outcome.failed = result.failed;
  outcome.refresh_by_time = result.refresh_by_time;
}

void execute(const WorkItem &item, server::Outcome &outcome) {
  pg::Transaction transaction;
  become(item.call.session);
  graphql::execute::RunResult result = run(item, false);
  try {
    if (!result.failed) transaction.commit();
  } catch (const Error &error) {
    if (graphql::execute::belongs_to_caller(error.sqlstate)) throw;
    result = graphql::execute::failed_at_commit(result, error);
  }
  fill(outcome, std::move(result));
}

void evaluate(const WorkItem &item, server::Outcome &outcome) {
  pg::Transaction transaction;
  set_locally("transaction_read_only", "on");
  {
    pg::Subtransaction subscriber;
    Recorder recorder;
    become(item.call.session);
    graphql::execute::RunResult result = run(item, true);
    result.refresh_by_time |= recorder.foreign();
    outcome.topics = recorder.take();
    // What definitions say is covered by the signal "everything".
    std::erase_if(outcome.topics, [](live::Topic topic) { return live::relation_of(topic) < FirstNormalObjectId; });
    fill(outcome, std::move(result));
    subscriber.rollback();
  }
  transaction.commit();
}

// For /healthz. The statement is ours and fixed; check() is not for every role, so it runs as the extension's side, read only.
void check(const WorkItem &item, server::Outcome &outcome) {
  pg::Transaction transaction;
  set_locally("transaction_read_only", "on");
  Oid user;
  int context;
  GetUserIdAndSecContext(&user, &context);
  SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  arm_timeout(item.timeout_ms);
  char *rows = nullptr;
  pg::call([&] {
    SPI_connect();
    int result =
        SPI_execute("SELECT coalesce(pg_catalog.json_agg(c), '[]'::pg_catalog.json)::pg_catalog.text FROM gqlsvl.check() AS c", true, 1);
    if (result != SPI_OK_SELECT || SPI_processed != 1) elog(ERROR, "gqlsvl.check() gave no rows: %d", result);
    rows = MemoryContextStrdup(TopTransactionContext, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
    SPI_finish();
  });
  outcome.json = rows;
  SetUserIdAndSecContext(user, context);
  transaction.commit();
}

const char *code_of(const std::string &state) {
  if (state == sqlstate::insufficient_privilege) return "access-denied";
  if (state == sqlstate::query_canceled) return "time-limit-exceeded";
  if (state.starts_with("23")) return "constraint-violation";
  return "unexpected";
}

void settle() {
  pg::call([] {
    disable_timeout(STATEMENT_TIMEOUT, false);
    QueryCancelPending = false;
  });
}

} // namespace

void prepare_session() {
  static const char *const settings[][2] = {{"default_transaction_isolation", "read committed"},
                                            {"default_transaction_read_only", "off"},
                                            {"default_transaction_deferrable", "off"},
                                            {"statement_timeout", "0"},
                                            {"lock_timeout", "0"},
                                            {"idle_in_transaction_session_timeout", "0"},
                                            {"idle_session_timeout", "0"},
                                            {"session_replication_role", "origin"},
                                            {"row_security", "on"},
                                            {"jit", "off"}};
  for (auto &[name, value] : settings) pg::call([name = name, value = value] { SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE); });
  RegisterXactCallback(let_go_of_role, nullptr);
}

server::Outcome run_request(const WorkItem &item) {
  server::Outcome outcome;
  outcome.ticket = item.call.ticket;
  outcome.generation = item.call.generation;
  try {
    switch (item.call.kind) {
    case server::CallKind::Execute: execute(item, outcome); break;
    case server::CallKind::Evaluate: evaluate(item, outcome); break;
    case server::CallKind::Check: check(item, outcome); break;
    }
  } catch (const Error &e) {
    outcome.failed = true;
    outcome.json = error_response(e.message(), code_of(e.sqlstate));
  }
  settle();
  return outcome;
}

// An evaluation was rolled back: only what no rollback undoes is left.
static void clean_after_evaluation() {
  pg::call([] {
    DropAllPreparedStatements();
    LockReleaseAll(USER_LOCKMETHOD, true);
  });
}

static void clean_after_execution() {
  pg::Transaction transaction;
  pg::call([] {
    PortalHashTableDeleteAll();
    DropAllPreparedStatements();
    Async_UnlistenAll();
    LockReleaseAll(USER_LOCKMETHOD, true);
    ResetTempTableNamespace();
    ResetSequenceCaches();
    ResetAllOptions();
  });
  transaction.commit();
}

void clean_session(server::CallKind kind) {
  kind == server::CallKind::Evaluate ? clean_after_evaluation() : clean_after_execution();
  Oid user;
  int context;
  GetUserIdAndSecContext(&user, &context);
  if (user != GetSessionUserId() || user != GetAuthenticatedUserId() || context != 0)
    throw Error(sqlstate::internal, "the executor's session still has another role after a request");
}

} // namespace gqlsvl::workers
