// Whether an event trigger has events that are neither delivered nor dead, as of the worker's last checkpoint.
//
// In:  its number. Out: true or false, found by what the checkpoint leaves open: its cost does not grow with the log.
// Always: inside an OwnerSession (events/owner_sql.h).
#pragma once

namespace gqlsvl::events {

bool has_unfinished_events(int trigger_id);

} // namespace gqlsvl::events
