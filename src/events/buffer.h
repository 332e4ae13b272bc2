// Captured events on their way into the event table, within the writer's transaction.
//
// In:  add() for each changed row, flush() at the end of each statement. Out: rows of gqlsvl.event_N, inserted straight through the table
//   and index access methods: no executor, no rights of the writer needed, no row security.
// Always: an event belongs to the subtransaction of its change and dies with it; what a statement trigger did not flush is flushed before
//   commit; the buffer is bounded (1,000 rows or 1 MB, then it is flushed at once).
// At commit of a transaction that wrote events the function given to set_delivery() runs: it must neither allocate nor throw.
#pragma once
#include "pg/boundary.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gqlsvl::events {

struct CapturedEvent {
  std::int64_t id = 0; // events/event_id.h: drawn while the changed row is locked, so per row the order of ids is that of commits
  std::int32_t trigger_id = 0, key_hash = 0;
  std::optional<std::int32_t> new_key_hash;
  char op = 'I';
  std::string payload; // begun with new_payload()
};

// A payload to append JSON to: it begins with room for a varlena header, so that it is stored without another copy.
std::string new_payload(std::size_t expected_bytes);

void add(CapturedEvent &&event);
void flush(); // what the current subtransaction captured

using WakeDelivery = void (*)(Oid database) noexcept;
using CurrentChild = int (*)(Oid database) noexcept;               // the event table to fill
void set_delivery(WakeDelivery wake, CurrentChild child) noexcept; // in _PG_init
void wake_after_definition();                                      // once this transaction has committed and its relcache messages are sent

} // namespace gqlsvl::events
