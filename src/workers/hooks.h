// The hooks around commands: DROP DATABASE and the like find no worker in their way; what CREATE/DROP EXTENSION did reaches the launcher.
//
// In:  utility statements, created and dropped objects, the end of transactions. Out: holds and requests in shared memory
// (workers/shared.h). Always: rights are checked before any worker is stopped. Requests are posted and holds released at the end of the
// transaction only,
//   by atomics and SetLatch (docs/rules.md, 10, 26, 27).
#pragma once

namespace gqlsvl::workers {

void install_hooks(); // in _PG_init when preloaded

} // namespace gqlsvl::workers
