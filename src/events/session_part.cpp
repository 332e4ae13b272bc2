#include "events/session_part.h"

#include "events/session_variables.h"

#include "pg/boundary.h"

extern "C" {
#include "utils/guc.h"
}

namespace gqlsvl::events {

namespace {

const char *setting(const char *name) {
  return pg::call([name] { return GetConfigOption(name, true, false); });
}

} // namespace

std::string session_part() {
  return ",\"session_variables\":" + session_variables(setting("hasura.user"), setting("request.jwt.claims")) +
         ",\"trace_context\":" + trace_context(setting("hasura.tracecontext"), setting("request.headers")) + '}';
}

} // namespace gqlsvl::events
