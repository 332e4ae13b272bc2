// gqlsvl.emit_event and gqlsvl.redeliver: events that no row change makes.
//
// Always: the caller must be the table's owner and an event admin, as for the definition. A redelivered event takes the way of a retry:
// a due row in gqlsvl.retry, with no attempt made; one that is not finished is refused.
#include "events/buffer.h"
#include "events/definition_row.h"
#include "events/event_id.h"
#include "events/owner_sql.h"
#include "events/relation.h"
#include "events/session_part.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
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
  if (!row)
    throw Error(sqlstate::undefined_object, "event trigger \"" + name + "\" does not exist", {}, "The names are in gqlsvl.trigger.");
  check_rights(row->table, row->owner, function);
  return *row;
}

struct Place {
  std::uint64_t txid;
  std::int64_t id;
};

// The reverse of gqlsvl.event_uuid: 48 bits of the transaction, version, 12 and 2 and 58 bits of the event's number.
Place place_of(const pg_uuid_t &uuid) {
  auto bits = [&](int from, int bytes) {
    std::uint64_t value = 0;
    for (int i = from; i < from + bytes; i++) value = value << 8 | uuid.data[i];
    return value;
  };
  std::uint64_t high = bits(6, 2) & 0xFFF, low = bits(8, 8);
  return {bits(0, 6), static_cast<std::int64_t>(high << 60 | ((low >> 60) & 3) << 58 | (low & 0x3FFFFFFFFFFFFFFull))};
}

std::string uuid_text(const pg_uuid_t *uuid) {
  return call([uuid] { return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(uuid))); });
}

// What makes an event $1 (txid), $2 (id) ready to be sent again: in gqlsvl.retry, not in gqlsvl.dead.
constexpr char again[] =
    "INSERT INTO gqlsvl.retry (trigger_id, event_id, child, txid, key_hash, new_key_hash, attempts, next_attempt_at, blocked) "
    "SELECT e.trigger_id, e.id, substring(c.relname::text, '\\d+$')::int2, e.txid, e.key_hash, e.new_key_hash, 0, clock_timestamp(), false "
    "FROM gqlsvl.event e JOIN pg_class c ON c.oid = e.tableoid ";
// An attempt was recorded, and it was the last one for now.
constexpr char finished[] = "NOT EXISTS (SELECT FROM gqlsvl.retry r WHERE r.event_id = e.id AND r.trigger_id = e.trigger_id) "
                            "AND (EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id AND d.trigger_id = e.trigger_id) "
                            "OR EXISTS (SELECT FROM gqlsvl.invocation i WHERE i.event_id = e.id))";

Values place_values(const Place &place) { return Values().add(std::to_string(place.txid)).add(INT8OID, Int64GetDatum(place.id)); }

DefinitionRow definition_of_event(const Place &place, const std::string &uuid) {
  OwnerSession session;
  Rows found("SELECT t.id, t.table_name::oid, t.owner::oid, t.dropped_at IS NOT NULL FROM gqlsvl.event e "
             "JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE e.txid = $1::xid8 AND e.id = $2",
             place_values(place));
  if (found.count() == 0)
    throw Error(sqlstate::undefined_object, "event " + uuid + " does not exist", "It was never captured here, or is no longer kept.",
                "The events are in gqlsvl.event_log.");
  if (DatumGetBool(found.datum(4)))
    throw Error(sqlstate::not_in_state, "event " + uuid + " cannot be sent again", "Its trigger was dropped.",
                "Create a trigger and emit the event with gqlsvl.emit_event.");
  return {DatumGetInt32(found.datum(1)), DatumGetObjectId(found.datum(2)), DatumGetObjectId(found.datum(3))};
}

void redeliver(const pg_uuid_t *given) {
  const std::string uuid = uuid_text(given);
  const Place place = place_of(*given);
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
  CapturedEvent event;
  event.op = 'M';
  event.trigger_id = row.id;
  event.id = next_event_id(call([] { return relation_named("event_id"); }));
  event.key_hash = static_cast<std::int32_t>(event.id); // of no row: ordered with nothing
  event.payload = new_payload(0) + "{\"data\":{\"old\":null,\"new\":" + payload + '}' + session_part();
  const std::int64_t id = event.id;
  add(std::move(event));
  flush();
  const std::string txid = std::to_string(U64FromFullTransactionId(call([] { return GetTopFullTransactionId(); })));
  pg_uuid_t *uuid = call([] { return static_cast<pg_uuid_t *>(palloc(sizeof(pg_uuid_t))); });
  OwnerSession session;
  Rows made("SELECT gqlsvl.event_uuid($1::xid8, $2)", Values().add(txid).add(INT8OID, Int64GetDatum(id)));
  *uuid = *DatumGetUUIDP(made.datum(1));
  return UUIDPGetDatum(uuid);
}

std::string text_argument(FunctionCallInfo fcinfo, int number) {
  return call([=] { return text_to_cstring(PG_GETARG_TEXT_PP(number)); });
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
