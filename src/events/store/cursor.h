// How far the events of some shards have been read: of all triggers but the forked ones, or of one forked trigger.
//
// In:  a position from a checkpoint, or none (from the beginning). Out: slices of new events in order of id; the position to write down.
// A position is a range of snapshots being read and the last number read of it. At rest both snapshots are equal.
// Always: read() changes nothing that a failed transaction could spoil; advance() follows its commit. What is in the range is remembered
//   between slices as numbers and addresses, at most `most_found` of them; beyond that it is searched again.
#pragma once
#include "events/store/reader.h"

namespace gqlsvl::events {

struct Position {
  Snapshot from, to;
  std::int64_t last_id = 0;
  bool at_rest() const { return from == to; }
  bool operator==(const Position &) const = default;
};

class Cursor {
public:
  Cursor(std::uint32_t shards, Position position, std::int32_t trigger = 0)
      : shards_(shards), trigger_(trigger), position_(std::move(position)) {}
  // The next slice; empty: the range is done. At rest the range up to `now` is begun.
  std::vector<StoredEvent> read(const Snapshot &now, const Forks &forks, std::size_t most_events, std::size_t most_bytes);
  void advance(); // past what read() returned; at_rest() is true when the range is done
  bool at_rest() const { return position_.at_rest(); }

  std::uint32_t shards() const { return shards_; }
  std::int32_t trigger() const { return trigger_; } // 0: all but the forked
  // Of one trigger, whose events are dealt with up to `last_id`. Between read() and advance(), or at rest.
  Cursor fork(std::int32_t trigger, std::int64_t last_id);
  const Position &position() const { return position_; }
  bool joins(const Cursor &other);    // equal positions: takes over its shards, or its trigger
  Cursor split(std::uint32_t shards); // of these
  bool moved = false;                 // since the last checkpoint

private:
  static constexpr std::size_t most_found = 256 * 1024, most_found_of_one = 64 * 1024; // 32 bytes each
  std::uint32_t shards_;
  std::int32_t trigger_;
  Position position_;
  std::vector<Found> found_; // of the range, behind position_.last_id
  std::size_t next_ = 0, used_ = 0;
  bool searched_ = false, more_ = false;
};

} // namespace gqlsvl::events
