#include "workers/dependencies.h"

#include "workers/scan_conditions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "pg/transaction.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"
}

namespace gqlsvl::workers {

namespace {

constexpr int most_values = 100; // of one scan

using Rows = std::optional<std::vector<live::Topic>>; // nothing: the whole relation

// A column's values as topics.
struct Hasher {
  Oid relation, collation;
  AttrNumber column;
  FmgrInfo *function;
  live::Topic topic(Datum value) const { // may ereport
    return live::rows(relation, column, DatumGetUInt64(FunctionCall2Coll(function, collation, value, Int64GetDatum(0))));
  }
};

Hasher hasher_of(Relation relation, AttrNumber column) { // may ereport
  Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), column - 1);
  TypeCacheEntry *type = lookup_type_cache(attribute->atttypid, TYPECACHE_HASH_EXTENDED_PROC_FINFO);
  return {RelationGetRelid(relation), attribute->attcollation, column, &type->hash_extended_proc_finfo};
}

// Stands before a scan's own function and keeps the values the scan is asked with. All living probes are in one list: a node is found
// there.
struct Probe {
  PlanState *node;
  ExecProcNodeMtd original;
  ExprState *value;
  Hasher hasher;
  live::Topic last = 0;
  std::set<live::Topic> topics;
  Probe *next;

  void note() {
    bool is_null;
    const Datum asked = ExecEvalExprSwitchContext(value, node->ps_ExprContext, &is_null);
    if (is_null) return; // equal to nothing
    const live::Topic topic = hasher.topic(asked);
    if (topic == last) return;
    last = topic;
    pg::entry([this, topic] {
      if (topics.size() <= most_values) topics.insert(topic);
    });
  }
};
Probe *probes = nullptr;

TupleTableSlot *probe_and_scan(PlanState *node) {
  for (Probe *probe = probes; probe; probe = probe->next) {
    if (probe->node != node) continue;
    probe->note();
    return probe->original(node);
  }
  elog(ERROR, "gqlsvl: a scan lost its probe");
}

} // namespace

class Observation::Finder {
public:
  explicit Finder(QueryDesc *query) : query_(query), estate_(query->estate) {}
  ~Finder();
  void start();
  std::vector<live::Topic> topics();

private:
  struct Watched { // a scan and what narrows it
    ScanState *scan;
    std::optional<Equality> equality;
    Probe *probe = nullptr;
  };
  static bool visit(PlanState *node, void *self);
  void note_parameters(PlanState *node);
  void watch(PlanState *node);
  Probe *probe(ScanState *scan, const Equality &equality);
  Rows rows_of(const Watched &watched);
  Rows values_of(ScanState *scan, const Equality &equality);

  QueryDesc *query_;
  EState *estate_;
  Bitmapset *once_ = nullptr; // parameters set once for the whole query: by uncorrelated sub-selects
  std::vector<PlanState *> scans_;
  std::vector<Watched> watched_;
  std::vector<std::unique_ptr<Probe>> own_probes_;
};

Observation::Finder::~Finder() {
  for (auto &own : own_probes_) {
    Probe **place = &probes;
    while (*place != own.get()) place = &(*place)->next;
    *place = own->next;
  }
}

bool Observation::Finder::visit(PlanState *node, void *argument) {
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
  return planstate_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(visit)), argument);
}

void Observation::Finder::note_parameters(PlanState *node) {
  ListCell *cell, *parameter;
  foreach (cell, node->initPlan) {
    auto *plan = static_cast<SubPlanState *>(lfirst(cell));
    if (!bms_is_subset(plan->planstate->plan->extParam, once_)) continue; // inside a sub-select of other rows
    foreach (parameter, plan->subplan->setParam) once_ = bms_add_member(once_, lfirst_int(parameter));
  }
}

void Observation::Finder::watch(PlanState *node) {
  auto *scan = reinterpret_cast<ScanState *>(node);
  if (!scan->ss_currentRelation) return;
  Watched watched{scan, pg::call([&] { return best_equality(scan, once_); })};
  if (watched.equality && watched.equality->varies) watched.probe = probe(scan, *watched.equality);
  watched_.push_back(watched);
}

Probe *Observation::Finder::probe(ScanState *scan, const Equality &equality) {
  PlanState *node = &scan->ps;
  auto own = std::make_unique<Probe>();
  own->node = node;
  own->original = node->ExecProcNodeReal;
  pg::call([&] {
    MemoryContext caller = MemoryContextSwitchTo(estate_->es_query_cxt);
    own->value = ExecInitExpr(equality.value, nullptr);
    MemoryContextSwitchTo(caller);
    own->hasher = hasher_of(scan->ss_currentRelation, equality.column);
  });
  own->next = probes;
  own_probes_.push_back(std::move(own));
  probes = own_probes_.back().get();
  ExecSetExecProcNode(node, probe_and_scan);
  return probes;
}

Rows Observation::Finder::rows_of(const Watched &watched) {
  if (!watched.equality) return std::nullopt;
  if (!watched.probe) return values_of(watched.scan, *watched.equality);
  if (watched.probe->topics.size() > most_values) return std::nullopt;
  return std::vector<live::Topic>(watched.probe->topics.begin(), watched.probe->topics.end());
}

// At the end of the query, when settings that functions made meanwhile are there.
Rows Observation::Finder::values_of(ScanState *scan, const Equality &equality) {
  std::vector<live::Topic> topics;
  bool is_null = false;
  Datum value = 0;
  Hasher hasher{};
  pg::call([&] {
    hasher = hasher_of(scan->ss_currentRelation, equality.column);
    ExprState *expression = ExecInitExpr(equality.value, nullptr);
    value = ExecEvalExprSwitchContext(expression, GetPerTupleExprContext(estate_), &is_null);
  });
  auto add = [&](Datum one) { topics.push_back(pg::call([&] { return hasher.topic(one); })); };
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

void Observation::Finder::start() {
  pg::call([this] {
    visit(query_->planstate, this);
    ListCell *cell;
    foreach (cell, estate_->es_subplanstates)
      if (lfirst(cell)) visit(static_cast<PlanState *>(lfirst(cell)), this);
  });
  std::sort(scans_.begin(), scans_.end());
  scans_.erase(std::unique(scans_.begin(), scans_.end()), scans_.end());
  for (PlanState *scan : scans_) watch(scan);
}

std::vector<live::Topic> Observation::Finder::topics() {
  std::map<Oid, Rows> found;
  for (const Watched &watched : watched_) {
    Rows rows = rows_of(watched);
    Rows &all = found.try_emplace(RelationGetRelid(watched.scan->ss_currentRelation), std::in_place).first->second;
    if (rows && all)
      all->insert(all->end(), rows->begin(), rows->end());
    else
      all.reset();
  }
  std::vector<live::Topic> topics;
  ListCell *cell;
  foreach (cell, query_->plannedstmt->relationOids) {
    const Oid relation = lfirst_oid(cell);
    auto rows = found.find(relation);
    if (rows == found.end() || !rows->second) {
      topics.push_back(live::whole(relation));
      continue;
    }
    topics.insert(topics.end(), rows->second->begin(), rows->second->end());
    topics.push_back(live::unseen(relation));
  }
  return topics;
}

Observation::Observation(QueryDesc *query) : query_(query), finder_(std::make_unique<Finder>(query)) { finder_->start(); }
Observation::~Observation() = default;

std::vector<live::Topic> Observation::topics() {
  try {
    pg::Subtransaction scope; // evaluating a condition's value may fail where the query itself had no row to evaluate it for
    std::vector<live::Topic> topics = finder_->topics();
    scope.commit();
    return topics;
  } catch (const Error &error) {
    if (error.sqlstate.starts_with("57")) throw;
  }
  std::vector<live::Topic> topics;
  ListCell *cell;
  foreach (cell, query_->plannedstmt->relationOids) topics.push_back(live::whole(lfirst_oid(cell)));
  return topics;
}

} // namespace gqlsvl::workers
