#include "events/manual_event.h"

#include "events/buffer.h"
#include "events/event_place.h"
#include "events/owner_sql.h"

#include "base/json.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/uuid.h"
}

namespace gqlsvl::events {

using pg::call;

Datum add_manual_event(std::int32_t trigger_id, char op, const std::string &payload) {
  CapturedEvent event;
  event.op = op;
  event.trigger_id = trigger_id;
  event.payload = call([&payload] { return PointerGetDatum(cstring_to_text_with_len(payload.data(), static_cast<int>(payload.size()))); });
  add(event);
  const std::int64_t id = flush();
  const std::string txid = std::to_string(U64FromFullTransactionId(call([] { return GetTopFullTransactionId(); })));
  pg_uuid_t *uuid = call([] { return static_cast<pg_uuid_t *>(palloc(sizeof(pg_uuid_t))); });
  OwnerSession session;
  Rows made("SELECT gqlsvl.event_uuid($1::xid8, $2)", Values().add(txid).add(INT8OID, Int64GetDatum(id)));
  *uuid = *DatumGetUUIDP(made.datum(1));
  return UUIDPGetDatum(uuid);
}

Datum add_scheduled_event(const ScheduledEvent &event) {
  std::string payload;
  {
    OwnerSession session;
    Rows written(
        "SELECT ceil(extract(epoch FROM $1) * 1000)::int8::text, to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        Values().add(TIMESTAMPTZOID, event.at));
    payload = "{\"at\":" + written.text(1); // for the worker: milliseconds since the epoch
    if (event.name) json::append_string(payload += ",\"name\":", *event.name);
    payload += ",\"scheduled_time\":\"" + written.text(2) + "\",\"payload\":" + event.payload;
    if (event.comment) json::append_string(payload += ",\"comment\":", *event.comment);
    payload += '}';
  }
  const Datum uuid = add_manual_event(event.trigger_id, event.op, payload);
  wait_in_retry(place_of(*DatumGetUUIDP(uuid)), event.at);
  return uuid;
}

} // namespace gqlsvl::events
