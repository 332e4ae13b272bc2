#include "workers/signal.h"

#include <algorithm>

namespace gqlsvl::workers {

namespace {

constexpr std::uint64_t mask_of(std::uint32_t bit) { return std::uint64_t{1} << (bit % 64); }

std::uint64_t column_key(live::Topic topic) { return live::whole(live::relation_of(topic)) | live::column_of(topic); }

// The word in the summary is set after the bit and taken before it: a bit whose word was just taken makes its word dirty again.
bool mark_rows(SignalArea &area, std::uint32_t bit) noexcept {
  if (!(area.row_interest[bit / 64].load() & mask_of(bit))) return false;
  area.row_dirty[bit / 64].fetch_or(mask_of(bit));
  area.row_dirty_words[bit / 64 / 64].fetch_or(mask_of(bit / 64));
  return true;
}

void append_topics(std::vector<live::Topic> &topics, const std::unordered_multimap<std::uint32_t, live::Topic> &index, std::uint32_t bit) {
  auto [first, last] = index.equal_range(bit);
  for (; first != last; ++first) topics.push_back(first->second);
}

// True when nothing else of that bit is watched.
bool erase_topic(std::unordered_multimap<std::uint32_t, live::Topic> &index, std::uint32_t bit, live::Topic topic) {
  auto [first, last] = index.equal_range(bit);
  auto found = std::find_if(first, last, [topic](auto &entry) { return entry.second == topic; });
  if (found != last) index.erase(found);
  return !index.contains(bit);
}

} // namespace

std::uint32_t signal_bit(Oid relation) noexcept { return (relation * 2654435761u) >> 20; }
static_assert((0xffffffffu >> 20) + 1 == signal_bits);

WatchedColumns watched_columns(const SignalArea &area, Oid relation) noexcept {
  WatchedColumns found;
  if (area.watched_column_count.load() == 0) return found;
  for (const auto &place : area.watched_columns) {
    const std::uint64_t word = place.load(std::memory_order_relaxed);
    if (live::relation_of(word) != relation || found.count == WatchedColumns::capacity) continue;
    found.columns[found.count++] = static_cast<std::int16_t>(word & 0xffff);
  }
  return found;
}

void TouchedSet::add(Oid relation, bool by_rows) noexcept {
  if (everything_) return;
  for (int i = 0; i < count_; i++) {
    if (relations_[i].relation != relation) continue;
    relations_[i].by_rows &= by_rows;
    return;
  }
  if (count_ == capacity)
    everything_ = true;
  else
    relations_[count_++] = {relation, by_rows};
}

void TouchedSet::begin_rows(std::uint64_t columns_generation) noexcept {
  if (!rows_begun_) columns_generation_ = columns_generation;
  rows_begun_ = true;
}

void TouchedSet::add_rows(live::Topic topic) noexcept {
  if (rows_overflow_) return;
  const std::uint32_t bit = live::bit_of(topic);
  std::uint32_t place = bit % row_places;
  for (; row_places_[place]; place = (place + 1) % row_places)
    if (rows_[row_places_[place] - 1] == bit) return;
  if (row_count_ == row_capacity) {
    rows_overflow_ = true;
    return;
  }
  rows_[row_count_] = bit;
  row_places_[place] = static_cast<std::uint16_t>(++row_count_);
}

void TouchedSet::clear() noexcept {
  count_ = 0;
  everything_ = rows_begun_ = rows_overflow_ = false;
  if (row_count_) std::fill(std::begin(row_places_), std::end(row_places_), 0);
  row_count_ = 0;
}

// All accesses are sequentially consistent: that is the full barrier between `generation` and `interest`.
void TouchedSet::publish(SignalArea &area) const noexcept {
  if (empty() || !area.active.load()) return;
  area.generation.fetch_add(1);
  bool wake = everything_;
  if (everything_) area.dirty_everything.store(1);
  const bool rows_known = !rows_overflow_ && (!rows_begun_ || columns_generation_ == area.columns_generation.load());
  for (int i = 0; i < row_count_ && !rows_overflow_; i++) wake |= mark_rows(area, rows_[i]);
  for (int i = 0; i < count_; i++) {
    const std::uint32_t bit = signal_bit(relations_[i].relation);
    if (!relations_[i].by_rows || !rows_known) wake |= mark_rows(area, live::bit_of(live::unseen(relations_[i].relation)));
    if (!(area.interest[bit / 64].load() & mask_of(bit))) continue;
    area.dirty[bit / 64].fetch_or(mask_of(bit));
    wake = true;
  }
  if (!wake || area.wake_pending.exchange(1)) return;
  if (Latch *latch = area.listener.load()) SetLatch(latch);
}

Signal::Signal(Database &database) : area_(database.signal) {
  area_.active.store(0);
  for (auto &word : area_.interest) word.store(0);
  for (auto &word : area_.dirty) word.store(0);
  for (auto &word : area_.row_interest) word.store(0);
  for (auto &word : area_.row_dirty) word.store(0);
  for (auto &word : area_.row_dirty_words) word.store(0);
  for (auto &place : area_.watched_columns) place.store(0);
  area_.watched_column_count.store(0);
  area_.columns_generation.fetch_add(1);
  area_.dirty_everything.store(0);
  area_.wake_pending.store(0);
  area_.listener.store(MyLatch);
}

Signal::~Signal() {
  area_.active.store(0);
  area_.listener.store(nullptr);
}

void Signal::set_active(bool active) { area_.active.store(active); }

std::uint64_t Signal::generation() const { return area_.generation.load(); }

void Signal::watch(live::Topic topic) {
  if (live::is_whole(topic)) {
    const std::uint32_t bit = signal_bit(live::relation_of(topic));
    relations_.emplace(bit, topic);
    area_.interest[bit / 64].fetch_or(mask_of(bit));
    return;
  }
  const std::uint32_t bit = live::bit_of(topic);
  rows_.emplace(bit, topic);
  area_.row_interest[bit / 64].fetch_or(mask_of(bit));
  watch_column(topic);
}

void Signal::unwatch(live::Topic topic) {
  if (live::is_whole(topic)) {
    const std::uint32_t bit = signal_bit(live::relation_of(topic));
    if (erase_topic(relations_, bit, topic)) area_.interest[bit / 64].fetch_and(~mask_of(bit));
    return;
  }
  const std::uint32_t bit = live::bit_of(topic);
  if (erase_topic(rows_, bit, topic)) area_.row_interest[bit / 64].fetch_and(~mask_of(bit));
  unwatch_column(topic);
}

// A relation of which not all columns found a place is not watched by rows at all: its writers then say unseen(R).
void Signal::watch_column(live::Topic topic) {
  if (live::column_of(topic) == live::unseen_column) return;
  Column &column = columns_[column_key(topic)];
  if (column.topics++ > 0) return;
  const Oid relation = live::relation_of(topic);
  auto first = columns_.lower_bound(live::whole(relation)), last = columns_.lower_bound(live::whole(relation + 1));
  const bool refused = std::any_of(first, last, [&](auto &entry) { return &entry.second != &column && entry.second.place < 0; });
  auto free_place = std::find_if(std::begin(area_.watched_columns), std::end(area_.watched_columns), [](auto &p) { return p.load() == 0; });
  if (!refused && free_place != std::end(area_.watched_columns) && std::distance(first, last) <= WatchedColumns::capacity) {
    column.place = static_cast<int>(free_place - std::begin(area_.watched_columns));
    free_place->store(column_key(topic));
    area_.watched_column_count.fetch_add(1);
  } else {
    for (; first != last; ++first) {
      if (first->second.place < 0) continue;
      area_.watched_columns[first->second.place].store(0);
      area_.watched_column_count.fetch_sub(1);
      first->second.place = -1;
    }
  }
  area_.columns_generation.fetch_add(1);
}

void Signal::unwatch_column(live::Topic topic) {
  auto found = columns_.find(column_key(topic));
  if (found == columns_.end() || --found->second.topics > 0) return;
  if (found->second.place >= 0) {
    area_.watched_columns[found->second.place].store(0);
    area_.watched_column_count.fetch_sub(1);
  }
  columns_.erase(found);
}

Signal::Changes Signal::collect() {
  Changes changes;
  if (!area_.wake_pending.exchange(0)) return changes;
  changes.everything = area_.dirty_everything.exchange(0);
  take_relations(changes);
  take_rows(changes);
  return changes;
}

void Signal::take_relations(Changes &changes) {
  for (std::uint32_t word = 0; word < signal_words; word++) {
    if (!area_.dirty[word].load()) continue;
    for (std::uint64_t bits = area_.dirty[word].exchange(0); bits; bits &= bits - 1)
      append_topics(changes.topics, relations_, word * 64 + __builtin_ctzll(bits));
  }
}

void Signal::take_rows(Changes &changes) {
  for (std::uint32_t summary = 0; summary < row_summary_words; summary++) {
    if (!area_.row_dirty_words[summary].load()) continue;
    for (std::uint64_t words = area_.row_dirty_words[summary].exchange(0); words; words &= words - 1) {
      const std::uint32_t word = summary * 64 + __builtin_ctzll(words);
      for (std::uint64_t bits = area_.row_dirty[word].exchange(0); bits; bits &= bits - 1)
        append_topics(changes.topics, rows_, word * 64 + __builtin_ctzll(bits));
    }
  }
}

} // namespace gqlsvl::workers
