// The runs of cron triggers: gqlsvl.cron_schedule and the events made from it.
//
// In:  a schedule, checked, for the trigger of a row in gqlsvl.trigger. Out: the event of the next run, in gqlsvl.retry until its time.
// Always: each run has one event at most: the row's scheduled_until only moves on, in the transaction that makes the event. There is one
//   event ahead of its time; the next is made when that one is due, by the worker that owns the first shard, which waits for no lock.
// After a downtime the runs missed for less than the tolerance get their events, the older ones are counted in `skipped`.
// schedule_due_runs() and schedule_runs_of(): outside an OwnerSession.
#pragma once
#include "events/cron_schedule.h"
#include "events/definition_row.h"

namespace gqlsvl::events {

struct CronOptions { // NULL: as in gqlsvl.cron_schedule; of a new trigger only payload and comment may be
  std::optional<std::string> schedule, time_zone, comment;
  NullableDatum payload{0, true}, tolerance{0, true};
};

Instant instant_of(TimestampTz at); // the second it is in
TimestampTz timestamp_of(Instant at);
Zone zone_named(const std::string &name); // 22023 when there is none

bool is_cron_trigger(std::int32_t id); // these three: in an OwnerSession
void insert_schedule(std::int32_t id, const CronOptions &options);
void replace_schedule(std::int32_t id, const CronOptions &options); // what it changes takes the place of the next run

void schedule_runs_of(std::int32_t id);
std::optional<std::int64_t> schedule_due_runs(); // of all that are not paused; in how many milliseconds it is needed again

} // namespace gqlsvl::events
