#include "workers/scan_conditions.h"

#include <utility>

extern "C" {
#include "catalog/pg_class.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"
}

namespace gqlsvl::workers {

namespace {

bool find_varying_parameter(Node *node, void *once) {
  if (!node) return false;
  if (IsA(node, Param)) {
    auto *parameter = reinterpret_cast<Param *>(node);
    return parameter->paramkind != PARAM_EXTERN && !bms_is_member(parameter->paramid, static_cast<Bitmapset *>(once));
  }
  return expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(find_varying_parameter)), once);
}

// Can be computed beside the query, with the same outcome.
bool is_readable(Node *value) { return !contain_var_clause(value) && !contain_volatile_functions(value) && !contain_subplans(value); }

// The operator must be the equality that the column's hash belongs to. Conditions of an index-only scan name columns of the index.
std::optional<AttrNumber> column_of(List *index_columns, Node *side, Oid operator_id, Oid collation) {
  const Oid compared_as = exprType(side);
  while (IsA(side, RelabelType)) side = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(side)->arg);
  if (!IsA(side, Var)) return std::nullopt;
  auto *column = reinterpret_cast<Var *>(side);
  if (column->varno == INDEX_VAR) {
    auto *entry = static_cast<TargetEntry *>(list_nth(index_columns, column->varattno - 1));
    if (!IsA(entry->expr, Var)) return std::nullopt;
    column = reinterpret_cast<Var *>(entry->expr);
  }
  if (column->varattno <= 0 || column->varlevelsup != 0) return std::nullopt;
  TypeCacheEntry *compared = lookup_type_cache(compared_as, TYPECACHE_EQ_OPR | TYPECACHE_HASH_EXTENDED_PROC);
  TypeCacheEntry *stored = lookup_type_cache(column->vartype, TYPECACHE_HASH_EXTENDED_PROC);
  if (compared->eq_opr != operator_id || !OidIsValid(compared->hash_extended_proc)) return std::nullopt;
  if (stored->hash_extended_proc != compared->hash_extended_proc) return std::nullopt;
  if (OidIsValid(collation) && !get_collation_isdeterministic(collation)) return std::nullopt;
  return column->varattno;
}

std::optional<Equality> equality_of(List *index_columns, Node *condition, Bitmapset *once) {
  List *sides = NIL;
  Oid operator_id = InvalidOid, collation = InvalidOid;
  bool is_array = false;
  if (IsA(condition, OpExpr)) {
    auto *call = reinterpret_cast<OpExpr *>(condition);
    sides = call->args;
    operator_id = call->opno;
    collation = call->inputcollid;
  } else if (IsA(condition, ScalarArrayOpExpr) && reinterpret_cast<ScalarArrayOpExpr *>(condition)->useOr) {
    auto *call = reinterpret_cast<ScalarArrayOpExpr *>(condition);
    sides = call->args;
    operator_id = call->opno;
    collation = call->inputcollid;
    is_array = true;
  }
  if (list_length(sides) != 2) return std::nullopt;
  auto *left = static_cast<Node *>(linitial(sides)), *right = static_cast<Node *>(lsecond(sides));
  for (auto [side, value] : {std::pair(left, right), std::pair(right, left)}) {
    if (is_array && side == right) break;
    const auto column = column_of(index_columns, side, operator_id, collation);
    if (column && is_readable(value))
      return Equality{*column, reinterpret_cast<Expr *>(value), is_array, find_varying_parameter(value, once)};
  }
  return std::nullopt;
}

// Other kinds of scans have their conditions elsewhere, or none.
List *conditions_of_index(ScanState *scan) {
  Plan *plan = scan->ps.plan;
  if (IsA(plan, IndexScan)) return reinterpret_cast<IndexScan *>(plan)->indexqualorig;
  if (IsA(plan, BitmapHeapScan)) return reinterpret_cast<BitmapHeapScan *>(plan)->bitmapqualorig;
  return IsA(plan, IndexOnlyScan) ? reinterpret_cast<IndexOnlyScan *>(plan)->recheckqual : NIL;
}

} // namespace

std::optional<Equality> best_equality(ScanState *state, Bitmapset *once) {
  if (state->ss_currentRelation->rd_rel->relkind != RELKIND_RELATION) return std::nullopt;
  Plan *plan = state->ps.plan;
  List *index_columns = IsA(plan, IndexOnlyScan) ? reinterpret_cast<IndexOnlyScan *>(plan)->indextlist : NIL;
  auto rank = [](const Equality &e) { return e.varies ? 2 : e.is_array ? 1 : 0; };
  std::optional<Equality> best;
  ListCell *cell;
  foreach (cell, list_concat_copy(conditions_of_index(state), plan->qual)) {
    const std::optional<Equality> equality = equality_of(index_columns, static_cast<Node *>(lfirst(cell)), once);
    if (equality && !(equality->varies && equality->is_array) && (!best || rank(*equality) < rank(*best))) best = equality;
  }
  return best;
}

} // namespace gqlsvl::workers
