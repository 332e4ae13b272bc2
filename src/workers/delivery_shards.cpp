#include "workers/delivery_shards.h"

#include "events/store/event.h"
#include "workers/shared.h"

#include <algorithm>
#include <vector>

#include "pg/compat.h"
#include "pg/transaction.h"

extern "C" {
#include "storage/lock.h"
}

namespace gqlsvl::workers {

namespace {

constexpr std::uint16_t shard_lock_class = 3; // SQL's advisory locks use 1 and 2

LOCKTAG lock_of(int shard) {
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, static_cast<std::uint32_t>(shard), shard_lock_class);
  return tag;
}

bool is_of_this_database(const Slot &slot) { return slot.kind.load() == WorkerKind::Delivery && slot.database.load() == MyDatabaseId; }

} // namespace

bool asked_to_leave(int index) {
  return std::any_of(std::begin(shared()->slots), std::end(shared()->slots),
                     [index](const Slot &slot) { return is_of_this_database(slot) && slot.index == index && slot.leave.load(); });
}

std::uint32_t wanted_shards(int index) {
  std::vector<int> running;
  for (const Slot &slot : shared()->slots)
    if (is_of_this_database(slot) && slot.pid.load() != 0 && !slot.leave.load()) running.push_back(slot.index);
  std::sort(running.begin(), running.end());
  auto mine = std::find(running.begin(), running.end(), index);
  std::uint32_t shards = 0;
  for (auto shard = mine - running.begin(); mine != running.end() && shard < events::shard_count; shard += std::ssize(running))
    shards |= 1u << shard;
  return shards;
}

std::uint32_t lock_shards(std::uint32_t shards) {
  std::uint32_t locked = 0;
  pg::Transaction transaction;
  for (int shard = 0; shard < events::shard_count; shard++) {
    if (!(shards & (1u << shard))) continue;
    LOCKTAG tag = lock_of(shard);
    if (pg::call([&tag] { return LockAcquire(&tag, ExclusiveLock, true, true); }) != LOCKACQUIRE_NOT_AVAIL) locked |= 1u << shard;
  }
  transaction.commit();
  return locked;
}

void hold_shards(std::uint32_t shards) {
  std::uint32_t lost = 0;
  for (int shard = 0; shard < events::shard_count; shard++) {
    LOCKTAG tag = lock_of(shard);
    if ((shards & (1u << shard)) && !pg::call([&tag] { return pg::holds_exclusive_lock(tag); })) lost |= 1u << shard;
  }
  if (lost != 0 && lock_shards(lost) != lost)
    pg::call([] {
      ereport(FATAL, (errmsg("a transform function released the locks of the delivery worker"),
                      errhint("Do not call pg_advisory_unlock_all() in a transform function.")));
    });
}

void unlock_shards(std::uint32_t shards) {
  for (int shard = 0; shard < events::shard_count; shard++) {
    if (!(shards & (1u << shard))) continue;
    LOCKTAG tag = lock_of(shard);
    pg::call([&tag] { LockRelease(&tag, ExclusiveLock, true); });
  }
}

} // namespace gqlsvl::workers
