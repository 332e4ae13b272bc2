#include "events/table_triggers.h"

#include "base/json.h"
#include "events/owner_sql.h"

#include <algorithm>

extern "C" {
#include "catalog/pg_type.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

constexpr int one_wait_ms = 100, pause_ms = 50, longest_wait_ms = 10000;
constexpr char lock_not_available[] = "55P03";

// "!" sorts before every letter: the row trigger must run before a user's AFTER trigger that changes the row again.
std::string trigger_name(int id, const char *part) { return quoted("!gqlsvl_" + std::to_string(id) + '_' + part); }

struct Part {
  const char *name, *operation; // operation null: the statement trigger
};
constexpr Part parts[] = {{"insert", "INSERT"}, {"update", "UPDATE"}, {"delete", "DELETE"}, {"flush", nullptr}};

std::string qualified_name(Oid table) { // empty: the table is gone
  const char *name = call([table] { return get_rel_name(table); });
  if (!name) return {};
  return quoted(call([table] { return get_namespace_name(get_rel_namespace(table)); })) + '.' + quoted(name);
}

void try_lock(const std::string &table, const char *mode, int wait_ms) {
  pg::Subtransaction attempt;
  {
    ScopedSettings settings;
    settings.set("lock_timeout", std::to_string(wait_ms).c_str());
    run("LOCK TABLE " + table + " IN " + mode + " MODE");
  }
  attempt.commit();
}

void pause() {
  call([] {
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause_ms, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
  });
}

// Whoever comes after us for the same table waits as long as we do, so we ask in short waits with pauses between.
void lock(const std::string &table, const char *mode) {
  const int callers_limit = LockTimeout, limit_ms = callers_limit > 0 ? callers_limit : longest_wait_ms;
  TimestampTz start = GetCurrentTimestamp();
  for (;;) {
    try {
      try_lock(table, mode, std::min(one_wait_ms, limit_ms));
      break;
    } catch (const Error &error) {
      if (error.sqlstate != lock_not_available) throw;
    }
    if (TimestampDifferenceExceeds(start, GetCurrentTimestamp(), limit_ms))
      throw Error(lock_not_available, "table " + table + " is in use",
                  "Its lock in mode " + std::string(mode) + " could not be had within " + std::to_string(limit_ms) + " ms.",
                  "End the transactions that use the table and try again, or set lock_timeout to wait longer.");
    pause();
  }
}

std::string json_array(const std::vector<std::string> &names) {
  if (names.empty()) return {};
  std::string out;
  for (const std::string &name : names) json::append_string(out += out.empty() ? '[' : ',', name);
  return out + ']';
}

} // namespace

void make_table_triggers(int id, const Definition &d) {
  std::string table = quoted(d.table_schema) + '.' + quoted(d.table_name), events;
  lock(table, "SHARE ROW EXCLUSIVE");
  std::string row = " FOR EACH ROW EXECUTE FUNCTION gqlsvl.capture(" + literal(std::to_string(id)) + ", " + literal(d.ordering) + ", " +
                    literal(json_array(d.columns)) + ", " + literal(json_array(d.payload_columns)) + ')';
  auto make = [&](const Part &part, const std::string &operations, const std::string &action) {
    std::string name = trigger_name(id, part.name);
    run("CREATE TRIGGER " + name + " AFTER " + operations + " ON " + table + action);
    run("ALTER TRIGGER " + name + " ON " + table + " DEPENDS ON EXTENSION gqlsvl"); // else DROP EXTENSION would fail
  };
  for (const Part &part : parts) {
    if (!part.operation) {
      make(part, events, " FOR EACH STATEMENT EXECUTE FUNCTION gqlsvl.capture_flush()");
    } else if (std::find(d.operations.begin(), d.operations.end(), part.operation) != d.operations.end()) {
      make(part, part.operation, row);
      (events += events.empty() ? "" : " OR ") += part.operation;
    }
  }
}

void remove_table_triggers(int id, Oid oid) {
  std::string table = qualified_name(oid);
  if (table.empty()) return;
  lock(table, "ACCESS EXCLUSIVE");
  Values values;
  values.add(OIDOID, ObjectIdGetDatum(oid)).add("!gqlsvl_" + std::to_string(id) + '_');
  Rows found("SELECT t.tgname::text FROM pg_trigger t WHERE t.tgrelid = $1 AND starts_with(t.tgname::text, $2)", values);
  std::vector<std::string> names;
  for (std::uint64_t row = 0; row < found.count(); row++) names.push_back(quoted(found.text(1, row)));
  for (const std::string &name : names) run("DROP TRIGGER " + name + " ON " + table);
}

} // namespace gqlsvl::events
