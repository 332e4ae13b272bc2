#include "workers/touched.h"

#include "workers/row_watch.h"
#include "workers/signal.h"

#include <algorithm>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "executor/executor.h"
#include "postmaster/bgworker.h"
#include "tcop/utility.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace gqlsvl::workers {

namespace {

TouchedSet touched;
bool touched_roles = false; // they belong to all databases
Recorder *recorder = nullptr;
ExecutorStart_hook_type previous_start = nullptr;
ExecutorEnd_hook_type previous_end = nullptr;

bool somebody_listens() {
  Database *database = find_database(MyDatabaseId);
  return database && database->signal.active.load();
}

// One row of pg_inherits per parent, for partitions and for plain inheritance alike. Plain Postgres code: may ereport.
void add_with_ancestors(Oid relation, bool itself = true) {
  check_stack_depth();
  if (itself) touched.add(relation);
  Relation inherits = table_open(InheritsRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(inherits, InheritsRelidSeqnoIndexId, true, nullptr, 1, &key);
  while (HeapTuple row = systable_getnext(scan)) add_with_ancestors(reinterpret_cast<Form_pg_inherits>(GETSTRUCT(row))->inhparent);
  systable_endscan(scan);
  table_close(inherits, AccessShareLock);
}

void add_with_family(Oid relation) {
  if (!OidIsValid(relation)) return;
  add_with_ancestors(relation);
  List *inheritors = find_all_inheritors(relation, NoLock, nullptr);
  ListCell *cell;
  foreach (cell, inheritors) touched.add(lfirst_oid(cell));
}

void add_result_relations(List *result_relations) {
  ListCell *cell;
  foreach (cell, result_relations) {
    auto *target = static_cast<ResultRelInfo *>(lfirst(cell));
    if (RelationUsesLocalBuffers(target->ri_RelationDesc)) continue;
    const Oid relation = RelationGetRelid(target->ri_RelationDesc);
    if (watches_rows(target)) touched.add_by_rows(relation);
    add_with_ancestors(relation, !watches_rows(target));
  }
}

// What functions open in a parallel worker is not seen here: while relations are recorded, plans run in this process alone.
void forbid_parallel_workers(QueryDesc *query) {
  if (!query->plannedstmt->parallelModeNeeded) return;
  auto *serial = static_cast<PlannedStmt *>(palloc(sizeof(PlannedStmt)));
  *serial = *query->plannedstmt; // the plan may be a kept one: its own flag stays
  serial->parallelModeNeeded = false;
  query->plannedstmt = serial;
}

void executor_start(QueryDesc *query, int flags) {
  if (recorder) {
    pg::entry([query] { recorder->begun(query); });
    forbid_parallel_workers(query);
  }
  if (previous_start)
    previous_start(query, flags);
  else
    standard_ExecutorStart(query, flags);
  if (recorder) pg::entry([query] { recorder->started(query); });
  Database *database = query->estate->es_opened_result_relations ? find_database(MyDatabaseId) : nullptr;
  if (database && database->signal.watched_column_count.load()) watch_rows(query->estate, flags, database->signal, touched);
}

// Such as a foreign key's cascade that finds no row. Rows of a rule's or a WITH's statements are not counted.
bool changed_nothing(const QueryDesc *query) {
  const PlannedStmt *plan = query->plannedstmt;
  return plan->canSetTag && !plan->hasModifyingCTE && plan->commandType != CMD_SELECT && query->estate->es_processed == 0;
}

void note_changes(const QueryDesc *query) {
  const EState *state = query->estate;
  if (!state || (!state->es_opened_result_relations && !state->es_tuple_routing_result_relations)) return;
  if (changed_nothing(query)) return;
  if (!somebody_listens()) return touched.add_everything();
  add_result_relations(state->es_opened_result_relations);
  add_result_relations(state->es_tuple_routing_result_relations);
}

void executor_end(QueryDesc *query) {
  note_changes(query);
  if (recorder && query->estate) pg::entry([query] { recorder->ended(query); });
  if (previous_end)
    previous_end(query);
  else
    standard_ExecutorEnd(query);
}

bool wrote_past_the_executor() noexcept {
  if (MyBackendType != B_BG_WORKER || !TransactionIdIsValid(GetTopTransactionIdIfAny())) return false;
  return strncmp(MyBgworkerEntry->bgw_library_name, "gqlsvl", strlen("gqlsvl")) != 0;
}

void publish_to_others() noexcept {
  for (Database &database : shared()->databases)
    if (OidIsValid(database.oid.load()) && database.oid.load() != MyDatabaseId) touched.publish(database.signal);
}

void note_truncate(TruncateStmt *statement) {
  if (statement->behavior == DROP_CASCADE) return touched.add_everything();
  ListCell *cell;
  foreach (cell, statement->relations) add_with_family(RangeVarGetRelid(static_cast<RangeVar *>(lfirst(cell)), NoLock, true));
}

bool is_temporary(const RangeVar *name) {
  if (name->relpersistence == RELPERSISTENCE_TEMP) return true;
  const Oid relation = RangeVarGetRelid(name, NoLock, true);
  return OidIsValid(relation) && get_rel_persistence(relation) == RELPERSISTENCE_TEMP;
}

bool drops_only_temporary_tables(const DropStmt *statement) {
  if (statement->removeType != OBJECT_TABLE || statement->behavior == DROP_CASCADE) return false;
  ListCell *cell;
  foreach (cell, statement->objects)
    if (!is_temporary(makeRangeVarFromNameList(static_cast<List *>(lfirst(cell))))) return false;
  return true;
}

bool changes_roles(Node *statement) {
  switch (nodeTag(statement)) {
  case T_CreateRoleStmt:
  case T_AlterRoleStmt:
  case T_AlterRoleSetStmt:
  case T_DropRoleStmt:
  case T_GrantRoleStmt: return true;
  case T_RenameStmt: return reinterpret_cast<RenameStmt *>(statement)->renameType == OBJECT_ROLE;
  default: return false;
  }
}

} // namespace

bool concerns_only_this_session(Node *statement) {
  switch (nodeTag(statement)) {
  case T_CreateStmt: return reinterpret_cast<CreateStmt *>(statement)->relation->relpersistence == RELPERSISTENCE_TEMP;
  case T_CreateTableAsStmt: return reinterpret_cast<CreateTableAsStmt *>(statement)->into->rel->relpersistence == RELPERSISTENCE_TEMP;
  case T_IndexStmt: return is_temporary(reinterpret_cast<IndexStmt *>(statement)->relation);
  case T_DropStmt: return drops_only_temporary_tables(reinterpret_cast<DropStmt *>(statement));
  default: return false;
  }
}

void note_utility_statement(Node *statement) {
  touched_roles |= changes_roles(statement);
  if (IsA(statement, TransactionStmt)) {
    // The rows were written by a session that may be gone: nobody knows which.
    if (reinterpret_cast<TransactionStmt *>(statement)->kind == TRANS_STMT_COMMIT_PREPARED) touched.add_everything();
    return;
  }
  if (IsA(statement, CopyStmt)) {
    auto *copy = reinterpret_cast<CopyStmt *>(statement);
    if (!copy->is_from) return;
    if (somebody_listens())
      add_with_family(RangeVarGetRelid(copy->relation, NoLock, true));
    else
      touched.add_everything();
    return;
  }
  if (IsA(statement, TruncateStmt)) return note_truncate(reinterpret_cast<TruncateStmt *>(statement));
  if (IsA(statement, RefreshMatViewStmt))
    return add_with_family(RangeVarGetRelid(reinterpret_cast<RefreshMatViewStmt *>(statement)->relation, NoLock, true));
  // Rights, policies, definitions: any of them may change any result.
  if (GetCommandLogLevel(statement) == LOGSTMT_DDL) touched.add_everything();
}

void publish_touched() noexcept {
  if (wrote_past_the_executor()) touched.add_everything();
  if (touched.empty()) return;
  if (Database *database = find_database(MyDatabaseId)) touched.publish(database->signal);
  if (touched_roles) publish_to_others();
  forget_touched();
}

void forget_touched() noexcept {
  touched.clear();
  touched_roles = false;
}

Recorder::Recorder() { recorder = this; }
Recorder::~Recorder() { recorder = nullptr; }

void Recorder::begun(const QueryDesc *query) {
  std::vector<live::Topic> &relations = under_way_[query].relations;
  ListCell *cell;
  foreach (cell, query->plannedstmt->relationOids) relations.push_back(live::whole(lfirst_oid(cell)));
  foreach (cell, query->plannedstmt->rtable) {
    auto *entry = static_cast<RangeTblEntry *>(lfirst(cell));
    foreign_ |= entry->rtekind == RTE_RELATION && entry->relkind == RELKIND_FOREIGN_TABLE;
  }
}

void Recorder::started(QueryDesc *query) { under_way_[query].observation = std::make_unique<Observation>(query); }

void Recorder::ended(QueryDesc *query) {
  auto found = under_way_.find(query);
  if (found == under_way_.end() || !found->second.observation) return;
  const std::vector<live::Topic> topics = found->second.observation->topics(); // may run functions, which are recorded too
  found_.insert(found_.end(), topics.begin(), topics.end());
  under_way_.erase(found);
}

std::vector<live::Topic> Recorder::take() {
  for (auto &[query, left] : under_way_) found_.insert(found_.end(), left.relations.begin(), left.relations.end());
  under_way_.clear();
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  return std::move(found_);
}

void install_touched_hooks() {
  previous_start = ExecutorStart_hook;
  ExecutorStart_hook = executor_start;
  previous_end = ExecutorEnd_hook;
  ExecutorEnd_hook = executor_end;
}

} // namespace gqlsvl::workers
