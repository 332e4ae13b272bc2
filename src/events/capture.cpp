// The capture triggers: a changed row becomes an event in the same transaction.
//
// In:  calls of a row trigger, and for TRUNCATE of a statement trigger; pg_trigger's only argument is the number of the event trigger.
// Out: events in the buffer (events/buffer.h), written when the statement ends (events/statement_end.h).
// Always: row level and first by name, so that a user's AFTER trigger that changes the row again comes second (docs/rules.md, 12). No right
//   of the writer is used. A trigger that names an event trigger of another table captures nothing: nobody forges events.
#include "events/capture_plan.h"
#include "events/session_part.h"

extern "C" {
#include "commands/trigger.h"
#include "utils/rel.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

// Of one statement: in fn_extra, destroyed with its memory context.
struct Statement {
  std::shared_ptr<CapturePlan> plan; // null: nothing is captured
  std::string session;
};

[[noreturn]] void refuse_foreign(TriggerData *data) {
  throw Error("39P01", "this trigger was not made by gqlsvl.create_trigger",
              std::string("Trigger ") + data->tg_trigger->tgname + " on table " + RelationGetRelationName(data->tg_relation) + '.',
              "Drop it and call gqlsvl.create_trigger.");
}

TriggerData *trigger_data(FunctionCallInfo fcinfo) {
  if (!CALLED_AS_TRIGGER(fcinfo))
    throw Error("39P01", "this function is only for triggers made by gqlsvl.create_trigger", {}, "Call gqlsvl.create_trigger.");
  auto *data = reinterpret_cast<TriggerData *>(fcinfo->context);
  if (!TRIGGER_FIRED_AFTER(data->tg_event) || data->tg_trigger->tgnargs != 1) refuse_foreign(data);
  return data;
}

std::int32_t event_trigger_of(TriggerData *data) {
  char *end;
  long id = strtol(data->tg_trigger->tgargs[0], &end, 10);
  if (*end != 0 || id < 1 || id > INT32_MAX) refuse_foreign(data);
  return static_cast<std::int32_t>(id);
}

Statement &statement_of(FunctionCallInfo fcinfo, TriggerData *data) {
  FmgrInfo *function = fcinfo->flinfo;
  if (function->fn_extra) return *static_cast<Statement *>(function->fn_extra);
  auto made = std::make_unique<Statement>();
  made->plan = capture_plan(event_trigger_of(data), data->tg_relation);
  made->session = session_part();
  auto *end = static_cast<MemoryContextCallback *>(
      call([function] { return MemoryContextAllocZero(function->fn_mcxt, sizeof(MemoryContextCallback)); }));
  end->func = [](void *statement) { delete static_cast<Statement *>(statement); };
  end->arg = made.get();
  MemoryContextRegisterResetCallback(function->fn_mcxt, end);
  function->fn_extra = made.release();
  return *static_cast<Statement *>(function->fn_extra);
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_capture) {
  TriggerData *data = trigger_data(fcinfo);
  bool truncated = TRIGGER_FIRED_BY_TRUNCATE(data->tg_event);
  if (TRIGGER_FIRED_FOR_ROW(data->tg_event) == truncated) refuse_foreign(data);
  Statement &statement = statement_of(fcinfo, data);
  if (truncated) {
    if (statement.plan) statement.plan->capture_truncate(statement.session);
    flush();
    return PointerGetDatum(nullptr);
  }
  bool inserted = TRIGGER_FIRED_BY_INSERT(data->tg_event), updated = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
  HeapTuple old_row = inserted ? nullptr : data->tg_trigtuple;
  HeapTuple new_row = inserted ? data->tg_trigtuple : updated ? data->tg_newtuple : nullptr;
  if (statement.plan) statement.plan->capture(old_row, new_row, data->tg_relation->rd_att, statement.session);
  return PointerGetDatum(nullptr);
}
