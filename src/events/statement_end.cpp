#include "events/statement_end.h"

#include "events/buffer.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/plannodes.h"
#include "tcop/utility.h"
}

namespace gqlsvl::events {

namespace {

ExecutorFinish_hook_type previous_finish = nullptr;
ProcessUtility_hook_type previous_utility = nullptr;

void write_captured() {
  pg::entry([] { flush(); });
}

bool may_have_captured(const QueryDesc *query) {
  const bool writes = query->operation != CMD_SELECT || query->plannedstmt->hasModifyingCTE;
  return writes && !(query->estate->es_top_eflags & EXEC_FLAG_SKIP_TRIGGERS);
}

void executor_finish(QueryDesc *query) {
  const bool captured = may_have_captured(query);
  if (previous_finish)
    previous_finish(query);
  else
    standard_ExecutorFinish(query);
  if (captured) write_captured();
}

void utility(PlannedStmt *statement, const char *text, bool read_only_tree, ProcessUtilityContext context, ParamListInfo parameters,
             QueryEnvironment *environment, DestReceiver *destination, QueryCompletion *completion) {
  const bool is_copy = IsA(statement->utilityStmt, CopyStmt);
  if (previous_utility)
    previous_utility(statement, text, read_only_tree, context, parameters, environment, destination, completion);
  else
    standard_ProcessUtility(statement, text, read_only_tree, context, parameters, environment, destination, completion);
  if (is_copy) write_captured();
}

} // namespace

void install_statement_end_hooks() {
  previous_finish = ExecutorFinish_hook;
  ExecutorFinish_hook = executor_finish;
  previous_utility = ProcessUtility_hook;
  ProcessUtility_hook = utility;
}

} // namespace gqlsvl::events
