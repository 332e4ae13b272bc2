#include "events/renamed_column.h"

#include "events/definition_row.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

ProcessUtility_hook_type previous_utility = nullptr;

bool is_installed() {
  return call([] {
    const Oid schema = get_namespace_oid("gqlsvl", true);
    return OidIsValid(schema) && OidIsValid(get_relname_relid("trigger", schema));
  });
}

void follow(const RenameStmt *statement) {
  if (!is_installed()) return;
  const Oid table = call([statement] { return RangeVarGetRelid(statement->relation, NoLock, true); });
  if (!OidIsValid(table)) return; // IF EXISTS
  OwnerSession session;
  Rows changed(
      "UPDATE gqlsvl.trigger AS t SET columns = array_replace(t.columns, $2, $3), payload_columns = array_replace(t.payload_columns, $2, "
      "$3), "
      "ordering_columns = array_replace(t.ordering_columns, $2, $3) "
      "WHERE t.dropped_at IS NULL AND $2 = ANY (coalesce(t.columns, '{}') || coalesce(t.payload_columns, '{}') || "
      "coalesce(t.ordering_columns, '{}')) "
      "AND (t.table_name = $1 OR EXISTS (SELECT FROM pg_partition_ancestors(t.table_name) AS a WHERE a.relid = $1)) RETURNING t.id",
      Values().add(REGCLASSOID, ObjectIdGetDatum(table)).add(statement->subname).add(statement->newname));
  if (changed.count() > 0) announce_change();
}

void utility(PlannedStmt *statement, const char *text, bool read_only_tree, ProcessUtilityContext context, ParamListInfo parameters,
             QueryEnvironment *environment, DestReceiver *destination, QueryCompletion *completion) {
  if (previous_utility)
    previous_utility(statement, text, read_only_tree, context, parameters, environment, destination, completion);
  else
    standard_ProcessUtility(statement, text, read_only_tree, context, parameters, environment, destination, completion);
  if (!IsA(statement->utilityStmt, RenameStmt)) return;
  auto *rename = castNode(RenameStmt, statement->utilityStmt);
  if (rename->renameType == OBJECT_COLUMN && rename->relation) pg::entry([rename] { follow(rename); });
}

} // namespace

void install_rename_hook() {
  previous_utility = ProcessUtility_hook;
  ProcessUtility_hook = utility;
}

} // namespace gqlsvl::events
