// gqlsvl.emit_event and gqlsvl.redeliver: events that no row change makes.
//
// Always: the caller must be the table's owner and an event admin, as for the definition. A redelivered event takes the way of a retry:
// a due row in gqlsvl.retry, with no attempt made; one that is not finished is refused.
#include "events/definition_row.h"
#include "events/event_place.h"
#include "events/manual_event.h"
#include "events/owner_sql.h"
#include "events/session_part.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/timestamp.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

DefinitionRow checked_definition(const std::string &name, const char *function) {
  std::optional<DefinitionRow> row;
  {
    OwnerSession session;
    row = find_definition(name);
  }
  if (!row) refuse_absent(name);
  check_rights(row->table, row->owner, function);
  return *row;
}

// What makes a finished event ready to be sent again: in gqlsvl.retry, not in gqlsvl.dead.
const std::string &again() {
  static const std::string *text = new std::string(insert_retry("clock_timestamp()", true));
  return *text;
}
// An attempt was recorded, and it was the last one for now.
constexpr char finished[] = "NOT EXISTS (SELECT FROM gqlsvl.retry r WHERE r.event_id = e.id AND r.trigger_id = e.trigger_id) "
                            "AND (EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id AND d.trigger_id = e.trigger_id) "
                            "OR EXISTS (SELECT FROM gqlsvl.invocation i WHERE i.event_id = e.id))";

void redeliver(const pg_uuid_t *given) {
  const std::string uuid = uuid_text(given);
  const EventPlace place = place_of(*given);
  DefinitionRow row = definition_of_event(place, uuid);
  check_rights(row.table, row.owner, "gqlsvl.redeliver");
  OwnerSession session;
  Rows queued(again() + "WHERE e.txid = $1::xid8 AND e.id = $2 AND " + finished + " ON CONFLICT DO NOTHING", place_values(place));
  if (queued.count() == 0)
    throw Error(sqlstate::not_in_state, "event " + uuid + " is not finished", "It is pending, in flight or waiting for its next attempt.",
                "Wait until gqlsvl.event_log says delivered or dead.");
  Rows revived("DELETE FROM gqlsvl.dead d WHERE d.txid = $1::xid8 AND d.id = $2", place_values(place));
  announce_change();
}

struct Range {
  std::string name, status;
  Datum from, to; // timestamptz
};

void notice_unfinished(std::int64_t count) {
  if (count == 0) return;
  call([count] {
    ereport(NOTICE, (errmsg_plural("%lld event is not finished and was left alone", "%lld events are not finished and were left alone",
                                   static_cast<unsigned long>(count), static_cast<long long>(count)),
                     errdetail("They are pending, in flight, retrying or blocked: they are sent anyway.")));
  });
}

std::int64_t redeliver(const Range &range) {
  if (range.status != "dead" && range.status != "delivered" && range.status != "all")
    throw Error(sqlstate::invalid_parameter, "option \"status\" is \"" + range.status + '"', "Only finished events can be sent again.",
                "Accepted: dead, delivered, all (both).");
  DefinitionRow row = checked_definition(range.name, "gqlsvl.redeliver");
  OwnerSession session;
  Values values = Values().add(row.id).add(TIMESTAMPTZOID, range.from).add(TIMESTAMPTZOID, range.to);
  const std::string in_range = "WHERE e.trigger_id = $1 AND e.created_at >= $2 AND e.created_at < $3 AND ";
  Rows unfinished("SELECT count(*) FROM gqlsvl.event e " + in_range + "NOT (" + finished + ')', values);
  notice_unfinished(DatumGetInt64(unfinished.datum(1)));
  std::string wanted = finished;
  if (range.status != "all")
    wanted += std::string(" AND ") + (range.status == "dead" ? "" : "NOT ") +
              "EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id AND d.trigger_id = e.trigger_id)";
  Rows queued(again() + in_range + wanted + " ON CONFLICT DO NOTHING", values);
  const auto count = static_cast<std::int64_t>(queued.count());
  if (count == 0) return 0;
  Rows revived(
      "DELETE FROM gqlsvl.dead d USING gqlsvl.retry r WHERE d.trigger_id = $1 AND r.event_id = d.id AND r.trigger_id = d.trigger_id",
      Values().add(row.id));
  announce_change();
  return count;
}

Datum emit(const std::string &name, const std::string &payload) {
  DefinitionRow row = checked_definition(name, "gqlsvl.emit_event");
  return add_manual_event(row.id, 'M', "{\"data\":{\"old\":null,\"new\":" + payload + '}' + session_part());
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_emit_event) { return emit(text_argument(fcinfo, 0), text_argument(fcinfo, 1)); }

GQLSVL_FUNCTION(gqlsvl_redeliver) {
  redeliver(PG_GETARG_UUID_P(0));
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_redeliver_range) {
  PG_RETURN_INT64(redeliver(Range{text_argument(fcinfo, 0), text_argument(fcinfo, 3), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)}));
}
