// Bytes between a listener and an executor, in shared memory.
//
// In:  bytes of framed messages (workers/message.h). Out: the same bytes at the other end, in order, or "stale".
// Always: each copy is made under the channel's lock and begins with a check of the epoch, so an end that was restarted never meets
//   bytes meant for its predecessor. Nothing here waits: what does not fit is written later (back-pressure). The caller wakes the peer.
#pragma once
#include "workers/shared.h"

#include <string>
#include <string_view>

namespace gqlsvl::workers {

enum class Direction { ToExecutor, ToListener };

struct Copied {
  bool stale = false; // the epoch has moved: drop what belongs to it
  std::size_t bytes = 0;
  bool was_full = false; // reading: the other end may wait for room
};

struct Opening {
  std::uint64_t epoch;
  bool ready;
};

Opening peek(Channel &channel);                             // the present epoch
std::uint64_t open_as_executor(Channel &channel);           // a new epoch, empty rings, ready
std::uint64_t open_as_listener(Channel &channel);           // a new epoch, empty rings
void close_as_executor(Channel &channel);                   // a new epoch, empty rings, not ready
bool close_if_empty(Channel &channel, std::uint64_t epoch); // the same, unless a call or an answer is on its way or the epoch has moved
Copied write_some(Channel &channel, Direction direction, std::uint64_t epoch, std::string_view bytes);
Copied read_some(Channel &channel, Direction direction, std::uint64_t epoch, std::string &append_to);

} // namespace gqlsvl::workers
