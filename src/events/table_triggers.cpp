#include "events/table_triggers.h"

#include "base/text.h"
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
std::string trigger_name(int id, const std::string &part) { return quoted("!gqlsvl_" + std::to_string(id) + '_' + part); }

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

// The caller with his search_path, within an OwnerSession: what he writes in a condition runs and finds things as his own CREATE TRIGGER.
class AsCaller {
public:
  explicit AsCaller(const Definition &definition) {
    settings_.set("search_path", definition.search_path.c_str());
    GetUserIdAndSecContext(&user_, &context_);
    SetUserIdAndSecContext(definition.owner, context_);
  }
  ~AsCaller() { SetUserIdAndSecContext(user_, context_); }
  AsCaller(const AsCaller &) = delete;

private:
  ScopedSettings settings_;
  Oid user_;
  int context_;
};

void create_trigger(const Definition &d, const std::string &name, const std::string &operations, const std::string &action) {
  AsCaller caller(d);
  run("CREATE TRIGGER " + name + " AFTER " + operations + " ON " + quoted(d.table_schema) + '.' + quoted(d.table_name) + action);
}

std::string call_of_capture(int id) { return " EXECUTE FUNCTION gqlsvl.capture(" + literal(std::to_string(id)) + ')'; }

void create_row_trigger(const Definition &d, const std::string &name, const std::string &operation, int id) {
  // The line break ends a comment at the end of the condition.
  std::string when = d.condition.empty() ? "" : " WHEN (" + d.condition + "\n)";
  try {
    create_trigger(d, name, operation, " FOR EACH ROW" + when + call_of_capture(id));
  } catch (const Error &error) {
    bool about_condition = !d.condition.empty() && (error.sqlstate.starts_with("42") || error.sqlstate.starts_with("22") ||
                                                    error.sqlstate == sqlstate::not_supported);
    if (!about_condition) throw;
    throw Error(error.sqlstate, "option \"condition\" does not fit operation " + operation, error.message(),
                "Write what CREATE TRIGGER accepts after WHEN: OLD is there for UPDATE and DELETE, NEW for INSERT and UPDATE. Or list "
                "fewer operations.");
  }
}

} // namespace

void make_table_triggers(int id, const Definition &d) {
  if (!OidIsValid(d.table)) return; // a cron trigger
  const std::string table = quoted(d.table_schema) + '.' + quoted(d.table_name);
  lock(table, "SHARE ROW EXCLUSIVE");
  for (const std::string &operation : d.operations) {
    const std::string name = trigger_name(id, lower(operation));
    if (operation == "TRUNCATE")
      create_trigger(d, name, operation, " FOR EACH STATEMENT" + call_of_capture(id)); // no row: no condition
    else
      create_row_trigger(d, name, operation, id);
    run("ALTER TRIGGER " + name + " ON " + table + " DEPENDS ON EXTENSION gqlsvl"); // else DROP EXTENSION would fail
    if (d.fire_on_replica) run("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + name);
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
