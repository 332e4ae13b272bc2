// An event that no row change makes.
//
// In:  its event trigger, its kind and the JSON that is stored as its payload. Out: its public id (a uuid Datum).
// Always: it belongs to the current subtransaction, as any event; it is of no row, so it is ordered with nothing.
#pragma once
#include "pg/boundary.h"

#include <string>

namespace gqlsvl::events {

Datum add_manual_event(std::int32_t trigger_id, char op, const std::string &payload);

} // namespace gqlsvl::events
