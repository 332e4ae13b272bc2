#include "events/event_place.h"

extern "C" {
#include "catalog/pg_type.h"
}

namespace gqlsvl::events {

using pg::call;

// The reverse of gqlsvl.event_uuid: 48 bits of the transaction, version, 12 and 2 and 58 bits of the event's number.
EventPlace place_of(const pg_uuid_t &uuid) {
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

Values place_values(const EventPlace &place) { return Values().add(std::to_string(place.txid)).add(INT8OID, Int64GetDatum(place.id)); }

std::string insert_retry(const char *at, bool redelivered) {
  return "INSERT INTO gqlsvl.retry (trigger_id, event_id, child, txid, key_hash, new_key_hash, attempts, next_attempt_at, blocked, "
         "redelivered_at) SELECT e.trigger_id, e.id, substring(c.relname::text, '\\d+$')::int2, e.txid, e.key_hash, e.new_key_hash, 0, " +
         std::string(at) + ", false, " + (redelivered ? "clock_timestamp()" : "NULL") +
         " FROM gqlsvl.event e JOIN pg_class c ON c.oid = e.tableoid ";
}

void wait_in_retry(const EventPlace &place, Datum at) {
  OwnerSession session;
  Rows waits(insert_retry("$3", false) + "WHERE e.txid = $1::xid8 AND e.id = $2", place_values(place).add(TIMESTAMPTZOID, at));
}

DefinitionRow definition_of_event(const EventPlace &place, const std::string &uuid) {
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

} // namespace gqlsvl::events
