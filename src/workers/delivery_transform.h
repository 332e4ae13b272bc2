// Runs a trigger's transform function for one event (docs/rules.md, 5).
//
// In:  its signature, the trigger's owner, the event as it would be sent. Out: what the function returned; Error with its own message.
// Always: as the owner, who must be allowed to execute it now, and can become nobody else; read-only; with a pinned search_path and a time
//   limit; everything it did to the session is undone. No transaction is open before or after.
#pragma once
#include "pg/boundary.h"

namespace gqlsvl::workers {

std::string run_transform(const std::string &signature, Oid owner, const std::string &event);

} // namespace gqlsvl::workers
