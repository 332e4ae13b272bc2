#include "graphql/execute/time_dependence.h"

#include "pg/boundary.h"

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "executor/spi.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
}

namespace gqlsvl::graphql::execute {

namespace {

bool reads_clock(Oid function, void *) {
  switch (function) {
  case F_NOW:
  case F_TRANSACTION_TIMESTAMP:
  case F_STATEMENT_TIMESTAMP:
  case F_AGE_TIMESTAMP:
  case F_AGE_TIMESTAMPTZ: return true;
  default: return func_volatile(function) == PROVOLATILE_VOLATILE;
  }
}

bool is_clock(SQLValueFunctionOp op) { return op <= SVFOP_LOCALTIMESTAMP_N; } // the dates and times come first

bool walk(Node *node, void *context);

using Walker = bool (*)(); // Postgres 15 declares walkers without their parameters
Walker walker() { return reinterpret_cast<Walker>(reinterpret_cast<void *>(walk)); }

bool walk(Node *node, void *context) {
  if (!node) return false;
  if (check_functions_in_node(node, reads_clock, context)) return true;
  if (IsA(node, SQLValueFunction)) return is_clock(reinterpret_cast<SQLValueFunction *>(node)->op);
  if (IsA(node, RangeTblEntry)) {
    auto *entry = reinterpret_cast<RangeTblEntry *>(node);
    return entry->rtekind == RTE_RELATION && entry->relkind == RELKIND_FOREIGN_TABLE;
  }
  if (IsA(node, Query)) return query_tree_walker(reinterpret_cast<Query *>(node), walker(), context, QTW_EXAMINE_RTES_BEFORE);
  return expression_tree_walker(node, walker(), context);
}

} // namespace

bool depends_on_time(_SPI_plan *plan) {
  return pg::call([plan] {
    ListCell *source, *query;
    foreach (source, SPI_plan_get_plan_sources(plan))
      foreach (query, static_cast<CachedPlanSource *>(lfirst(source))->query_list)
        if (walk(static_cast<Node *>(lfirst(query)), nullptr)) return true;
    return false;
  });
}

} // namespace gqlsvl::graphql::execute
