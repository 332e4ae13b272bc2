#include "events/capture.h"

#include "base/json.h"
#include "events/buffer.h"
#include "events/event_id.h"
#include "events/session_variables.h"

#include <algorithm>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "common/hashfn.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

enum Argument { id_argument, ordering_argument, listened_argument, payload_argument, arguments };

std::vector<std::string> names_in(const char *json_array) {
  std::vector<std::string> names;
  json::ParseError error;
  if (auto value = json::parse(json_array, error))
    for (const json::Value &item : value->items) names.push_back(item.text);
  return names;
}

const char *setting(const char *name) {
  return call([name] { return GetConfigOption(name, true, false); });
}

std::string session_part() {
  return ",\"session_variables\":" + session_variables(setting("hasura.user"), setting("request.jwt.claims")) +
         ",\"trace_context\":" + trace_context(setting("hasura.tracecontext")) + '}';
}

} // namespace

CapturePlan::CapturePlan(TriggerData *trigger_call, MemoryContext memory)
    : trigger_id_(static_cast<std::int32_t>(std::stol(trigger_call->tg_trigger->tgargs[id_argument]))),
      ordered_(strcmp(trigger_call->tg_trigger->tgargs[ordering_argument], "row") == 0), flush_each_(trigger_call->tg_trigger->tgisclone),
      writer_(trigger_call->tg_relation->rd_att, names_in(trigger_call->tg_trigger->tgargs[payload_argument]), memory),
      session_(session_part()) {
  load_listened(trigger_call->tg_relation->rd_att, names_in(trigger_call->tg_trigger->tgargs[listened_argument]), memory);
  if (ordered_) load_key(trigger_call->tg_relation, memory);
}

void CapturePlan::load_listened(TupleDesc type, const std::vector<std::string> &columns, MemoryContext memory) {
  for (int i = 0; i < type->natts; i++) {
    Form_pg_attribute attribute = TupleDescAttr(type, i);
    if (attribute->attisdropped) continue;
    if (!columns.empty() && std::find(columns.begin(), columns.end(), NameStr(attribute->attname)) == columns.end()) continue;
    Listened one = {attribute->attnum, attribute->attbyval, false, attribute->attlen, attribute->attcollation, {}};
    call([&] {
      TypeCacheEntry *entry = lookup_type_cache(attribute->atttypid, TYPECACHE_EQ_OPR_FINFO);
      one.has_equality = OidIsValid(entry->eq_opr_finfo.fn_oid);
      if (one.has_equality) fmgr_info_copy(&one.equality, &entry->eq_opr_finfo, memory);
    });
    listened_.push_back(one);
  }
}

void CapturePlan::load_key(Relation table, MemoryContext memory) {
  call([&] { RelationGetIndexList(table); }); // fills rd_pkindex
  if (!OidIsValid(table->rd_pkindex)) return;
  std::vector<AttrNumber> numbers;
  Relation index = call([&] { return index_open(table->rd_pkindex, AccessShareLock); });
  int parts = index->rd_index->indnkeyatts;
  for (int i = 0; i < parts; i++) numbers.push_back(index->rd_index->indkey.values[i]);
  call([&] { index_close(index, AccessShareLock); });
  for (AttrNumber number : numbers) {
    Form_pg_attribute attribute = TupleDescAttr(table->rd_att, number - 1);
    KeyPart part = {number, attribute->attcollation, {}, false};
    call([&] {
      TypeCacheEntry *entry = lookup_type_cache(attribute->atttypid, TYPECACHE_HASH_PROC_FINFO);
      part.hashes = OidIsValid(entry->hash_proc_finfo.fn_oid);
      if (part.hashes) {
        fmgr_info_copy(&part.function, &entry->hash_proc_finfo, memory);
      } else {
        Oid output;
        bool is_varlena;
        getTypeOutputInfo(attribute->atttypid, &output, &is_varlena);
        fmgr_info_cxt(output, &part.function, memory);
      }
    });
    key_.push_back(part);
  }
}

bool CapturePlan::changed(HeapTuple old_row, HeapTuple new_row, TupleDesc type) {
  return std::any_of(listened_.begin(), listened_.end(), [&](Listened &one) {
    bool old_null, new_null;
    Datum before = heap_getattr(old_row, one.number, type, &old_null);
    Datum after = heap_getattr(new_row, one.number, type, &new_null);
    if (old_null || new_null) return old_null != new_null;
    return call([&] {
      if (datum_image_eq(before, after, one.by_value, one.length)) return false;
      return !one.has_equality || !DatumGetBool(FunctionCall2Coll(&one.equality, one.collation, before, after));
    });
  });
}

std::int32_t CapturePlan::key_hash(HeapTuple row, TupleDesc type) {
  std::uint32_t hash = 0;
  for (KeyPart &part : key_) {
    bool is_null;
    Datum value = heap_getattr(row, part.number, type, &is_null);
    if (is_null) continue; // not in a primary key
    hash = hash_combine(hash, call([&] {
                          if (part.hashes) return DatumGetUInt32(FunctionCall1Coll(&part.function, part.collation, value));
                          const char *text = OutputFunctionCall(&part.function, value);
                          return hash_bytes(reinterpret_cast<const unsigned char *>(text), static_cast<int>(strlen(text)));
                        }));
  }
  return static_cast<std::int32_t>(hash);
}

void CapturePlan::capture(TriggerData *trigger_call) {
  TupleDesc type = trigger_call->tg_relation->rd_att;
  HeapTuple row = trigger_call->tg_trigtuple, old_row = nullptr, new_row = nullptr;
  CapturedEvent event;
  if (TRIGGER_FIRED_BY_INSERT(trigger_call->tg_event)) {
    new_row = row;
  } else if (TRIGGER_FIRED_BY_DELETE(trigger_call->tg_event)) {
    event.op = 'D';
    old_row = row;
  } else {
    event.op = 'U';
    old_row = row;
    new_row = trigger_call->tg_newtuple;
    if (!changed(old_row, new_row, type)) return;
  }
  event.trigger_id = trigger_id_;
  event.id = next_event_id();
  event.key_hash = key_.empty() ? static_cast<std::int32_t>(event.id) : key_hash(row, type); // no lane: shards are filled evenly
  if (event.op == 'U' && !key_.empty())
    if (std::int32_t after = key_hash(new_row, type); after != event.key_hash) event.new_key_hash = after;

  PinnedFormat pinned;
  event.payload = "{\"data\":{\"old\":";
  if (old_row)
    writer_.append(event.payload, old_row, type);
  else
    event.payload += "null";
  event.payload += ",\"new\":";
  if (new_row)
    writer_.append(event.payload, new_row, type);
  else
    event.payload += "null";
  (event.payload += '}') += session_;
  add(std::move(event));
  if (flush_each_) flush();
}

namespace {

TriggerData *trigger_data(FunctionCallInfo fcinfo, int wanted_arguments) {
  if (!CALLED_AS_TRIGGER(fcinfo))
    throw Error("39P01", "this function is only for triggers made by gqlsvl.create_trigger", {}, "Call gqlsvl.create_trigger.");
  auto *data = reinterpret_cast<TriggerData *>(fcinfo->context);
  if (!TRIGGER_FIRED_AFTER(data->tg_event) || data->tg_trigger->tgnargs != wanted_arguments)
    throw Error("39P01", "this trigger was not made by gqlsvl.create_trigger",
                std::string("Trigger ") + data->tg_trigger->tgname + " on table " + RelationGetRelationName(data->tg_relation) + '.',
                "Drop it and call gqlsvl.create_trigger.");
  return data;
}

// The plan lives as long as the statement: in fn_extra, destroyed with its memory context.
CapturePlan &plan_of(FunctionCallInfo fcinfo, TriggerData *data) {
  FmgrInfo *function = fcinfo->flinfo;
  if (function->fn_extra) return *static_cast<CapturePlan *>(function->fn_extra);
  auto made = std::make_unique<CapturePlan>(data, function->fn_mcxt);
  auto *end = static_cast<MemoryContextCallback *>(
      call([function] { return MemoryContextAllocZero(function->fn_mcxt, sizeof(MemoryContextCallback)); }));
  end->func = [](void *plan) { delete static_cast<CapturePlan *>(plan); };
  end->arg = made.get();
  MemoryContextRegisterResetCallback(function->fn_mcxt, end);
  function->fn_extra = made.release();
  return *static_cast<CapturePlan *>(function->fn_extra);
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_capture) {
  TriggerData *data = trigger_data(fcinfo, arguments);
  if (!TRIGGER_FIRED_FOR_ROW(data->tg_event)) return PointerGetDatum(nullptr);
  plan_of(fcinfo, data).capture(data);
  return PointerGetDatum(nullptr);
}

GQLSVL_FUNCTION(gqlsvl_capture_flush) {
  trigger_data(fcinfo, 0);
  flush();
  return PointerGetDatum(nullptr);
}
