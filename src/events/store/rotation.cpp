#include "events/store/rotation.h"

#include <algorithm>

#include "pg/transaction.h"

extern "C" {
#include "catalog/namespace.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::events {

namespace {

constexpr int child_count = 8;

std::string table_of(const char *prefix, int child) { return "gqlsvl." + std::string(prefix) + std::to_string(child); }

// Visible in each checkpoint's first snapshot: read, and then in the list of pending ones or in gqlsvl.retry until it is finished.
bool all_read(int child, const Snapshot &from) {
  const std::string snapshot = '\'' + from.text() + "'::pg_snapshot";
  return run_once("SELECT NOT EXISTS (SELECT FROM " + table_of("event_", child) + " WHERE txid >= pg_snapshot_xmin(" + snapshot +
                  ") AND NOT pg_visible_in_snapshot(txid, " + snapshot + "))")[0][0] == "t";
}

bool lock(int child) {
  const std::string names[] = {"event_" + std::to_string(child), "invocation_" + std::to_string(child)};
  return std::all_of(std::begin(names), std::end(names), [](const std::string &name) {
    const char *relation = name.c_str();
    return pg::call([relation] {
      return ConditionalLockRelationOid(get_relname_relid(relation, get_namespace_oid("gqlsvl", false)), AccessExclusiveLock);
    });
  });
}

} // namespace

int Rotation::current() { return std::stoi(run_once("SELECT coalesce((SELECT current_child FROM gqlsvl.control), 0)")[0][0].value()); }

std::vector<Rotation::Child> Rotation::children() {
  std::string sql;
  for (int child = 0; child < child_count; child++) {
    const std::string events = table_of("event_", child), age = "(SELECT extract(epoch FROM clock_timestamp() - created_at) FROM " + events;
    sql += (child ? " UNION ALL SELECT " : "SELECT ") + std::to_string(child) + ", pg_total_relation_size('" + events +
           "') + pg_total_relation_size('" + table_of("invocation_", child) + "'), " + age + " ORDER BY txid, id LIMIT 1), " + age +
           " ORDER BY txid DESC, id DESC LIMIT 1)";
  }
  std::vector<Child> out;
  for (const auto &row : run_once(sql))
    out.push_back({std::stoi(*row[0]), std::stoll(*row[1]), row[2] ? std::stod(*row[2]) : -1, row[3] ? std::stod(*row[3]) : -1});
  return out;
}

bool Rotation::finished(int child, const std::vector<Checkpoint> &checkpoints) {
  std::uint32_t covered = 0;
  for (const Checkpoint &one : checkpoints) {
    if (one.trigger == 0) covered |= one.shards;
    if (std::any_of(one.pending.begin(), one.pending.end(), [child](const Place &place) { return place.child == child; })) return false;
    if (!all_read(child, one.position.from)) return false;
  }
  return covered == all_shards &&
         run_once("SELECT EXISTS (SELECT FROM gqlsvl.retry WHERE child = " + std::to_string(child) + ')')[0][0] == "f";
}

// The one to go on with, when the one in use has its share of size or age.
int Rotation::choose(const std::vector<Child> &all, int in_use, const Retention &retention) {
  const Child &now = all[static_cast<std::size_t>(in_use)];
  if (now.bytes < retention.bytes / child_count && now.first_age_seconds < static_cast<double>(retention.age_seconds) / child_count)
    return in_use;
  for (int step = 1; step < child_count; step++) {
    const Child &next = all[static_cast<std::size_t>((in_use + step) % child_count)];
    if (next.first_age_seconds < 0) return next.number;
  }
  return in_use;
}

bool Rotation::empty_one(Store &store, const std::vector<Child> &all, int in_use, const Retention &retention) {
  std::int64_t bytes = 0;
  std::vector<Child> left;
  for (const Child &child : all) {
    bytes += child.bytes;
    if (child.number != in_use && child.first_age_seconds >= 0) left.push_back(child);
  }
  std::sort(left.begin(), left.end(), [](const Child &a, const Child &b) { return a.first_age_seconds > b.first_age_seconds; });
  for (const Child &child : left) {
    const bool old = child.last_age_seconds > static_cast<double>(retention.age_seconds);
    if (!old && bytes <= retention.bytes) continue;
    if (!finished(child.number, store.newest_checkpoints(all_shards))) continue;
    if (!lock(child.number)) continue;
    if (!finished(child.number, store.newest_checkpoints(all_shards))) return false; // the transaction's end unlocks
    run_once("TRUNCATE " + table_of("event_", child.number) + ", " + table_of("invocation_", child.number));
    return true;
  }
  return false;
}

int Rotation::step(Store &store, const Retention &retention) {
  pg::Transaction transaction;
  pg::Spi spi;
  const std::vector<Child> all = children();
  const int in_use = current();
  const int next = choose(all, in_use, retention);
  if (next != in_use) run_once("UPDATE gqlsvl.control SET current_child = " + std::to_string(next));
  empty_one(store, all, next, retention);
  spi.finish();
  transaction.commit();
  return next;
}

} // namespace gqlsvl::events
