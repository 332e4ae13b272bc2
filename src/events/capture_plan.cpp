#include "events/capture_plan.h"

#include "catalog/watch.h"
#include "events/event_id.h"
#include "events/relation.h"

#include <algorithm>
#include <map>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/partition.h"
#include "common/hashfn.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

MemoryContext new_context() {
  return call([] { return AllocSetContextCreate(TopMemoryContext, "gqlsvl capture plan", ALLOCSET_SMALL_SIZES); });
}

constexpr int most_kept_bytes = 64 * 1024; // of memory for a payload
constexpr int most_beside_payload = 256;   // bytes of an event's row

bool holds(const std::vector<std::string> &names, const char *name) { return std::find(names.begin(), names.end(), name) != names.end(); }

} // namespace

CapturePlan::CapturePlan(std::int32_t trigger_id, const CaptureDefinition &definition, Relation table)
    : memory_(new_context()), trigger_id_(trigger_id), same_(std::make_unique<bool[]>(table->rd_att->natts)),
      writer_(table->rd_att, definition.payload_columns, memory_) {
  for (Row *row : {&old_, &new_}) {
    row->values.resize(table->rd_att->natts);
    row->nulls = std::make_unique<bool[]>(table->rd_att->natts);
  }
  try {
    load_listened(table->rd_att, definition.columns);
    if (definition.ordered) load_key(table, definition.ordering_columns);
  } catch (...) {
    MemoryContextDelete(memory_);
    throw;
  }
}

CapturePlan::~CapturePlan() { MemoryContextDelete(memory_); }

void CapturePlan::load_listened(TupleDesc type, const std::vector<std::string> &columns) {
  std::size_t named = 0;
  for (int i = 0; i < type->natts; i++)
    named += !TupleDescAttr(type, i)->attisdropped && holds(columns, NameStr(TupleDescAttr(type, i)->attname));
  bool all = named < columns.size() || columns.empty();
  for (int i = 0; i < type->natts; i++) {
    Form_pg_attribute attribute = TupleDescAttr(type, i);
    if (attribute->attisdropped || (!all && !holds(columns, NameStr(attribute->attname)))) continue;
    Listened one = {attribute->attnum, attribute->attbyval, false, attribute->attlen, attribute->attcollation, {}};
    call([&] {
      TypeCacheEntry *entry = lookup_type_cache(attribute->atttypid, TYPECACHE_EQ_OPR_FINFO);
      one.has_equality = OidIsValid(entry->eq_opr_finfo.fn_oid);
      if (one.has_equality) fmgr_info_copy(&one.equality, &entry->eq_opr_finfo, memory_);
    });
    listened_.push_back(one);
  }
}

CapturePlan::KeyPart CapturePlan::key_part(Form_pg_attribute attribute) {
  KeyPart part = {attribute->attnum, attribute->attcollation, {}, false};
  call([&] {
    TypeCacheEntry *entry = lookup_type_cache(attribute->atttypid, TYPECACHE_HASH_PROC_FINFO);
    part.hashes = OidIsValid(entry->hash_proc_finfo.fn_oid);
    if (part.hashes) {
      fmgr_info_copy(&part.function, &entry->hash_proc_finfo, memory_);
    } else {
      Oid output;
      bool is_varlena;
      getTypeOutputInfo(attribute->atttypid, &output, &is_varlena);
      fmgr_info_cxt(output, &part.function, memory_);
    }
  });
  return part;
}

void CapturePlan::load_key(Relation table, const std::vector<std::string> &columns) {
  for (int i = 0; i < table->rd_att->natts; i++)
    if (Form_pg_attribute attribute = TupleDescAttr(table->rd_att, i);
        !attribute->attisdropped && holds(columns, NameStr(attribute->attname)))
      key_.push_back(key_part(attribute));
  if (!columns.empty() && key_.size() == columns.size()) return;
  key_.clear();
  call([&] { RelationGetIndexList(table); }); // fills rd_pkindex
  if (!OidIsValid(table->rd_pkindex)) return;
  Relation index = call([&] { return index_open(table->rd_pkindex, AccessShareLock); });
  for (int i = 0; i < index->rd_index->indnkeyatts; i++)
    key_.push_back(key_part(TupleDescAttr(table->rd_att, index->rd_index->indkey.values[i] - 1)));
  call([&] { index_close(index, AccessShareLock); });
}

namespace {

// Without detoasting: of a value stored out of line the address decides.
bool is_same(Form_pg_attribute attribute, Datum before, Datum after) {
  if (attribute->attbyval) return before == after;
  const char *a = DatumGetPointer(before), *b = DatumGetPointer(after);
  if (attribute->attlen > 0) return memcmp(a, b, attribute->attlen) == 0;
  if (attribute->attlen == -2) return strcmp(a, b) == 0;
  return VARSIZE_ANY(a) == VARSIZE_ANY(b) && memcmp(a, b, VARSIZE_ANY(a)) == 0;
}

} // namespace

void CapturePlan::compare(TupleDesc type) {
  for (int i = 0; i < type->natts; i++)
    same_[i] =
        old_.nulls[i] || new_.nulls[i] ? old_.nulls[i] == new_.nulls[i] : is_same(TupleDescAttr(type, i), old_.values[i], new_.values[i]);
}

bool CapturePlan::changed() {
  return std::any_of(listened_.begin(), listened_.end(), [&](Listened &one) {
    int i = one.number - 1;
    if (same_[i]) return false;
    if (old_.nulls[i] || new_.nulls[i]) return true;
    return !one.has_equality ? !datum_image_eq(old_.values[i], new_.values[i], one.by_value, one.length)
                             : !DatumGetBool(FunctionCall2Coll(&one.equality, one.collation, old_.values[i], new_.values[i]));
  });
}

std::int32_t CapturePlan::key_hash(const Row &row) {
  std::uint32_t hash = 0;
  for (KeyPart &part : key_) {
    if (row.nulls[part.number - 1]) continue; // nulls of ordering_columns are one lane
    Datum value = row.values[part.number - 1];
    if (part.hashes) {
      hash = hash_combine(hash, DatumGetUInt32(FunctionCall1Coll(&part.function, part.collation, value)));
    } else {
      const char *text = OutputFunctionCall(&part.function, value);
      hash = hash_combine(hash, hash_bytes(reinterpret_cast<const unsigned char *>(text), static_cast<int>(strlen(text))));
    }
  }
  return static_cast<std::int32_t>(hash);
}

void CapturePlan::begin_payload() {
  if (payload_.data && payload_.maxlen > most_kept_bytes) {
    pfree(payload_.data);
    payload_.data = nullptr;
  }
  if (!payload_.data) {
    MemoryContext caller = MemoryContextSwitchTo(memory_);
    initStringInfo(&payload_);
    MemoryContextSwitchTo(caller);
  }
  resetStringInfo(&payload_);
  appendStringInfoSpaces(&payload_, VARHDRSZ);
  appendStringInfoString(&payload_, "{\"data\":{\"old\":");
}

Datum CapturePlan::end_payload(const std::string &session) {
  appendStringInfoCharMacro(&payload_, '}');
  appendBinaryStringInfo(&payload_, session.data(), static_cast<int>(session.size()));
  enlargeStringInfo(&payload_, most_beside_payload); // so that the event's row can have a gigabyte at most, too
  SET_VARSIZE(payload_.data, payload_.len);
  return PointerGetDatum(payload_.data);
}

bool CapturePlan::make(CapturedEvent &event, HeapTuple old_row, HeapTuple new_row, TupleDesc type, const std::string &session) {
  if (old_row) heap_deform_tuple(old_row, type, old_.values.data(), old_.nulls.get());
  if (new_row) heap_deform_tuple(new_row, type, new_.values.data(), new_.nulls.get());
  const bool updated = old_row && new_row;
  if (updated) {
    compare(type);
    if (!changed()) return false;
  }
  event.trigger_id = trigger_id_;
  event.op = updated ? 'U' : old_row ? 'D' : 'I';
  if (!key_.empty()) {
    event.key_hash = key_hash(old_row ? old_ : new_);
    if (updated)
      if (std::int32_t after = key_hash(new_); after != event.key_hash) event.new_key_hash = after;
  }
  begin_payload();
  if (old_row)
    writer_.append(&payload_, old_.values.data(), old_.nulls.get());
  else
    appendStringInfoString(&payload_, "null");
  appendStringInfoString(&payload_, ",\"new\":");
  if (updated)
    writer_.append_updated(&payload_, new_.values.data(), new_.nulls.get(), same_.get());
  else if (new_row)
    writer_.append(&payload_, new_.values.data(), new_.nulls.get());
  else
    appendStringInfoString(&payload_, "null");
  event.payload = end_payload(session);
  return true;
}

// What is taken apart and written is kept in the plan: a cast to json that changes the same table would overwrite it.
class CapturePlan::InUse {
public:
  explicit InUse(CapturePlan &plan) : plan_(plan) {
    if (plan.in_use_)
      throw Error(sqlstate::not_in_state, "a change of a row cannot be captured while another one is written as JSON",
                  "A cast to json or an operator of a column's type changes the table itself.", "Let it only read.");
    plan.in_use_ = true;
  }
  ~InUse() { plan_.in_use_ = false; }
  InUse(const InUse &) = delete;

private:
  CapturePlan &plan_;
};

bool CapturePlan::capture(HeapTuple old_row, HeapTuple new_row, TupleDesc type, const std::string &session) {
  InUse use(*this);
  CapturedEvent event;
  {
    PinnedFormat pinned;
    try {
      if (!call([&] { return make(event, old_row, new_row, type, session); })) return false;
    } catch (const Error &error) {
      if (error.routine != "enlargeStringInfo") throw;
      throw Error(sqlstate::program_limit, "the event of a changed row is too large", error.detail, "Name fewer payload_columns.");
    }
  }
  add(event);
  return true;
}

void CapturePlan::capture_truncate(const std::string &session) {
  InUse use(*this);
  CapturedEvent event;
  event.op = 'T';
  event.trigger_id = trigger_id_;
  call([&] {
    begin_payload();
    appendStringInfoString(&payload_, "null,\"new\":null");
    event.payload = end_payload(session);
  });
  add(event);
}

namespace {

struct Key {
  std::int32_t trigger_id;
  Oid table;
  auto operator<=>(const Key &) const = default;
};

struct Plans {
  std::map<Key, std::shared_ptr<CapturePlan>> made;
  std::uint64_t position = 0; // of catalog/watch.h: changes up to there are applied
  Oid definitions = InvalidOid;
};

Plans *plans = nullptr; // for the life of the backend

// Types are few and change seldom: any change of one counts for all plans.
void forget_changed() {
  if (plans->position == catalog::changes_heard()) return;
  catalog::Changes changes = catalog::changes_since(plans->position);
  plans->position = catalog::changes_heard();
  auto hears = [&](Oid relation) { return std::binary_search(changes.relations.begin(), changes.relations.end(), relation); };
  if (changes.everything || !changes.type_hashes.empty() || hears(plans->definitions))
    plans->made.clear();
  else
    std::erase_if(plans->made, [&](const auto &one) { return hears(one.first.table); });
}

bool belongs(Oid defined, Oid table) {
  return defined == table ||
         call([=] { return get_rel_relispartition(table) && list_member_oid(get_partition_ancestors(table), defined); });
}

// Not an error: a table restored without its event trigger must stay writable.
void warn_foreign(std::int32_t trigger_id, Relation table) {
  call([=] {
    ereport(WARNING, (errmsg("changes of table \"%s\" are not captured", RelationGetRelationName(table)),
                      errdetail("It has a trigger for event trigger %d, which does not exist or is on another table.", trigger_id),
                      errhint("Drop the triggers on the table whose names begin with \"!gqlsvl_%d\".", trigger_id)));
  });
}

} // namespace

std::shared_ptr<CapturePlan> capture_plan(std::int32_t trigger_id, Relation table) {
  catalog::watch_catalogs();
  if (!plans) plans = new Plans;
  forget_changed();
  Key key = {trigger_id, RelationGetRelid(table)};
  if (auto found = plans->made.find(key); found != plans->made.end()) return found->second;
  // Before the definition is read: what changes meanwhile is heard later and forgotten.
  plans->definitions = call([] { return relation_named("trigger"); });
  auto definition = read_capture_definition(trigger_id);
  std::shared_ptr<CapturePlan> plan;
  if (definition && belongs(definition->table, key.table))
    plan = std::make_shared<CapturePlan>(trigger_id, *definition, table);
  else
    warn_foreign(trigger_id, table);
  return plans->made[key] = plan;
}

} // namespace gqlsvl::events
