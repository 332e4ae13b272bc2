#include "events/store/cursor.h"

#include <utility>

namespace gqlsvl::events {

std::vector<StoredEvent> Cursor::read(const Snapshot &now, std::size_t most_events, std::size_t most_bytes) {
  used_ = 0;
  if (position_.at_rest()) position_.to = now;
  if (position_.at_rest()) return {};
  if (!searched_) {
    found_ = find({position_.from, position_.to, shards_, position_.last_id, most_found}, more_);
    next_ = 0;
    searched_ = true;
  }
  return fetch(found_.data() + next_, std::min(most_events, found_.size() - next_), most_bytes, used_);
}

void Cursor::advance() {
  if (position_.at_rest()) return;
  next_ += used_;
  if (used_ > 0) {
    position_.last_id = found_[next_ - 1].place.id;
    moved = true;
  }
  if (!searched_ || next_ < found_.size()) return;
  searched_ = false; // searched again where the list was cut
  found_ = {};
  if (more_) return;
  position_.from = position_.to;
  position_.last_id = 0;
}

bool Cursor::joins(const Cursor &other) {
  if (position_ != other.position_) return false;
  shards_ |= other.shards_;
  moved |= other.moved;
  searched_ = false;
  return true;
}

Cursor Cursor::split(std::uint32_t shards) {
  Cursor part(shards_ & shards, position_);
  part.moved = moved = true;
  shards_ &= ~shards;
  searched_ = false;
  return part;
}

} // namespace gqlsvl::events
