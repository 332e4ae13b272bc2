#include "events/cron_trigger.h"

#include "events/manual_event.h"

extern "C" {
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/timestamp.h"
}

namespace gqlsvl::events {

using pg::call;
using std::chrono::seconds;

namespace {

constexpr std::int64_t postgres_epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * std::int64_t{SECS_PER_DAY};
constexpr int most_steps = 2000; // runs made or skipped in one transaction

pg_tz *find_zone(const std::string &name) {
  const char *text = name.c_str();
  pg_tz *zone = call([text] { return pg_tzset(text); });
  return zone && pg_tz_acceptable(zone) ? zone : nullptr;
}

Zone zone_of(pg_tz *zone) {
  return [zone](Instant at) -> ZonePeriod {
    const pg_time_t time = at.time_since_epoch().count();
    long before = 0, after = 0;
    int is_summer;
    pg_time_t change = 0;
    if (pg_next_dst_boundary(&time, &before, &is_summer, &change, &after, &is_summer, zone) > 0 && change > time)
      return {seconds(before), Instant(seconds(change))};
    return {seconds(before), std::nullopt};
  };
}

struct DueTrigger {
  std::int32_t id;
  std::string name, schedule, time_zone, payload;
  std::optional<std::string> comment;
  TimestampTz until, oldest; // oldest: what the tolerance still reaches
  std::int64_t skipped = 0;
};

std::vector<DueTrigger> due_triggers(std::int32_t id) {
  Rows rows("SELECT t.id, t.name, s.schedule, s.time_zone, coalesce(s.payload::text, 'null'), s.comment, s.scheduled_until, "
            "clock_timestamp() - s.tolerance FROM gqlsvl.cron_schedule s JOIN gqlsvl.trigger t ON t.id = s.trigger_id "
            "WHERE t.dropped_at IS NULL AND NOT t.paused AND s.scheduled_until <= clock_timestamp() AND $1 IN (0, t.id) "
            "FOR UPDATE OF s SKIP LOCKED",
            Values().add(id));
  std::vector<DueTrigger> out;
  for (std::uint64_t row = 0; row < rows.count(); row++) {
    DueTrigger due{DatumGetInt32(rows.datum(1, row)),
                   rows.text(2, row),
                   rows.text(3, row),
                   rows.text(4, row),
                   rows.text(5, row),
                   std::nullopt,
                   DatumGetTimestampTz(rows.datum(7, row)),
                   DatumGetTimestampTz(rows.datum(8, row))};
    if (!rows.is_null(6, row)) due.comment = rows.text(6, row);
    out.push_back(std::move(due));
  }
  return out;
}

// True when there is more to do.
bool schedule_runs(DueTrigger &due) {
  pg_tz *const found = find_zone(due.time_zone);
  if (!found) return false; // gqlsvl.check() says so
  const Zone zone = zone_of(found);
  const CronSchedule schedule(due.schedule);
  const TimestampTz now = GetCurrentTimestamp();
  for (int step = 0; due.until <= now; step++) {
    if (step == most_steps) return true;
    const TimestampTz next = timestamp_of(schedule.next(instant_of(due.until), zone));
    due.until = next;
    if (next < due.oldest)
      due.skipped++;
    else
      add_scheduled_event({due.id, 'C', TimestampTzGetDatum(next), due.name, due.payload, due.comment});
  }
  return false;
}

bool schedule_runs_of_all(std::int32_t id) {
  std::vector<DueTrigger> due;
  {
    OwnerSession session;
    due = due_triggers(id);
  }
  bool more = false;
  for (DueTrigger &one : due) {
    call([] { CHECK_FOR_INTERRUPTS(); });
    more |= schedule_runs(one);
    OwnerSession session;
    Rows moved("UPDATE gqlsvl.cron_schedule SET scheduled_until = $2, skipped = skipped + $3 WHERE trigger_id = $1",
               Values().add(one.id).add(TIMESTAMPTZOID, TimestampTzGetDatum(one.until)).add(INT8OID, Int64GetDatum(one.skipped)));
  }
  return more;
}

void supersede_next_run(std::int32_t id) {
  Rows gone(R"(
    WITH gone AS (
      DELETE FROM gqlsvl.retry r WHERE r.trigger_id = $1 AND r.attempts = 0 AND NOT r.claimed AND r.redelivered_at IS NULL
        AND r.next_attempt_at > clock_timestamp() RETURNING r.*)
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, op, created_at, payload, trigger_name, table_schema, table_relname, owner, attempts,
      last_error)
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.op, e.created_at, e.payload, t.name, t.table_schema, t.table_relname, t.owner, 0, 'rescheduled'
    FROM gone g JOIN gqlsvl.event e ON e.txid = g.txid AND e.id = g.event_id JOIN gqlsvl.trigger t ON t.id = g.trigger_id)",
            Values().add(id));
}

Values values_of(std::int32_t id, const CronOptions &o) {
  Values values;
  values.add(id);
  for (const auto *text : {&o.schedule, &o.time_zone, &o.comment})
    if (*text)
      values.add(**text);
    else
      values.add(TEXTOID, 0, true);
  return values.add(JSONOID, o.payload.value, o.payload.isnull).add(INTERVALOID, o.tolerance.value, o.tolerance.isnull);
}

} // namespace

Instant instant_of(TimestampTz at) { return Instant(seconds(at / USECS_PER_SEC - (at % USECS_PER_SEC < 0) + postgres_epoch)); }
TimestampTz timestamp_of(Instant at) { return (at.time_since_epoch().count() - postgres_epoch) * USECS_PER_SEC; }

Zone zone_named(const std::string &name) {
  // "UTC+3" is three hours west of UTC, by a rule that nobody remembers.
  const bool is_rule = name.find('/') == std::string::npos && name.find_first_of("+-") != std::string::npos;
  pg_tz *zone = is_rule ? nullptr : find_zone(name);
  if (!zone)
    throw Error(sqlstate::invalid_parameter, "option \"time_zone\" is \"" + name + "\", which is no time zone", {},
                "Give a name of pg_timezone_names, such as Europe/Berlin, or UTC.");
  return zone_of(zone);
}

bool is_cron_trigger(std::int32_t id) {
  return Rows("SELECT 1 FROM gqlsvl.cron_schedule s WHERE s.trigger_id = $1", Values().add(id)).count() > 0;
}

void insert_schedule(std::int32_t id, const CronOptions &options) {
  Rows made("INSERT INTO gqlsvl.cron_schedule (trigger_id, schedule, time_zone, comment, payload, tolerance, scheduled_until) "
            "VALUES ($1, $2, $3, nullif($4, ''), $5, $6, clock_timestamp())",
            values_of(id, options));
}

void replace_schedule(std::int32_t id, const CronOptions &options) {
  Rows changed(
      "WITH old AS (SELECT * FROM gqlsvl.cron_schedule WHERE trigger_id = $1 FOR UPDATE) "
      "UPDATE gqlsvl.cron_schedule s SET schedule = $2, time_zone = $3, comment = nullif($4, ''), payload = $5, tolerance = $6 FROM old o "
      "WHERE s.trigger_id = $1 RETURNING (o.schedule, o.time_zone) IS DISTINCT FROM (s.schedule, s.time_zone), "
      "(o.comment, o.payload::text) IS DISTINCT FROM (s.comment, s.payload::text)",
      values_of(id, options));
  const bool other_times = DatumGetBool(changed.datum(1)), other_body = DatumGetBool(changed.datum(2));
  if (!other_times && !other_body) return;
  supersede_next_run(id);
  // With the old schedule, what was missed until now is still to be made.
  Rows moved("UPDATE gqlsvl.cron_schedule SET scheduled_until = CASE WHEN $2 THEN clock_timestamp() "
             "ELSE least(scheduled_until, clock_timestamp()) END WHERE trigger_id = $1",
             Values().add(id).add(BOOLOID, BoolGetDatum(other_times)));
}

void schedule_runs_of(std::int32_t id) { schedule_runs_of_all(id); }

std::optional<std::int64_t> schedule_due_runs() {
  constexpr std::int64_t locked_ms = 1000, longest_ms = 60'000; // the clock may be set
  if (schedule_runs_of_all(0)) return 0;
  OwnerSession session;
  Rows next("SELECT (extract(epoch FROM min(s.scheduled_until) - clock_timestamp()) * 1000)::int8 FROM gqlsvl.cron_schedule s "
            "JOIN gqlsvl.trigger t ON t.id = s.trigger_id WHERE t.dropped_at IS NULL AND NOT t.paused");
  if (next.is_null(1)) return std::nullopt;
  const std::int64_t wait_ms = DatumGetInt64(next.datum(1));
  return wait_ms < 0 ? locked_ms : std::min(wait_ms + 1, longest_ms);
}

} // namespace gqlsvl::events
