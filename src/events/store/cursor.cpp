#include "events/store/cursor.h"

#include <utility>

namespace gqlsvl::events {

std::vector<StoredEvent> Cursor::read(const Snapshot &now, const Forks &forks, std::size_t most_events, std::size_t most_bytes) {
  used_ = 0;
  if (position_.at_rest()) position_.to = now;
  if (position_.at_rest()) return {};
  if (!searched_) {
    const std::size_t most = trigger_ ? most_found_of_one : most_found;
    found_ = find({position_.from, position_.to, shards_, trigger_, forks, position_.last_id, most}, more_);
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
  if (trigger_ == other.trigger_)
    shards_ |= other.shards_;
  else if (trigger_ || !at_rest() || (other.shards_ & ~shards_))
    return false;
  moved = true;
  searched_ = false;
  return true;
}

Cursor Cursor::fork(std::int32_t trigger, std::int64_t last_id) {
  Cursor part(shards_, position_, trigger);
  part.position_.last_id = at_rest() ? 0 : last_id;
  part.moved = moved = true;
  searched_ = false; // what was found ahead has its events still: both would send them
  return part;
}

Cursor Cursor::split(std::uint32_t shards) {
  Cursor part(shards_ & shards, position_, trigger_);
  part.moved = moved = true;
  shards_ &= ~shards;
  searched_ = false;
  return part;
}

} // namespace gqlsvl::events
