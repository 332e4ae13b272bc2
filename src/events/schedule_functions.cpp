// gqlsvl.schedule_event and gqlsvl.cancel_event: an event for one receiver at one time.
//
// A scheduled event belongs to an event trigger without a table, named "@" and a hash, which all events of the same owner, webhook and
// options share. It is captured at once and waits in gqlsvl.retry until its time.
// A worker that is about to send it claims its row there (locked rows are skipped): cancel_event deletes the row if it is not claimed. So
// one of the two has it, and the worker waits for nobody.
#include "events/definition_row.h"
#include "events/event_place.h"
#include "events/manual_event.h"
#include "events/owner_sql.h"

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
  Arguments out;
  static constexpr std::pair<Argument, Option> pairs[] = {{webhook, Option::Webhook},        {headers, Option::Headers},
                                                          {num_retries, Option::NumRetries}, {retry_interval, Option::RetryInterval},
                                                          {backoff, Option::Backoff},        {max_interval, Option::MaxInterval},
                                                          {timeout, Option::Timeout}};
  for (auto [argument, option] : pairs) {
    if (fcinfo->args[argument].isnull)
      throw Error(sqlstate::invalid_parameter, std::string("option \"") + name_of(option) + "\" must not be NULL", {}, "Give it a value.");
    out.set(option, fcinfo->args[argument]);
  }
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
  return add_scheduled_event({id, 'S', fcinfo->args[at].value, std::nullopt, body, note});
}

// A restored event that no worker has taken up yet is cancelled like others.
constexpr char is_waiting_nowhere[] =
    "WHERE e.txid = $1::xid8 AND e.id = $2 AND e.op IN ('S', 'C') AND NOT EXISTS (SELECT FROM gqlsvl.retry r WHERE r.event_id = e.id) "
    "AND NOT EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id) AND NOT EXISTS (SELECT FROM gqlsvl.invocation i WHERE i.event_id = e.id) "
    "ON CONFLICT DO NOTHING";

[[noreturn]] void refuse_cancelling(const EventPlace &place, const std::string &uuid) {
  Rows found("SELECT e.op NOT IN ('S', 'C'), EXISTS (SELECT FROM gqlsvl.retry r WHERE r.event_id = e.id), "
             "(SELECT d.last_error FROM gqlsvl.dead d WHERE d.id = e.id) FROM gqlsvl.event e WHERE e.txid = $1::xid8 AND e.id = $2",
             place_values(place));
  std::string detail = "It was delivered.", hint = "See gqlsvl.event_log.";
  if (DatumGetBool(found.datum(1))) {
    detail = "It is no scheduled event: it tells of a change of the table.";
    hint = "gqlsvl.pause_trigger keeps the events of a trigger from being sent.";
  } else if (DatumGetBool(found.datum(2))) {
    detail = "It is in flight.";
    hint = "If the attempt fails, the event can be cancelled while it waits for the next one.";
  } else if (!found.is_null(3)) {
    detail = "It is dead: " + found.text(3) + '.';
  }
  throw Error(sqlstate::not_in_state, "event " + uuid + " cannot be cancelled", detail, hint);
}

void cancel(const pg_uuid_t *given) {
  const std::string uuid = uuid_text(given);
  const EventPlace place = place_of(*given);
  DefinitionRow row = definition_of_event(place, uuid);
  check_rights(row.table, row.owner, "gqlsvl.cancel_event");
  OwnerSession session;
  Rows restored(insert_retry("clock_timestamp()", false) + is_waiting_nowhere, place_values(place));
  Rows cancelled(R"(
    WITH gone AS (
      DELETE FROM gqlsvl.retry r USING gqlsvl.event e WHERE e.txid = $1::xid8 AND e.id = $2 AND e.op IN ('S', 'C') AND r.event_id = e.id
        AND r.trigger_id = e.trigger_id AND NOT r.claimed RETURNING e.*, r.attempts, r.last_status)
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema, table_relname,
      owner, attempts, last_status, last_error)
    SELECT g.id, g.txid, g.trigger_id, g.key_hash, g.new_key_hash, g.op, g.created_at, g.payload, t.name, t.table_schema, t.table_relname,
      t.owner, g.attempts, g.last_status, 'cancelled' FROM gone g JOIN gqlsvl.trigger t ON t.id = g.trigger_id)",
                 place_values(place));
  if (cancelled.count() == 0) refuse_cancelling(place, uuid);
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_schedule_event) { return schedule(fcinfo); }

GQLSVL_FUNCTION(gqlsvl_cancel_event) {
  cancel(PG_GETARG_UUID_P(0));
  PG_RETURN_VOID();
}
