#include "graphql/execute/policy_warnings.h"

#include "pg/boundary.h"

#include <algorithm>

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_opfamily.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/rel.h"
}

namespace gqlsvl::graphql::execute {

namespace {

// Everything below runs inside one pg::call: plain structs in the caller's memory context.
struct Found {
  const char *table, *policies, *column, *op, *index;
};

struct Search {
  Query *query; // whose conditions are looked at
  List *found;
};

// LIKE and regular expressions come to a btree by their beginning, where that is sorted byte by byte.
bool serves_patterns(Oid op, Oid family, Oid collation) {
  const char *name = get_opname(op);
  const bool is_pattern = strcmp(name, "~~") == 0 || strcmp(name, "~") == 0;
  return is_pattern && OidIsValid(get_func_support(get_opcode(op))) &&
         (family == TEXT_PATTERN_BTREE_FAM_OID || family == BPCHAR_PATTERN_BTREE_FAM_OID ||
          (family == TEXT_BTREE_FAM_OID && collation == C_COLLATION_OID));
}

// An index of the table that has the column as a key, and an operator family that knows the operator; null: none.
const char *index_for(Relation table, AttrNumber column, Oid op) {
  const char *name = nullptr;
  ListCell *cell;
  foreach (cell, RelationGetIndexList(table)) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    for (int key = 0; key < IndexRelationGetNumberOfKeyAttributes(index); ++key)
      if (index->rd_index->indkey.values[key] == column &&
          (op_in_opfamily(op, index->rd_opfamily[key]) || serves_patterns(op, index->rd_opfamily[key], index->rd_indcollation[key])))
        name = pstrdup(RelationGetRelationName(index));
    index_close(index, AccessShareLock);
  }
  return name;
}

bool holds_for_current_role(const RowSecurityPolicy *policy) {
  const auto *roles = reinterpret_cast<const Oid *>(ARR_DATA_PTR(policy->roles));
  for (int i = 0; i < ARR_DIMS(policy->roles)[0]; ++i)
    if (roles[i] == ACL_ID_PUBLIC || has_privs_of_role(GetUserId(), roles[i])) return true;
  return false;
}

const char *policies_of(Relation table) {
  StringInfoData names;
  initStringInfo(&names);
  ListCell *cell;
  foreach (cell, table->rd_rsdesc ? table->rd_rsdesc->policies : NIL) {
    const auto *policy = static_cast<const RowSecurityPolicy *>(lfirst(cell));
    if (holds_for_current_role(policy)) appendStringInfo(&names, "%s%s", names.len ? ", " : "", policy->policy_name);
  }
  return names.data;
}

Node *without_relabel(Node *node) {
  while (node && IsA(node, RelabelType)) node = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(node)->arg);
  return node;
}

// `argument` of an operator that is not leakproof.
void look_at(Search &search, Oid op, Node *argument) {
  argument = without_relabel(argument);
  if (!argument || !IsA(argument, Var)) return;
  const auto *var = reinterpret_cast<const Var *>(argument);
  if (var->varlevelsup != 0 || var->varattno <= 0) return;
  auto *entry = static_cast<RangeTblEntry *>(list_nth(search.query->rtable, static_cast<int>(var->varno) - 1));
  if (entry->rtekind != RTE_RELATION || entry->securityQuals == NIL) return;
  Relation table = table_open(entry->relid, AccessShareLock);
  if (const char *index = index_for(table, var->varattno, op)) {
    auto *found = static_cast<Found *>(palloc(sizeof(Found)));
    found->table = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(table)), RelationGetRelationName(table));
    found->policies = policies_of(table);
    found->column = get_attname(entry->relid, var->varattno, false);
    found->op = get_opname(op);
    found->index = index;
    search.found = lappend(search.found, found);
  }
  table_close(table, AccessShareLock);
}

bool look_in_condition(Node *node, void *context);
bool look_in_query(Node *node, void *context);

using Walker = bool (*)(); // Postgres 15 declares walkers without their parameters
template <typename F> Walker walker(F function) { return reinterpret_cast<Walker>(reinterpret_cast<void *>(function)); }

bool look_in_condition(Node *node, void *context) {
  auto &search = *static_cast<Search *>(context);
  if (!node || IsA(node, SubLink)) return false; // the query below is looked at on its own
  Oid op = InvalidOid;
  List *arguments = NIL;
  if (IsA(node, OpExpr)) {
    op = reinterpret_cast<OpExpr *>(node)->opno;
    arguments = reinterpret_cast<OpExpr *>(node)->args;
  } else if (IsA(node, ScalarArrayOpExpr)) {
    op = reinterpret_cast<ScalarArrayOpExpr *>(node)->opno;
    arguments = reinterpret_cast<ScalarArrayOpExpr *>(node)->args;
  }
  if (OidIsValid(op) && !get_func_leakproof(get_opcode(op))) {
    ListCell *cell;
    foreach (cell, arguments) look_at(search, op, static_cast<Node *>(lfirst(cell)));
  }
  return expression_tree_walker(node, walker(look_in_condition), context);
}

// The conditions of WHERE and ON; the policies themselves are not among them.
bool look_in_query(Node *node, void *context) {
  if (!node) return false;
  if (!IsA(node, Query)) return expression_tree_walker(node, walker(look_in_query), context);
  auto &outer = *static_cast<Search *>(context);
  Search search{reinterpret_cast<Query *>(node), outer.found};
  look_in_condition(reinterpret_cast<Node *>(search.query->jointree), &search);
  query_tree_walker(search.query, walker(look_in_query), &search, 0);
  outer.found = search.found;
  return false;
}

List *find(_SPI_plan *plan) {
  Search search{nullptr, NIL};
  ListCell *source, *query;
  foreach (source, SPI_plan_get_plan_sources(plan))
    foreach (query, static_cast<CachedPlanSource *>(lfirst(source))->query_list) look_in_query(static_cast<Node *>(lfirst(query)), &search);
  return search.found;
}

} // namespace

std::string PolicyWarning::text() const {
  return "The condition \"" + column + " " + op + "\" on table " + table + " cannot use index \"" + index + "\": operator " + op +
         " is not leakproof, so the table's policies (" + policies +
         ") are checked first, for every row. Let a policy's own condition use an index, filter by a column whose operator is leakproof "
         "(= of integers, text and uuid are), or, if the operator's function never shows its arguments in errors, let a superuser declare "
         "it LEAKPROOF.";
}

std::vector<PolicyWarning> policy_warnings(_SPI_plan *plan) {
  List *found = pg::call([plan] { return find(plan); });
  std::vector<PolicyWarning> warnings;
  ListCell *cell;
  foreach (cell, found) {
    const auto &one = *static_cast<const Found *>(lfirst(cell));
    PolicyWarning warning{one.table, one.policies, one.column, one.op, one.index};
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(std::move(warning));
  }
  return warnings;
}

} // namespace gqlsvl::graphql::execute
