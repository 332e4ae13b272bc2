// The end of an event's payload: what the session says of who made the change (events/session_variables.h).
#pragma once
#include <string>

namespace gqlsvl::events {

std::string session_part(); // ,"session_variables":...,"trace_context":...}

} // namespace gqlsvl::events
