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
constexpr std::int64_t most_moved_rows = 100'000, most_moved_bytes = 64 * 1024 * 1024;
constexpr auto pause_after_refusal = std::chrono::minutes(1);

std::string table_of(const char *prefix, int child) { return "gqlsvl." + std::string(prefix) + std::to_string(child); }

std::string literal(const Snapshot &snapshot) { return '\'' + snapshot.text() + "'::pg_snapshot"; }

// By all triggers but the forked: visible in each checkpoint's first snapshot.
bool all_read(int child, const Snapshot &from) {
  const std::string snapshot = literal(from);
  return run_once("SELECT NOT EXISTS (SELECT FROM " + table_of("event_", child) + " WHERE txid >= pg_snapshot_xmin(" + snapshot +
                  ") AND NOT pg_visible_in_snapshot(txid, " + snapshot + "))")[0][0] == "t";
}

bool all_read(int child, const std::vector<Checkpoint> &checkpoints) {
  std::uint32_t covered = 0;
  for (const Checkpoint &one : checkpoints) {
    if (one.trigger != 0) continue;
    covered |= one.shards;
    if (!all_read(child, one.position.from)) return false;
  }
  return covered == all_shards;
}

// SQL: what the cursor of a forked trigger has not read.
std::string not_read(const Checkpoint &fork) {
  const std::string from = literal(fork.position.from);
  return "e.trigger_id = " + std::to_string(fork.trigger) + " AND (1 << (e.key_hash & 15)) & " + std::to_string(fork.shards) +
         " <> 0 AND e.txid >= pg_snapshot_xmin(" + from + ") AND NOT pg_visible_in_snapshot(e.txid, " + from +
         ") AND NOT (pg_visible_in_snapshot(e.txid, " + literal(fork.position.to) +
         ") AND e.id <= " + std::to_string(fork.position.last_id) + ')';
}

// SQL for the places (txid, id) of a child's events that are not delivered, as the newest checkpoints have it.
std::string undelivered(int child, const std::vector<Checkpoint> &checkpoints) {
  const std::string events = table_of("event_", child) + " e";
  std::string sql = "SELECT e.txid, e.id FROM gqlsvl.retry r JOIN " + events +
                    " ON e.txid = r.txid AND e.id = r.event_id WHERE r.child = " + std::to_string(child);
  std::string transactions, ids;
  for (const Checkpoint &one : checkpoints) {
    for (const Place &place : one.pending) {
      (transactions += transactions.empty() ? "" : ",") += std::to_string(place.txid);
      (ids += ids.empty() ? "" : ",") += std::to_string(place.id);
    }
    if (one.trigger != 0) sql += " UNION SELECT e.txid, e.id FROM " + events + " WHERE " + not_read(one);
  }
  return sql + " UNION SELECT e.txid, e.id FROM unnest('{" + transactions + "}'::xid8[], '{" + ids + "}'::int8[]) AS p (txid, id) JOIN " +
         events + " ON e.txid = p.txid AND e.id = p.id";
}

// No worker is about to write about an event of this child that waits: its rows in gqlsvl.retry are locked, in the order of all
// (retry, then tables), without waiting.
bool lock_waiting(int child) {
  const std::string rows = " FROM gqlsvl.retry WHERE child = " + std::to_string(child);
  return run_once("SELECT (SELECT count(*)" + rows + ") = (SELECT count(*) FROM (SELECT" + rows + " FOR UPDATE SKIP LOCKED) AS l)")[0][0] ==
         "t";
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
    // The first row tells when the child came into use: older ones may have moved there since.
    const std::string first = "coalesce(" + age + " WHERE ctid = '(0,1)'), " + age + " ORDER BY txid, id LIMIT 1))";
    sql += (child ? " UNION ALL SELECT " : "SELECT ") + std::to_string(child) + ", pg_total_relation_size('" + events +
           "') + pg_total_relation_size('" + table_of("invocation_", child) + "'), " + first + ", " + age +
           " ORDER BY txid DESC, id DESC LIMIT 1)";
  }
  std::vector<Child> out;
  for (const auto &row : run_once(sql))
    out.push_back({std::stoi(*row[0]), std::stoll(*row[1]), row[2] ? std::stod(*row[2]) : -1, row[3] ? std::stod(*row[3]) : -1});
  return out;
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

// What is not delivered moves; a lock that was not needed in the end goes with the transaction.
bool Rotation::empty(Store &store, const Child &child, const Child &into) {
  const auto now = std::chrono::steady_clock::now();
  if (auto pause = not_before_.find(child.number); pause != not_before_.end() && now < pause->second) return false;
  const std::string from = table_of("event_", child.number), number = std::to_string(child.number);
  if (!all_read(child.number, store.newest_checkpoints(all_shards))) return false;
  const auto kept = run_once("SELECT count(*), coalesce(sum(pg_column_size(e.payload) + 100), 0) FROM (" +
                             undelivered(child.number, store.newest_checkpoints(all_shards)) + " LIMIT " +
                             std::to_string(most_moved_rows + 1) + ") AS u JOIN " + from + " e ON e.txid = u.txid AND e.id = u.id")[0];
  const std::int64_t rows = std::stoll(*kept[0]), bytes = std::stoll(*kept[1]);
  if (rows > 0 && into.first_age_seconds < 0) return false; // its first row tells its age, so writers begin it
  if (rows > most_moved_rows || bytes > most_moved_bytes || bytes > child.bytes / 2) {
    not_before_[child.number] = now + pause_after_refusal;
    return false;
  }
  if (!lock_waiting(child.number) || !lock(child.number)) return false;
  const std::vector<Checkpoint> checkpoints =
      store.newest_checkpoints(all_shards); // what is written of this child from now on waits for us
  if (!all_read(child.number, checkpoints)) return false;
  run_once("INSERT INTO " + table_of("event_", into.number) + " SELECT e.* FROM (" + undelivered(child.number, checkpoints) +
           ") AS u JOIN " + from + " e ON e.txid = u.txid AND e.id = u.id");
  run_once("UPDATE gqlsvl.retry SET child = " + std::to_string(into.number) + " WHERE child = " + number);
  run_once("TRUNCATE " + from + ", " + table_of("invocation_", child.number));
  not_before_.erase(child.number);
  return true;
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
    if (empty(store, child, all[static_cast<std::size_t>(in_use)])) return true;
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
  empty_one(store, all, in_use, retention);
  spi.finish();
  transaction.commit();
  return next;
}

} // namespace gqlsvl::events
