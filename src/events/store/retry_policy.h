// When to try an event again.
//
// In:  the trigger's settings, the attempts made so far (the failed one counts), what the receiver asked for, a random number.
// Out: the delay before the next attempt, or none: the event is dead.
// Pure: no clock and no random source of its own. Tests: test/unit/events_store_test.cpp.
// Always: 0 <= delay <= max_interval, unless Retry-After asks for more; a Retry-After overrides the limit of attempts, as in Hasura v2,
//   and is itself limited to a day. The jitter only shortens, so that max_interval holds.
// Source: Retry-After as in RFC 9110, section 10.2.3; Hasura v2's event triggers.
#pragma once
#include "events/store/event.h"

#include <chrono>

namespace gqlsvl::events {

// `random` in [0, 1).
std::optional<std::chrono::milliseconds> next_delay(const TriggerDefinition &trigger, int attempts_made,
                                                    std::optional<std::chrono::seconds> retry_after, double random);

} // namespace gqlsvl::events
