#include "workers/signal.h"

namespace gqlsvl::workers {

namespace {

// A later commit may be at this place already: never lower it.
void raise_to(std::atomic<std::uint64_t> &place, std::uint64_t value) noexcept {
  std::uint64_t present = place.load();
  while (present < value && !place.compare_exchange_weak(present, value)) {}
}

} // namespace

std::uint32_t signal_bit(Oid relation) noexcept { return (relation * 2654435761u) >> 20; }
static_assert((0xffffffffu >> 20) + 1 == signal_bits);

void TouchedSet::add(Oid relation) noexcept {
  if (everything_) return;
  for (int i = 0; i < count_; i++)
    if (relations_[i] == relation) return;
  if (count_ == capacity)
    everything_ = true;
  else
    relations_[count_++] = relation;
}

// All accesses are sequentially consistent: that is the full barrier between `touched` and `interest`.
void TouchedSet::publish(SignalArea &area) const noexcept {
  if (empty() || !area.active.load()) return;
  const std::uint64_t generation = area.generation.fetch_add(1) + 1;
  bool wake = everything_;
  if (everything_) {
    raise_to(area.touched_everything, generation);
    area.dirty_everything.store(1);
  }
  for (int i = 0; i < count_; i++) {
    const std::uint32_t bit = signal_bit(relations_[i]);
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    raise_to(area.touched[bit], generation);
    if (!(area.interest[bit / 64].load() & mask)) continue;
    area.dirty[bit / 64].fetch_or(mask);
    wake = true;
  }
  if (!wake || area.wake_pending.exchange(1)) return;
  if (Latch *latch = area.listener.load()) SetLatch(latch);
}

Signal::Signal(Database &database) : area_(database.signal) {
  area_.active.store(0);
  for (auto &word : area_.interest) word.store(0);
  for (auto &word : area_.dirty) word.store(0);
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

void Signal::watch(const std::vector<std::uint32_t> &relations) {
  for (std::uint32_t relation : relations) {
    const std::uint32_t bit = signal_bit(relation);
    area_.interest[bit / 64].fetch_or(std::uint64_t{1} << (bit % 64));
  }
}

void Signal::watch_only(const std::vector<std::uint32_t> &relations) {
  std::bitset<signal_bits> wanted;
  for (std::uint32_t relation : relations) wanted.set(signal_bit(relation));
  for (int word = 0; word < signal_words; word++) {
    std::uint64_t bits = 0;
    for (int bit = 0; bit < 64; bit++)
      if (wanted.test(word * 64 + bit)) bits |= std::uint64_t{1} << bit;
    area_.interest[word].store(bits);
  }
}

bool Signal::changed_since(const std::vector<std::uint32_t> &relations, std::uint64_t generation) const {
  if (area_.touched_everything.load() > generation) return true;
  for (std::uint32_t relation : relations)
    if (area_.touched[signal_bit(relation)].load() > generation) return true;
  return false;
}

Signal::Dirty Signal::collect() {
  Dirty dirty;
  if (!area_.wake_pending.exchange(0)) return dirty;
  dirty.everything = area_.dirty_everything.exchange(0);
  for (int word = 0; word < signal_words; word++) {
    if (!area_.dirty[word].load()) continue;
    std::uint64_t bits = area_.dirty[word].exchange(0);
    for (; bits; bits &= bits - 1) dirty.bits.set(word * 64 + __builtin_ctzll(bits));
  }
  return dirty;
}

} // namespace gqlsvl::workers
