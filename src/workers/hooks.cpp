#include "workers/hooks.h"

#include "catalog/announce.h"
#include "pg/compat.h"
#include "workers/plan.h"
#include "workers/touched.h"

extern "C" {
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "storage/proc.h"
#include "tcop/utility.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace gqlsvl::workers {

namespace {

constexpr int make_way_limit_ms = 5000, most_pending = 8;

struct Pending {
  Request request;
  Oid database;
};

ProcessUtility_hook_type previous_utility = nullptr;
object_access_hook_type previous_access = nullptr;
Pending pending[most_pending]; // of this transaction
int pending_count = 0;
bool pending_all = false; // of all databases: too many requests, or one that a probe cannot answer
Hold *own_hold = nullptr;

void note(Request request, Oid database) {
  if (pending_count == most_pending)
    pending_all = true;
  else
    pending[pending_count++] = {request, database};
}

// Executors of any database run, stop or change their session user by what the role is afterwards.
void note_role(Oid role) {
  if (!shared()) return;
  for (Database &database : shared()->databases) {
    const Oid oid = database.oid.load(), authenticator = database.authenticator.load();
    if (OidIsValid(oid) && (!OidIsValid(authenticator) || authenticator == role)) note(Request::Probe, oid);
  }
}

void object_access(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id, void *argument) {
  if (previous_access) previous_access(access, class_id, object_id, sub_id, argument);
  const bool created = access == OAT_POST_CREATE, dropped = access == OAT_DROP;
  if (class_id == ExtensionRelationId && created) note(Request::Probe, MyDatabaseId);
  if (class_id == ExtensionRelationId && dropped && object_id == get_extension_oid("gqlsvl", true)) note(Request::Gone, MyDatabaseId);
  if (class_id == DatabaseRelationId && created) note(Request::Probe, object_id);
  if (class_id == DatabaseRelationId && access == OAT_POST_ALTER) pending_all = true; // ALLOW_CONNECTIONS, IS_TEMPLATE
  if (class_id == DatabaseRelationId && dropped) note(Request::Gone, object_id);
  if (class_id == AuthIdRelationId && (created || dropped || access == OAT_POST_ALTER)) note_role(object_id);
  if (class_id == DbRoleSettingRelationId && OidIsValid(object_id) && find_database(object_id)) note(Request::Probe, object_id);
}

// The database whose other connections the statement will not bear, if the user may run the statement; else invalid.
Oid database_in_the_way(Node *statement) {
  const char *name = nullptr;
  if (IsA(statement, DropdbStmt)) name = reinterpret_cast<DropdbStmt *>(statement)->dbname;
  if (IsA(statement, RenameStmt) && reinterpret_cast<RenameStmt *>(statement)->renameType == OBJECT_DATABASE)
    name = reinterpret_cast<RenameStmt *>(statement)->subname;
  ListCell *cell;
  if (IsA(statement, AlterDatabaseStmt)) {
    auto *alter = reinterpret_cast<AlterDatabaseStmt *>(statement);
    foreach (cell, alter->options)
      if (strcmp(static_cast<DefElem *>(lfirst(cell))->defname, "tablespace") == 0) name = alter->dbname;
  }
  if (IsA(statement, CreatedbStmt)) {
    foreach (cell, reinterpret_cast<CreatedbStmt *>(statement)->options) {
      auto *option = static_cast<DefElem *>(lfirst(cell));
      if (strcmp(option->defname, "template") == 0 && option->arg) name = defGetString(option);
    }
  }
  if (!name) return InvalidOid;
  const Oid database = get_database_oid(name, true);
  if (!OidIsValid(database) || !find_database(database) || database == MyDatabaseId) return InvalidOid;
  return pg::owns_database(database, GetUserId()) ? database : InvalidOid;
}

// The launcher looks at holds under Shared::lock, which stop_workers_of() takes after this: it starts nothing that is not then stopped.
bool take_hold(Oid database) {
  for (Hold &hold : shared()->holds) {
    int nobody = 0;
    if (!hold.holder_pid.compare_exchange_strong(nobody, MyProcPid)) continue;
    hold.database.store(database);
    own_hold = &hold;
    return true;
  }
  return false;
}

void make_way(Oid database) {
  if (!take_hold(database)) return; // as many such commands at once as there may be databases: Postgres's own rules apply
  stop_workers_of(database);
  const TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), make_way_limit_ms);
  while (workers_running(database) && GetCurrentTimestamp() < end) {
    CHECK_FOR_INTERRUPTS();
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 20, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
  }
}

void utility(PlannedStmt *planned, const char *text, bool read_only_tree, ProcessUtilityContext context, ParamListInfo parameters,
             QueryEnvironment *environment, DestReceiver *receiver, QueryCompletion *completion) {
  Node *statement = planned->utilityStmt;
  if (!own_hold) {
    const Oid database = database_in_the_way(statement);
    if (OidIsValid(database)) make_way(database);
  }
  const bool only_this_session = IsTransactionState() && concerns_only_this_session(statement);
  if (previous_utility)
    previous_utility(planned, text, read_only_tree, context, parameters, environment, receiver, completion);
  else
    standard_ProcessUtility(planned, text, read_only_tree, context, parameters, environment, receiver, completion);
  // What another session prepared is visible now, no commit callback has run for it, and what it did to extensions is not known here.
  if (IsA(statement, TransactionStmt) && reinterpret_cast<TransactionStmt *>(statement)->kind == TRANS_STMT_COMMIT_PREPARED) {
    wake_delivery(MyDatabaseId);
    pending_all = true;
  }
  // A COMMIT or ROLLBACK inside leaves no transaction in which catalogs could be read.
  if (!IsTransactionState()) return;
  if (!only_this_session) note_utility_statement(statement);
  catalog::announce_utility_statement(statement);
}

// Nothing here may fail: after a commit an ERROR would be a PANIC.
void end_of_transaction(bool committed) noexcept {
  const Oid held = own_hold ? own_hold->database.load() : InvalidOid;
  bool gone = false;
  for (int i = 0; i < pending_count && committed; i++) {
    gone |= pending[i].request == Request::Gone && pending[i].database == held;
    post_request(pending[i].request, pending[i].database);
  }
  if (pending_all && committed) {
    shared()->probe_all.store(1);
    wake_launcher();
  }
  pending_count = 0;
  pending_all = false;
  if (!own_hold) return;
  own_hold->holder_pid.store(0);
  own_hold = nullptr;
  if (!gone) post_request(Request::Probe, held); // the database is still there: its workers come back
}

bool committed = false; // and not told yet

void transaction_event(XactEvent event, void *) {
  if (event == XACT_EVENT_COMMIT) {
    committed = true;
    end_of_transaction(true);
  } else if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE) {
    forget_touched();
    end_of_transaction(false);
  }
}

// XACT_EVENT_COMMIT comes before the invalidation messages are sent: whoever was woken there could read with the definitions, rights and
// policies of before, and would not be woken again. This comes after them, and after the locks are released.
void release_event(ResourceReleasePhase phase, bool, bool is_top_level, void *) {
  if (!committed || !is_top_level || phase != RESOURCE_RELEASE_AFTER_LOCKS) return;
  committed = false;
  publish_touched();
}

// "Gone" said by what was rolled back to a savepoint must not stop anything: let a probe look.
void subtransaction_event(SubXactEvent event, SubTransactionId, SubTransactionId, void *) {
  if (event != SUBXACT_EVENT_ABORT_SUB) return;
  for (int i = 0; i < pending_count; i++) pending[i].request = Request::Probe;
}

} // namespace

void install_hooks() {
  previous_utility = ProcessUtility_hook;
  ProcessUtility_hook = utility;
  previous_access = object_access_hook;
  object_access_hook = object_access;
  RegisterXactCallback(transaction_event, nullptr);
  RegisterSubXactCallback(subtransaction_event, nullptr);
  RegisterResourceReleaseCallback(release_event, nullptr);
  install_touched_hooks();
}

} // namespace gqlsvl::workers
