// gqlsvl.schedule_event and gqlsvl.cancel_event: an event for one receiver at one time.
//
// A scheduled event belongs to an event trigger without a table, named "@" and a hash, which all events of the same owner, webhook and
// options share. It is captured at once; the worker keeps it in gqlsvl.retry until its time.
#include "events/definition_row.h"
#include "events/event_place.h"
#include "events/manual_event.h"
#include "events/owner_sql.h"

#include "base/json.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/timestamp.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

// Positions of the parameters of gqlsvl.schedule_event.
enum Argument { webhook, payload, at, headers, num_retries, retry_interval, backoff, max_interval, timeout, comment };

Arguments as_options(FunctionCallInfo fcinfo) {
  Arguments out(fcinfo);
  for (int i = 0; i < Arguments::count; i++) out.set(static_cast<Option>(i), {0, true});
  static constexpr std::pair<Argument, Option> pairs[] = {{webhook, Option::Webhook},        {headers, Option::Headers},
                                                          {num_retries, Option::NumRetries}, {retry_interval, Option::RetryInterval},
                                                          {backoff, Option::Backoff},        {max_interval, Option::MaxInterval},
                                                          {timeout, Option::Timeout}};
  for (auto [argument, option] : pairs) {
    if (fcinfo->args[argument].isnull)
      throw Error(sqlstate::invalid_parameter, std::string("option \"") + name_of(option) + "\" must not be NULL", {}, "Give it a value.");
    out.set(option, fcinfo->args[argument]);
  }
  out.set(Option::MaxInFlight, {Int32GetDatum(20), false});
  out.set(Option::InvocationType, {call([] { return CStringGetTextDatum("RequestResponse"); }), false});
  return out;
}

// $1 owner, $2 webhook, $3 headers, $4 num_retries, $5 retry_interval, $6 backoff, $7 max_interval, $8 timeout.
constexpr char find_or_make[] = R"(
  WITH n AS (SELECT '@' || md5(ROW($1::oid, $2, $3::text, $4, extract(epoch FROM $5), $6, extract(epoch FROM $7), extract(epoch FROM $8))::text) AS name),
  made AS (INSERT INTO gqlsvl.trigger (name, table_name, table_schema, table_relname, owner, webhook, operations, headers, num_retries,
      retry_interval, backoff, max_interval, timeout, ordering, max_in_flight, invocation_type)
    SELECT n.name, 0, '', '', $1, $2, '{}', $3, $4, $5, $6, $7, $8, 'none', 20, 'RequestResponse' FROM n
    WHERE NOT EXISTS (SELECT FROM gqlsvl.trigger t WHERE t.name = n.name AND t.dropped_at IS NULL)
    ON CONFLICT DO NOTHING RETURNING id)
  SELECT id, true FROM made
  UNION ALL SELECT t.id, false FROM gqlsvl.trigger t, n WHERE t.name = n.name AND t.dropped_at IS NULL)";

int definition_for(const Arguments &options, Oid owner) {
  Values values;
  values.add(REGROLEOID, ObjectIdGetDatum(owner)).add(options.string(Option::Webhook)).add(JSONBOID, options.datum(Option::Headers));
  values.add(INT4OID, options.datum(Option::NumRetries)).add(INTERVALOID, options.datum(Option::RetryInterval));
  values.add(FLOAT8OID, options.datum(Option::Backoff)).add(INTERVALOID, options.datum(Option::MaxInterval));
  values.add(INTERVALOID, options.datum(Option::Timeout));
  OwnerSession session;
  for (;;) {
    Rows found(find_or_make, values);
    if (found.count() == 0) continue; // another session made it meanwhile: the next statement sees it
    int id = DatumGetInt32(found.datum(1));
    if (DatumGetBool(found.datum(2))) {
      own_events();
      announce_change();
    }
    return id;
  }
}

// The part of the receiver's body that is known now, after "at": when, in milliseconds since the epoch, for the worker.
std::string stored_payload(Datum time, const std::string &json, const std::optional<std::string> &text) {
  OwnerSession session;
  Rows written(
      "SELECT ceil(extract(epoch FROM $1) * 1000)::int8::text, to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
      Values().add(TIMESTAMPTZOID, time));
  std::string out = "{\"at\":" + written.text(1) + ",\"scheduled_time\":\"" + written.text(2) + "\",\"payload\":" + json;
  if (text) json::append_string(out += ",\"comment\":", *text);
  return out + '}';
}

Datum schedule(FunctionCallInfo fcinfo) {
  require_event_admin("gqlsvl.schedule_event");
  if (fcinfo->args[at].isnull || TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(fcinfo->args[at].value)))
    throw Error(sqlstate::invalid_parameter, "option \"at\" is not a point in time", "It is NULL or infinite.",
                "Give the time to send at.");
  Arguments options = as_options(fcinfo);
  check_delivery(options, GetUserId());
  std::string body = fcinfo->args[payload].isnull ? "null" : text_argument(fcinfo, payload);
  std::optional<std::string> note;
  if (!fcinfo->args[comment].isnull) note = text_argument(fcinfo, comment);
  const int id = definition_for(options, GetUserId());
  return add_manual_event(id, 'S', stored_payload(fcinfo->args[at].value, body, note));
}

void cancel(const pg_uuid_t *given) {
  const std::string uuid = uuid_text(given);
  DefinitionRow row = definition_of_event(place_of(*given), uuid);
  check_rights(row.table, row.owner, "gqlsvl.cancel_event");
  OwnerSession session;
  Rows cancelled(R"(
    WITH gone AS (
      DELETE FROM gqlsvl.retry r USING gqlsvl.event e WHERE e.txid = $1::xid8 AND e.id = $2 AND e.op = 'S' AND r.event_id = e.id
        AND r.trigger_id = e.trigger_id AND r.attempts = 0 AND r.next_attempt_at > clock_timestamp() RETURNING e.*)
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema, table_relname,
      owner, attempts, last_error)
    SELECT g.id, g.txid, g.trigger_id, g.key_hash, g.new_key_hash, g.op, g.created_at, g.payload, t.name, t.table_schema, t.table_relname,
      t.owner, 0, 'cancelled' FROM gone g JOIN gqlsvl.trigger t ON t.id = g.trigger_id)",
                 place_values(place_of(*given)));
  if (cancelled.count() == 0)
    throw Error(sqlstate::not_in_state, "event " + uuid + " cannot be cancelled",
                "It is no scheduled event, its time has come, it was cancelled, or delivery has not taken it up yet.",
                "See its status in gqlsvl.event_log.");
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_schedule_event) { return schedule(fcinfo); }

GQLSVL_FUNCTION(gqlsvl_cancel_event) {
  cancel(PG_GETARG_UUID_P(0));
  PG_RETURN_VOID();
}
