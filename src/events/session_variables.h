// Who made the change, as the receiver of an event sees it: session variables and trace context of the writer's transaction.
//
// In:  hasura.user, request.jwt.claims, hasura.tracecontext and request.headers of the session. Out: JSON text, or "null" when there is
// none. Always: of hasura.user and the claims the former wins; only x-hasura-* keys, lower case, values as strings; what is malformed
// counts as
//   absent, since a writer must not fail for it.
// Source: traceparent as in W3C Trace Context, section 3.2.
#pragma once
#include "base/json.h"

#include <string>

namespace gqlsvl::events {

std::string session_variables(const char *hasura_user, const char *jwt_claims); // null pointers: not set
// `setting`: an object, passed on as it is, or a traceparent; else the traceparent in `headers`, as PostgREST sets them.
std::string trace_context(const char *setting, const char *headers);

} // namespace gqlsvl::events
