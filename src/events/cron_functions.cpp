// gqlsvl.create_cron_trigger, alter_cron_trigger, cron_times and schedule_cron_runs.
//
// A cron trigger is a row of gqlsvl.trigger without a table, with ordering none, and a row of gqlsvl.cron_schedule (events/cron_trigger.h).
// The caller's rights and values are checked as for other triggers (events/definition.h).
#include "events/cron_trigger.h"

#include "pg/json_function.h"
#include "pg/settings.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/timestamp.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

// Positions of the parameters of gqlsvl.create_cron_trigger; alter_cron_trigger has no `replace`.
enum Argument {
  name,
  webhook,
  schedule,
  payload,
  headers,
  num_retries,
  retry_interval,
  backoff,
  max_interval,
  give_up_on,
  timeout,
  max_in_flight,
  signing_secret,
  transform,
  invocation_type,
  tolerance,
  time_zone,
  comment,
  replace
};
constexpr std::pair<Argument, Option> as_in_create_trigger[] = {
    {name, Option::Name},
    {webhook, Option::Webhook},
    {headers, Option::Headers},
    {num_retries, Option::NumRetries},
    {retry_interval, Option::RetryInterval},
    {backoff, Option::Backoff},
    {max_interval, Option::MaxInterval},
    {give_up_on, Option::GiveUpOn},
    {timeout, Option::Timeout},
    {max_in_flight, Option::MaxInFlight},
    {signing_secret, Option::SigningSecret},
    {invocation_type, Option::InvocationType},
};

void require_value(FunctionCallInfo fcinfo, Argument argument, const char *option) {
  if (fcinfo->args[argument].isnull)
    throw Error(sqlstate::invalid_parameter, std::string("option \"") + option + "\" must not be NULL", {}, "Give it a value.");
}

std::optional<std::string> text_of(FunctionCallInfo fcinfo, Argument argument) {
  if (fcinfo->args[argument].isnull) return std::nullopt;
  return text_argument(fcinfo, argument);
}

Arguments delivery_options(FunctionCallInfo fcinfo) {
  Arguments out;
  for (auto [argument, option] : as_in_create_trigger) out.set(option, fcinfo->args[argument]);
  out.set_transform(fcinfo->args[transform]);
  return out;
}

CronOptions cron_options(FunctionCallInfo fcinfo) {
  CronOptions out;
  out.schedule = text_of(fcinfo, schedule);
  out.time_zone = text_of(fcinfo, time_zone);
  out.comment = text_of(fcinfo, comment);
  out.payload = fcinfo->args[payload];
  out.tolerance = fcinfo->args[tolerance];
  return out;
}

void check_tolerance(Datum interval) {
  constexpr double most = 30 * 86400.0;
  const double value = seconds_of(interval);
  if (value >= 1 && value <= most) return;
  throw Error(sqlstate::invalid_parameter, "option \"tolerance\" is out of range",
              "It is " + call([&] { return std::string(DatumGetCString(DirectFunctionCall1(interval_out, interval))); }) + '.',
              "Accepted: 1 second to 30 days.");
}

// With the caller's own rights.
Definition checked_cron(const Arguments &options, const CronOptions &cron) {
  Definition d;
  d.name = options.string(Option::Name);
  check_trigger_name(d.name);
  if (d.name.starts_with('@'))
    throw Error(sqlstate::invalid_parameter, "option \"name\" begins with \"@\"", "Such names are those of gqlsvl.schedule_event.",
                "Use another name.");
  d.owner = GetUserId();
  d.ordering = "none";
  CronSchedule parsed(*cron.schedule);
  zone_named(*cron.time_zone);
  check_tolerance(cron.tolerance.value);
  check_delivery(options, d.owner);
  if (!options.is_null(Option::Transform)) pg::find_json_function(options.string(Option::Transform), d.owner);
  return d;
}

[[noreturn]] void refuse_kind(const std::string &trigger) {
  throw Error(sqlstate::wrong_object_type, "event trigger \"" + trigger + "\" is no cron trigger", {},
              "Use another name, or gqlsvl.alter_trigger for a trigger of a table.");
}

// The number, or none when another session made or dropped the trigger meanwhile.
std::optional<int> try_create(const Definition &definition, const Arguments &options, const CronOptions &cron) {
  auto existing = existing_definition(definition.name);
  if (!existing) {
    OwnerSession session;
    std::optional<int> id = insert_definition(definition, options);
    if (id) insert_schedule(*id, cron);
    return id;
  }
  if (!definition.replace) refuse_taken(definition.name);
  check_rights(existing->table, existing->owner, "gqlsvl.create_cron_trigger");
  OwnerSession session;
  auto row = lock_checked(definition.name, *existing);
  if (!row) return std::nullopt;
  if (!is_cron_trigger(row->id)) refuse_kind(definition.name);
  replace_definition(*row, definition, options);
  replace_schedule(row->id, cron);
  return row->id;
}

std::int32_t create(FunctionCallInfo fcinfo) {
  require_event_admin("gqlsvl.create_cron_trigger");
  for (auto [argument, option] : as_in_create_trigger)
    if (option != Option::GiveUpOn && option != Option::SigningSecret) require_value(fcinfo, argument, name_of(option));
  for (auto [argument, option] :
       {std::pair{schedule, "schedule"}, {tolerance, "tolerance"}, {time_zone, "time_zone"}, {replace, "replace"}})
    require_value(fcinfo, argument, option);
  const Arguments options = delivery_options(fcinfo);
  const CronOptions cron = cron_options(fcinfo);
  Definition definition = checked_cron(options, cron);
  definition.replace = DatumGetBool(fcinfo->args[replace].value);
  gqlsvl::pg::require_preload("gqlsvl.create_cron_trigger");
  std::optional<int> id;
  while (!id) id = try_create(definition, options, cron);
  schedule_runs_of(*id);
  return *id;
}

// What is not given stays as it is. A Datum of the row is copied: the session that read it ends before it is used.
void complete(CronOptions &cron, std::int32_t id, MemoryContext memory) {
  Rows row(
      "SELECT s.schedule, s.time_zone, s.comment, s.payload::text, s.tolerance::text FROM gqlsvl.cron_schedule s WHERE s.trigger_id = $1",
      Values().add(id));
  if (!cron.schedule) cron.schedule = row.text(1);
  if (!cron.time_zone) cron.time_zone = row.text(2);
  if (!cron.comment && !row.is_null(3)) cron.comment = row.text(3);
  MemoryContext before = MemoryContextSwitchTo(memory);
  if (cron.payload.isnull && !row.is_null(4)) {
    const std::string text = row.text(4);
    cron.payload = {call([&text] { return CStringGetTextDatum(text.c_str()); }), false};
  }
  if (cron.tolerance.isnull) {
    const std::string text = row.text(5);
    cron.tolerance = {call([&text] {
                        return DirectFunctionCall3(interval_in, CStringGetDatum(text.c_str()), ObjectIdGetDatum(InvalidOid),
                                                   Int32GetDatum(-1));
                      }),
                      false};
  }
  MemoryContextSwitchTo(before);
}

void alter(FunctionCallInfo fcinfo) {
  require_value(fcinfo, name, "name");
  Arguments options = delivery_options(fcinfo);
  CronOptions cron = cron_options(fcinfo);
  const std::string trigger = options.string(Option::Name);
  const bool unsigned_now = !options.is_null(Option::SigningSecret) && options.string(Option::SigningSecret).empty();
  const bool plain_now = !options.is_null(Option::Transform) && options.string(Option::Transform).empty();
  MemoryContext memory = CurrentMemoryContext;
  std::optional<DefinitionRow> locked;
  with_definition(trigger, "gqlsvl.alter_cron_trigger", [&](const DefinitionRow &row) {
    if (!is_cron_trigger(row.id)) refuse_kind(trigger);
    complete(options, row, memory);
    complete(cron, row.id, memory);
    locked = row;
  });
  if (unsigned_now) options.set(Option::SigningSecret, {0, true});
  if (plain_now) options.set(Option::Transform, {0, true});
  const Definition definition = checked_cron(options, cron); // with the caller's own rights
  {
    OwnerSession session;
    replace_definition(*locked, definition, options);
    replace_schedule(locked->id, cron);
  }
  schedule_runs_of(locked->id);
}

Datum times(const std::string &text, const std::string &zone_name, int count, TimestampTz after) {
  if (count < 1 || count > 1000)
    throw Error(sqlstate::invalid_parameter, "option \"count\" is out of range", "It is " + std::to_string(count) + '.',
                "Accepted: 1 to 1000.");
  if (TIMESTAMP_NOT_FINITE(after))
    throw Error(sqlstate::invalid_parameter, "option \"after\" is not a point in time", "It is infinite.", "Give a time.");
  const CronSchedule parsed(text);
  const Zone zone = zone_named(zone_name);
  std::vector<Datum> found;
  Instant at = instant_of(after);
  for (int i = 0; i < count; i++) found.push_back(TimestampTzGetDatum(timestamp_of(at = parsed.next(at, zone))));
  return call(
      [&] { return PointerGetDatum(construct_array(found.data(), count, TIMESTAMPTZOID, sizeof(TimestampTz), true, TYPALIGN_DOUBLE)); });
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_create_cron_trigger) { PG_RETURN_INT32(create(fcinfo)); }

GQLSVL_FUNCTION(gqlsvl_alter_cron_trigger) {
  alter(fcinfo);
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_cron_times) {
  return times(text_argument(fcinfo, 0), text_argument(fcinfo, 1), PG_GETARG_INT32(2), PG_GETARG_TIMESTAMPTZ(3));
}

GQLSVL_FUNCTION(gqlsvl_schedule_cron_runs) {
  std::optional<std::int64_t> wait_ms = schedule_due_runs();
  if (!wait_ms) PG_RETURN_NULL();
  PG_RETURN_INT64(*wait_ms);
}
