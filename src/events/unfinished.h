// How many events of an event trigger are neither delivered nor dead, as of the workers' last checkpoints.
//
// In:  its number. Out: how many, at most `most_counted` + 1, found by what the checkpoints leave open: the cost does not grow with the
// log. Always: inside an OwnerSession (events/owner_sql.h).
#pragma once
#include <cstdint>

namespace gqlsvl::events {

inline constexpr std::int64_t most_counted = 10000;
std::int64_t unfinished_events(int trigger_id);

} // namespace gqlsvl::events
