// Captured events on their way into the event table, within the writer's transaction.
//
// In:  add() for each changed row, flush() at the end of each statement. Out: rows of gqlsvl.event_N, inserted straight through the table
//   and index access methods: no executor, no rights of the writer needed, no row security.
// Always: an event belongs to the subtransaction of its change and dies with it; what no statement's end flushed is flushed before commit;
//   the buffer is bounded (1,000 rows or 1 MB of one subtransaction, then it is flushed at once).
//   Events are numbered in the order of add(), also across subtransactions and whoever is flushed first. A number is drawn when the first
//   event after it is flushed: later than the change, whose row stays locked until commit, so that for one row the order of numbers is the
//   order of its changes (test/isolation/specs/events_row_order.spec).
// At commit of a transaction that wrote events the function given to set_delivery() runs: it must neither allocate nor throw.
#pragma once
#include "pg/boundary.h"

#include <cstdint>
#include <optional>

namespace gqlsvl::events {

struct CapturedEvent {
  std::int32_t trigger_id = 0;
  std::optional<std::int32_t> key_hash, new_key_hash; // no key: the event waits for no other
  char op = 'I';
  Datum payload = 0; // json; copied by add()
};

void add(const CapturedEvent &event); // the row is changed already
std::int64_t flush();                 // what the current subtransaction captured; the last event's number, 0: there was none

using WakeDelivery = void (*)(Oid database) noexcept;
using CurrentChild = int (*)(Oid database) noexcept;               // the event table to fill
void set_delivery(WakeDelivery wake, CurrentChild child) noexcept; // in _PG_init
void wake_after_definition();                                      // once this transaction has committed and its relcache messages are sent

} // namespace gqlsvl::events
