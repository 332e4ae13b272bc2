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

// What makes an event $1 (txid), $2 (id) ready to be sent again: in gqlsvl.retry, not in gqlsvl.dead.
constexpr char again[] =
    "INSERT INTO gqlsvl.retry (trigger_id, event_id, child, txid, key_hash, new_key_hash, attempts, next_attempt_at, blocked, "
    "redelivered_at) "
    "SELECT e.trigger_id, e.id, substring(c.relname::text, '\\d+$')::int2, e.txid, e.key_hash, e.new_key_hash, 0, clock_timestamp(), "
    "false, "
    "clock_timestamp() FROM gqlsvl.event e JOIN pg_class c ON c.oid = e.tableoid ";
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
  Rows queued(std::string(again) + "WHERE e.txid = $1::xid8 AND e.id = $2 AND " + finished + " ON CONFLICT DO NOTHING",
              place_values(place));
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

std::int64_t redeliver(const Range &range) {
  if (range.status != "dead" && range.status != "delivered")
    throw Error(sqlstate::invalid_parameter, "option \"status\" is \"" + range.status + '"', "Only finished events can be sent again.",
                "Accepted: dead, delivered.");
  DefinitionRow row = checked_definition(range.name, "gqlsvl.redeliver");
  OwnerSession session;
  Values values = Values().add(row.id).add(TIMESTAMPTZOID, range.from).add(TIMESTAMPTZOID, range.to);
  const std::string is_dead = "EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id AND d.trigger_id = e.trigger_id)";
  Rows queued(std::string(again) + "WHERE e.trigger_id = $1 AND e.created_at >= $2 AND e.created_at < $3 AND " + finished + " AND " +
                  (range.status == "dead" ? "" : "NOT ") + is_dead + " ON CONFLICT DO NOTHING",
              values);
  const auto count = static_cast<std::int64_t>(queued.count());
  if (range.status == "dead")
    Rows revived(
        "DELETE FROM gqlsvl.dead d USING gqlsvl.retry r WHERE d.trigger_id = $1 AND r.event_id = d.id AND r.trigger_id = d.trigger_id",
        Values().add(row.id));
  if (count > 0) announce_change();
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
