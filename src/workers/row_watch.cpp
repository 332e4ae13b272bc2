#include "workers/row_watch.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "pgstat.h"
#include "utils/rel.h"
#include "utils/typcache.h"
}

namespace gqlsvl::workers {

namespace {

// No trigger of a catalog has such an OID: it is one of pg_type's.
constexpr Oid own_trigger = 16;
char own_name[] = "gqlsvl live queries";

struct HashedColumn {
  std::int16_t number;
  Oid collation;
  FmgrInfo *hash;
};

// What the trigger of one target needs; hangs on its tgargs.
struct RowWatch {
  TouchedSet *touched;
  Oid relation;
  int count;
  HashedColumn columns[WatchedColumns::capacity];
};

void add_values(const RowWatch &watch, TupleTableSlot *slot) {
  if (!slot || TTS_EMPTY(slot)) return;
  for (int i = 0; i < watch.count; i++) {
    const HashedColumn &column = watch.columns[i];
    bool is_null;
    const Datum value = slot_getattr(slot, column.number, &is_null);
    if (is_null) continue; // no equality finds it
    const Datum hash = FunctionCall2Coll(column.hash, column.collation, value, Int64GetDatum(0));
    watch.touched->add_rows(live::rows(watch.relation, column.number, DatumGetUInt64(hash)));
  }
}

Datum note_row(PG_FUNCTION_ARGS) {
  auto *data = reinterpret_cast<TriggerData *>(fcinfo->context);
  const auto &watch = *reinterpret_cast<const RowWatch *>(data->tg_trigger->tgargs);
  add_values(watch, data->tg_trigslot);
  if (TRIGGER_FIRED_BY_UPDATE(data->tg_event)) add_values(watch, data->tg_newslot);
  return PointerGetDatum(nullptr);
}

bool can_watch(Relation relation, const ResultRelInfo *target) {
  return relation->rd_rel->relkind == RELKIND_RELATION && !RelationUsesLocalBuffers(relation) && !target->ri_FdwRoutine &&
         !target->ri_RootResultRelInfo;
}

// False when a column cannot be hashed: it was dropped or altered since.
bool describe(Relation relation, const WatchedColumns &columns, RowWatch &watch) {
  for (int i = 0; i < columns.count; i++) {
    if (columns.columns[i] > RelationGetNumberOfAttributes(relation)) return false;
    Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), columns.columns[i] - 1);
    if (attribute->attisdropped) return false;
    TypeCacheEntry *type = lookup_type_cache(attribute->atttypid, TYPECACHE_HASH_EXTENDED_PROC_FINFO);
    if (!OidIsValid(type->hash_extended_proc_finfo.fn_oid)) return false;
    watch.columns[watch.count++] = {columns.columns[i], attribute->attcollation, &type->hash_extended_proc_finfo};
  }
  return true;
}

Trigger make_trigger(RowWatch *watch) {
  Trigger trigger;
  memset(&trigger, 0, sizeof trigger);
  trigger.tgoid = own_trigger;
  trigger.tgname = own_name;
  trigger.tgfoid = own_trigger;
  trigger.tgtype = TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE;
  trigger.tgenabled = TRIGGER_FIRES_ALWAYS;
  trigger.tgargs = reinterpret_cast<char **>(watch);
  return trigger;
}

template <typename T> T *longer_copy(const T *old, int count) {
  auto *copy = static_cast<T *>(palloc0(sizeof(T) * (count + 1)));
  if (old && count) memcpy(static_cast<void *>(copy), old, sizeof(T) * count);
  return copy;
}

void add_trigger(EState *state, ResultRelInfo *target, RowWatch *watch) {
  const int count = target->ri_TrigDesc ? target->ri_TrigDesc->numtriggers : 0;
  auto *triggers = static_cast<TriggerDesc *>(palloc0(sizeof(TriggerDesc)));
  if (target->ri_TrigDesc) *triggers = *target->ri_TrigDesc;
  triggers->triggers = longer_copy(triggers->triggers, count);
  triggers->triggers[count] = make_trigger(watch);
  triggers->numtriggers = count + 1;
  triggers->trig_insert_after_row = triggers->trig_update_after_row = triggers->trig_delete_after_row = true;
  FmgrInfo *functions = longer_copy(target->ri_TrigFunctions, count);
  functions[count].fn_addr = note_row; // looked up already, as far as Postgres is concerned
  functions[count].fn_oid = own_trigger;
  functions[count].fn_stats = TRACK_FUNC_ALL; // never counted
  functions[count].fn_mcxt = state->es_query_cxt;
  target->ri_TrigDesc = triggers;
  target->ri_TrigFunctions = functions;
  target->ri_TrigWhenExprs = longer_copy(target->ri_TrigWhenExprs, count);
  if (state->es_instrument) target->ri_TrigInstrument = InstrAlloc(count + 1, state->es_instrument, false);
}

} // namespace

void watch_rows(EState *state, int executor_flags, const SignalArea &area, TouchedSet &touched) {
  if (!state->es_opened_result_relations || (executor_flags & (EXEC_FLAG_SKIP_TRIGGERS | EXEC_FLAG_EXPLAIN_ONLY))) return;
  const std::uint64_t columns_generation = area.columns_generation.load();
  MemoryContext caller = MemoryContextSwitchTo(state->es_query_cxt);
  ListCell *cell;
  foreach (cell, state->es_opened_result_relations) {
    auto *target = static_cast<ResultRelInfo *>(lfirst(cell));
    Relation relation = target->ri_RelationDesc;
    if (!can_watch(relation, target)) continue;
    const WatchedColumns columns = watched_columns(area, RelationGetRelid(relation));
    if (columns.count == 0) continue;
    auto *watch = static_cast<RowWatch *>(palloc0(sizeof(RowWatch)));
    watch->touched = &touched;
    watch->relation = RelationGetRelid(relation);
    if (!describe(relation, columns, *watch)) continue;
    touched.begin_rows(columns_generation);
    add_trigger(state, target, watch);
  }
  MemoryContextSwitchTo(caller);
}

bool watches_rows(const ResultRelInfo *target) {
  const TriggerDesc *triggers = target->ri_TrigDesc;
  return triggers && triggers->numtriggers > 0 && triggers->triggers[triggers->numtriggers - 1].tgoid == own_trigger;
}

} // namespace gqlsvl::workers
