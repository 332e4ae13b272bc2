// A cron schedule: five fields of text, and the times they stand for.
//
// In:  the text; an instant; a time zone as a function. Out: the next instant, to the minute; Error 22023 that names field and token.
// Pure: no Postgres, no clock and no time zones of its own. Tests: test/unit/cron_schedule_test.cpp.
// Always: a schedule that was parsed has a next time, after each instant. Days by classic cron's rule: when neither day field begins with
//   `*`, one of them is enough; else both must hold.
// When the clock is changed: a time of day that is skipped is run as much later as the clock was moved on (02:30 becomes 03:30, as
//   `timestamp AT TIME ZONE` has it), one that comes twice is run the first time. If the hour begins with `*`, the schedule follows the
//   clock as it goes instead: every 15 minutes stays every 15 minutes.
// Source: crontab(5) of Vixie cron for the fields; `L` or `$` for a month's last day as in Quartz and pg_cron.
#pragma once
#include "base/no_postgres.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace gqlsvl::events {

using Instant = std::chrono::sys_seconds;

// The offset from UTC that is in force at an instant, and until when.
struct ZonePeriod {
  std::chrono::seconds offset;
  std::optional<Instant> until; // none: for ever
};
using Zone = std::function<ZonePeriod(Instant)>;

class CronSchedule {
public:
  explicit CronSchedule(std::string_view text); // also @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly
  Instant next(Instant after, const Zone &zone) const;

private:
  using LocalMinute = std::chrono::local_time<std::chrono::minutes>;
  using LocalSecond = std::chrono::local_seconds;
  bool has_day(std::chrono::year_month_day day) const;
  std::optional<std::chrono::local_days> next_day(std::chrono::local_days from) const;
  std::optional<LocalMinute> next_time_of_day(std::chrono::local_days day, std::chrono::minutes from) const;
  LocalMinute next_match(LocalSecond from) const;
  struct Turn;
  std::optional<Instant> next_within(const Turn &turn, Instant from) const;

  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0; // bit n: the value n; bit 0 of days_: the last one
  bool any_day_ = false, any_weekday_ = false, any_hour_ = false;                // the field begins with `*`
};

} // namespace gqlsvl::events
