#include "workers/dependencies.h"

#include <map>
#include <optional>

#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"
}

namespace gqlsvl::workers {

namespace {

constexpr int most_values = 100; // of one = ANY

// column = value, or column = ANY (array): what a condition says about a scan.
struct Equality {
  AttrNumber column;
  Expr *value;
  bool is_array;
};

// One scan of a plan: its relation, and how to read Vars in its conditions.
struct Scan {
  ScanState *state;
  List *index_columns = NIL; // IndexOnlyScan: its conditions name columns of the index
};

using Rows = std::optional<std::vector<live::Topic>>; // nothing: the whole relation

class Finder {
public:
  explicit Finder(QueryDesc *query) : query_(query), estate_(query->estate) {}
  std::vector<live::Topic> find();

private:
  static bool visit(PlanState *node, void *self);
  void note_parameters(PlanState *node);
  void note_scan(PlanState *node);
  Rows rows_of(const Scan &scan, List *conditions);
  std::optional<Equality> equality_of(const Scan &scan, Node *condition);
  std::optional<AttrNumber> column_of(const Scan &scan, Node *side, Oid operator_id, Oid collation);
  bool is_constant(Node *value);
  Rows topics_of(const Scan &scan, const Equality &equality);

  QueryDesc *query_;
  EState *estate_;
  Bitmapset *once_ = nullptr; // parameters set once for the whole query: by uncorrelated sub-selects
  std::vector<PlanState *> scans_;
  std::map<Oid, Rows> found_;
};

bool Finder::visit(PlanState *node, void *argument) {
  auto *self = static_cast<Finder *>(argument);
  self->note_parameters(node);
  switch (nodeTag(node)) {
  case T_SeqScanState:
  case T_IndexScanState:
  case T_IndexOnlyScanState:
  case T_BitmapHeapScanState:
  case T_TidScanState:
  case T_TidRangeScanState:
  case T_SampleScanState:
  case T_ForeignScanState:
  case T_CustomScanState: self->scans_.push_back(node); break;
  default: break;
  }
  return planstate_tree_walker(node, reinterpret_cast<bool (*)()>(visit), argument);
}

void Finder::note_parameters(PlanState *node) {
  ListCell *cell, *parameter;
  foreach (cell, node->initPlan) {
    SubPlan *plan = static_cast<SubPlanState *>(lfirst(cell))->subplan;
    if (plan->parParam != NIL) continue;
    foreach (parameter, plan->setParam) once_ = bms_add_member(once_, lfirst_int(parameter));
  }
}

void Finder::note_scan(PlanState *node) {
  auto *state = reinterpret_cast<ScanState *>(node);
  if (!state->ss_currentRelation) return;
  Scan scan{state};
  List *of_index = NIL;
  if (IsA(node, IndexScanState)) of_index = reinterpret_cast<IndexScan *>(node->plan)->indexqualorig;
  if (IsA(node, BitmapHeapScanState)) of_index = reinterpret_cast<BitmapHeapScan *>(node->plan)->bitmapqualorig;
  if (IsA(node, IndexOnlyScanState)) {
    auto *plan = reinterpret_cast<IndexOnlyScan *>(node->plan);
    scan.index_columns = plan->indextlist;
    of_index = plan->recheckqual;
  }
  // Other kinds of scans have their conditions elsewhere, or none.
  Rows rows = rows_of(scan, pg::call([&] { return list_concat_copy(of_index, node->plan->qual); }));
  auto [place, is_new] = found_.try_emplace(RelationGetRelid(state->ss_currentRelation), rows);
  if (is_new) return;
  if (rows && place->second)
    place->second->insert(place->second->end(), rows->begin(), rows->end());
  else
    place->second.reset();
}

// The first condition that will do: those of an index come first.
Rows Finder::rows_of(const Scan &scan, List *conditions) {
  if (scan.state->ss_currentRelation->rd_rel->relkind != RELKIND_RELATION) return std::nullopt;
  Rows by_list;
  ListCell *cell;
  foreach (cell, conditions) {
    const std::optional<Equality> equality = pg::call([&] { return equality_of(scan, static_cast<Node *>(lfirst(cell))); });
    if (!equality || (equality->is_array && by_list)) continue;
    Rows rows = topics_of(scan, *equality);
    if (rows && !equality->is_array) return rows;
    if (rows) by_list = std::move(rows);
  }
  return by_list;
}

std::optional<Equality> Finder::equality_of(const Scan &scan, Node *condition) {
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
  if (auto column = column_of(scan, left, operator_id, collation); column && is_constant(right))
    return Equality{*column, reinterpret_cast<Expr *>(right), is_array};
  if (is_array) return std::nullopt;
  if (auto column = column_of(scan, right, operator_id, collation); column && is_constant(left))
    return Equality{*column, reinterpret_cast<Expr *>(left), false};
  return std::nullopt;
}

// The operator must be the equality that the column's hash belongs to.
std::optional<AttrNumber> Finder::column_of(const Scan &scan, Node *side, Oid operator_id, Oid collation) {
  const Oid compared_as = exprType(side);
  while (IsA(side, RelabelType)) side = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(side)->arg);
  if (!IsA(side, Var)) return std::nullopt;
  auto *column = reinterpret_cast<Var *>(side);
  if (column->varno == INDEX_VAR) {
    auto *entry = static_cast<TargetEntry *>(list_nth(scan.index_columns, column->varattno - 1));
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

// Also true for sub-selects inside the expression.
bool find_other_parameter(Node *node, void *argument) {
  if (!node) return false;
  if (IsA(node, SubPlan) || IsA(node, AlternativeSubPlan)) return true;
  if (IsA(node, Param)) {
    auto *parameter = reinterpret_cast<Param *>(node);
    if (parameter->paramkind == PARAM_EXEC) return !bms_is_member(parameter->paramid, static_cast<Bitmapset *>(argument));
    return parameter->paramkind != PARAM_EXTERN;
  }
  return expression_tree_walker(node, reinterpret_cast<bool (*)()>(find_other_parameter), argument);
}

bool Finder::is_constant(Node *value) {
  return !contain_var_clause(value) && !contain_volatile_functions(value) && !find_other_parameter(value, once_);
}

// Once more at the end of the query, when settings that functions made meanwhile are there. A failure means: the whole relation.
Rows Finder::topics_of(const Scan &scan, const Equality &equality) {
  Relation relation = scan.state->ss_currentRelation;
  Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), equality.column - 1);
  TypeCacheEntry *type = pg::call([&] { return lookup_type_cache(attribute->atttypid, TYPECACHE_HASH_EXTENDED_PROC_FINFO); });
  const Oid id = RelationGetRelid(relation);
  std::vector<live::Topic> topics{live::unseen(id)};
  auto add = [&](Datum value) {
    const Datum hash =
        pg::call([&] { return FunctionCall2Coll(&type->hash_extended_proc_finfo, attribute->attcollation, value, Int64GetDatum(0)); });
    topics.push_back(live::rows(id, equality.column, DatumGetUInt64(hash)));
  };
  bool is_null = false;
  const Datum value = pg::call([&] {
    ExprState *expression = ExecInitExpr(equality.value, nullptr);
    return ExecEvalExprSwitchContext(expression, GetPerTupleExprContext(estate_), &is_null);
  });
  if (is_null) return topics; // equal to nothing
  if (!equality.is_array) {
    add(value);
    return topics;
  }
  Datum *elements = nullptr;
  bool *nulls = nullptr;
  int count = 0;
  pg::call([&] {
    ArrayType *array = DatumGetArrayTypeP(value);
    int16 length;
    bool by_value;
    char alignment;
    get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &alignment);
    deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, alignment, &elements, &nulls, &count);
  });
  if (count > most_values) return std::nullopt;
  for (int i = 0; i < count; i++)
    if (!nulls[i]) add(elements[i]);
  return topics;
}

std::vector<live::Topic> Finder::find() {
  pg::call([this] {
    visit(query_->planstate, this);
    ListCell *cell;
    foreach (cell, estate_->es_subplanstates)
      if (lfirst(cell)) visit(static_cast<PlanState *>(lfirst(cell)), this);
  });
  for (PlanState *scan : scans_) note_scan(scan);
  std::vector<live::Topic> topics;
  ListCell *cell;
  foreach (cell, query_->plannedstmt->relationOids) {
    const Oid relation = lfirst_oid(cell);
    auto found = found_.find(relation);
    if (found != found_.end() && found->second)
      topics.insert(topics.end(), found->second->begin(), found->second->end());
    else
      topics.push_back(live::whole(relation));
  }
  return topics;
}

} // namespace

std::vector<live::Topic> dependencies(QueryDesc *query) {
  try {
    pg::Subtransaction scope; // evaluating a condition's value may fail where the query itself had no row to evaluate it for
    std::vector<live::Topic> topics = Finder(query).find();
    scope.commit();
    return topics;
  } catch (const Error &error) {
    if (error.sqlstate.starts_with("57")) throw;
  }
  std::vector<live::Topic> topics;
  ListCell *cell;
  foreach (cell, query->plannedstmt->relationOids) topics.push_back(live::whole(lfirst_oid(cell)));
  return topics;
}

} // namespace gqlsvl::workers
