// An event that no row change makes.
//
// In:  its event trigger, its kind and the JSON that is stored as its payload. Out: its public id (a uuid Datum).
// Always: it belongs to the current subtransaction, as any event; it is of no row, so it is ordered with nothing.
#pragma once
#include "pg/boundary.h"

#include <optional>
#include <string>

namespace gqlsvl::events {

Datum add_manual_event(std::int32_t trigger_id, char op, const std::string &payload);

// An event for a time. Its payload is the receiver's body but for "id": see src/workers/delivery_request.cpp.
struct ScheduledEvent {
  std::int32_t trigger_id;
  char op;                         // S, C: events/store/event.h
  Datum at;                        // timestamptz
  std::optional<std::string> name; // of its cron trigger
  std::string payload;             // JSON
  std::optional<std::string> comment;
};
Datum add_scheduled_event(const ScheduledEvent &event); // its id; it waits in gqlsvl.retry

} // namespace gqlsvl::events
