#include "events/manual_event.h"

#include "events/buffer.h"
#include "events/owner_sql.h"

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

} // namespace gqlsvl::events
