#include "workers/ring.h"

#include <algorithm>

namespace gqlsvl::workers {

namespace {

// LWLockAcquire raises only when a process holds 200 locks; none of our callers holds another.
struct Locked {
  explicit Locked(Channel &channel) : lock(&channel.lock) { LWLockAcquire(lock, LW_EXCLUSIVE); }
  ~Locked() { LWLockRelease(lock); }
  Locked(const Locked &) = delete;
  LWLock *lock;
};

std::uint64_t open(Channel &channel, bool ready) {
  channel.to_executor.head = channel.to_executor.tail = 0;
  channel.to_listener.head = channel.to_listener.tail = 0;
  channel.cancel.store(0); // another listener counts its calls anew
  channel.ready = ready;
  return ++channel.epoch;
}

ByteRing &ring_of(Channel &channel, Direction direction) {
  return direction == Direction::ToExecutor ? channel.to_executor : channel.to_listener;
}

} // namespace

Opening peek(Channel &channel) {
  Locked locked(channel);
  return {channel.epoch, channel.ready};
}

std::uint64_t open_as_executor(Channel &channel) {
  Locked locked(channel);
  return open(channel, true);
}

std::uint64_t open_as_listener(Channel &channel) {
  Locked locked(channel);
  return open(channel, channel.ready);
}

void close_as_executor(Channel &channel) {
  Locked locked(channel);
  open(channel, false);
}

bool close_if_empty(Channel &channel, std::uint64_t epoch) {
  Locked locked(channel);
  if (channel.epoch != epoch) return false;
  for (const ByteRing *ring : {&channel.to_executor, &channel.to_listener})
    if (ring->head != ring->tail) return false;
  open(channel, false);
  return true;
}

Copied write_some(Channel &channel, Direction direction, std::uint64_t epoch, std::string_view bytes) {
  Locked locked(channel);
  if (channel.epoch != epoch) return {true, 0};
  ByteRing &ring = ring_of(channel, direction);
  const std::size_t count = std::min<std::size_t>(bytes.size(), ring_bytes - (ring.head - ring.tail));
  const std::size_t at = ring.head % ring_bytes, first = std::min(count, ring_bytes - at);
  memcpy(ring.bytes + at, bytes.data(), first);
  memcpy(ring.bytes, bytes.data() + first, count - first);
  ring.head += count;
  return {false, count};
}

Copied read_some(Channel &channel, Direction direction, std::uint64_t epoch, std::string &append_to) {
  constexpr std::size_t most = 16 * 1024;
  char taken[most];
  std::size_t count = 0;
  bool was_full = false;
  {
    Locked locked(channel);
    if (channel.epoch != epoch) return {true, 0};
    ByteRing &ring = ring_of(channel, direction);
    count = std::min<std::size_t>(most, ring.head - ring.tail);
    was_full = ring.head - ring.tail == ring_bytes;
    const std::size_t at = ring.tail % ring_bytes, first = std::min(count, ring_bytes - at);
    memcpy(taken, ring.bytes + at, first);
    memcpy(taken + first, ring.bytes, count - first);
    ring.tail += count;
  }
  append_to.append(taken, count);
  return {false, count, was_full};
}

} // namespace gqlsvl::workers
