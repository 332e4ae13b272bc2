// Which shards of the event store a delivery worker is to have, and the locks that make it their only owner.
//
// In:  the running delivery workers of the database (workers/shared.h), gqlsvl.delivery_workers. Out: sets of shards.
// Always: a shard's lock is held by the session: it is free only when the last owner's session is really over, or has written its last
//   checkpoint and given the shard up. No SQL function can take these locks (docs/rules.md, 9).
#pragma once
#include <cstdint>

namespace gqlsvl::workers {

// Shard s belongs to the running worker number s mod (their number), counted in order of their index.
std::uint32_t wanted_shards(int index);
bool asked_to_leave(int index);                  // gqlsvl.delivery_workers was lowered
std::uint32_t lock_shards(std::uint32_t shards); // those that were free; never waits
void unlock_shards(std::uint32_t shards);
// After a user's function: pg_advisory_unlock_all() in it gives up every lock of the session. Takes those lost again, or ends the process.
void hold_shards(std::uint32_t shards);

} // namespace gqlsvl::workers
