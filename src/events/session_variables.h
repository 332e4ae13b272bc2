// Who made the change, as the receiver of an event sees it: session variables and trace context of the writer's transaction.
//
// In:  hasura.user, request.jwt.claims and hasura.tracecontext of the session. Out: JSON text, or "null" when there is none.
// Always: of hasura.user and the claims the former wins; only x-hasura-* keys, lower case, values as strings; a value that is not JSON
//   counts as absent, since a writer must not fail for it.
#pragma once
#include "base/json.h"

#include <string>

namespace gqlsvl::events {

std::string session_variables(const char *hasura_user, const char *jwt_claims); // null pointers: not set
std::string trace_context(const char *setting);

} // namespace gqlsvl::events
