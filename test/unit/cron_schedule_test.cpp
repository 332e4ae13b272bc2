// Cron schedules: what the five fields mean, when the next time is, what is refused, and the days on which the clock is changed.
#include "events/cron_schedule.h"

#include "base/error.h"

#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>

using namespace gqlsvl::events;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

Instant at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute);
}

std::string shown(Instant instant) {
  using namespace std::chrono;
  const sys_days day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss time(instant - day);
  std::ostringstream out;
  out << std::setfill('0') << static_cast<int>(date.year()) << '-' << std::setw(2) << static_cast<unsigned>(date.month()) << '-'
      << std::setw(2) << static_cast<unsigned>(date.day()) << ' ' << std::setw(2) << time.hours().count() << ':' << std::setw(2)
      << time.minutes().count();
  return out.str();
}

ZonePeriod utc(Instant) { return {0s, std::nullopt}; }

// One hour east of UTC, two in summer: from the last Sunday of March to that of October, 01:00 UTC.
ZonePeriod berlin(Instant instant) {
  using namespace std::chrono;
  const int year = static_cast<int>(year_month_day(floor<days>(instant)).year());
  const auto change = [](int y, month m) { return Instant(sys_days(std::chrono::year(y) / m / Sunday[last]) + 1h); };
  if (instant < change(year, March)) return {1h, change(year, March)};
  if (instant < change(year, October)) return {2h, change(year, October)};
  return {1h, change(year + 1, March)};
}

std::string after(const char *text, Instant from, const Zone &zone = utc) { return shown(CronSchedule(text).next(from, zone)); }

// The next `count` times in UTC, joined.
std::string times(const char *text, Instant from, int count, const Zone &zone) {
  const CronSchedule schedule(text);
  std::string out;
  for (int i = 0; i < count; i++) out += (i ? ", " : "") + shown(from = schedule.next(from, zone));
  return out;
}

std::string refusal(const char *text) {
  try {
    CronSchedule schedule(text);
  } catch (const gqlsvl::Error &error) {
    EXPECT_EQ(error.sqlstate, "22023");
    EXPECT_FALSE(error.hint.empty());
    return error.message() + (error.detail.empty() ? "" : " | " + error.detail);
  }
  return "accepted";
}

TEST(CronSchedule, FieldsListsRangesSteps) {
  EXPECT_EQ(after("* * * * *", at(2026, 5, 1, 10, 7)), "2026-05-01 10:08");
  EXPECT_EQ(after("* * * * *", at(2026, 5, 1, 10, 7) - 1s), "2026-05-01 10:07");
  EXPECT_EQ(after("*/15 * * * *", at(2026, 5, 1, 10, 45)), "2026-05-01 11:00");
  EXPECT_EQ(after("5-20/10,50 3 * * *", at(2026, 5, 1, 3, 15)), "2026-05-01 03:50");
  EXPECT_EQ(after("0 0 1 JAN *", at(2026, 5, 1)), "2027-01-01 00:00");
  EXPECT_EQ(after("0 0 1 jan,jul *", at(2026, 5, 1)), "2026-07-01 00:00");
  EXPECT_EQ(after("59 23 31 12 *", at(2026, 12, 31, 23, 59)), "2027-12-31 23:59");
  EXPECT_EQ(after("\t0  12 * *  * ", at(2026, 5, 1, 12)), "2026-05-02 12:00") << "blanks do not count";
  EXPECT_EQ(after("30 2-6/2 * * *", at(2026, 5, 1, 2, 30)), "2026-05-01 04:30");
}

TEST(CronSchedule, DaysOfTheWeek) { // 2026-05-01 is a Friday
  EXPECT_EQ(after("0 0 * * 0", at(2026, 5, 1)), "2026-05-03 00:00");
  EXPECT_EQ(after("0 0 * * 7", at(2026, 5, 1)), "2026-05-03 00:00") << "7 is Sunday as well";
  EXPECT_EQ(after("0 0 * * SUN", at(2026, 5, 1)), "2026-05-03 00:00");
  EXPECT_EQ(after("0 0 * * MON-FRI", at(2026, 5, 1)), "2026-05-04 00:00");
  EXPECT_EQ(after("0 0 * * fri-sun", at(2026, 5, 2)), "2026-05-03 00:00") << "Sunday ends a range";
  EXPECT_EQ(after("0 0 * * 5-7", at(2026, 5, 3)), "2026-05-08 00:00");
}

TEST(CronSchedule, EitherDayIsEnoughWhenBothAreGiven) {
  EXPECT_EQ(times("0 0 13 * FRI", at(2026, 5, 1), 3, utc), "2026-05-08 00:00, 2026-05-13 00:00, 2026-05-15 00:00");
  EXPECT_EQ(times("0 0 */2 * FRI", at(2026, 5, 1), 2, utc), "2026-05-15 00:00, 2026-05-29 00:00") << "*/2 begins with *: both must hold";
  EXPECT_EQ(after("0 0 31 2 MON", at(2026, 5, 1)), "2027-02-01 00:00") << "a day that never comes leaves the other one";
}

TEST(CronSchedule, LastDayAndLeapDay) {
  EXPECT_EQ(times("0 0 L * *", at(2027, 12, 31), 3, utc), "2028-01-31 00:00, 2028-02-29 00:00, 2028-03-31 00:00");
  EXPECT_EQ(after("0 0 $ 2 *", at(2026, 1, 1)), "2026-02-28 00:00");
  EXPECT_EQ(after("0 0 15,L * *", at(2026, 2, 15)), "2026-02-28 00:00");
  EXPECT_EQ(times("0 0 29 2 *", at(2026, 1, 1), 2, utc), "2028-02-29 00:00, 2032-02-29 00:00");
  EXPECT_EQ(after("0 0 29 2 *", at(2096, 2, 29)), "2104-02-29 00:00") << "2100 is no leap year";
  EXPECT_EQ(after("0 0 29 2 */7", at(2026, 1, 1)), "2032-02-29 00:00") << "a leap day on a Sunday";
}

TEST(CronSchedule, Nicknames) {
  EXPECT_EQ(after("@hourly", at(2026, 5, 1, 10, 7)), "2026-05-01 11:00");
  EXPECT_EQ(after("@daily", at(2026, 5, 1, 10, 7)), "2026-05-02 00:00");
  EXPECT_EQ(after("@Midnight", at(2026, 5, 1, 10, 7)), "2026-05-02 00:00");
  EXPECT_EQ(after("@weekly", at(2026, 5, 1, 10, 7)), "2026-05-03 00:00");
  EXPECT_EQ(after("@monthly", at(2026, 5, 1, 10, 7)), "2026-06-01 00:00");
  EXPECT_EQ(after("@yearly", at(2026, 5, 1, 10, 7)), after("@annually", at(2026, 5, 1, 10, 7)));
}

TEST(CronSchedule, WhatIsRefusedNamesFieldAndToken) {
  EXPECT_EQ(refusal("60 * * * *"), "field \"minute\" of the schedule cannot be \"60\" | \"60\" is not a number from 0 to 59.");
  EXPECT_EQ(refusal("0 0,24 * * *"), "field \"hour\" of the schedule cannot be \"24\" | \"24\" is not a number from 0 to 23.");
  EXPECT_EQ(refusal("0 0 0 * *"), "field \"day of month\" of the schedule cannot be \"0\" | \"0\" is not a number from 1 to 31.");
  EXPECT_EQ(refusal("0 0 * JANUARY *"),
            "field \"month\" of the schedule cannot be \"JANUARY\" | \"JANUARY\" is not a number from 1 to 12 or a name of three letters.");
  EXPECT_EQ(refusal("0 0 * * 8"),
            "field \"day of week\" of the schedule cannot be \"8\" | \"8\" is not a number from 0 to 7 or a name of three letters.");
  EXPECT_EQ(refusal("0 0 * * ONT"),
            "field \"day of week\" of the schedule cannot be \"ONT\" | \"ONT\" is not a number from 0 to 7 or a name of three letters.");
  EXPECT_EQ(refusal("*/0 * * * *"), "field \"minute\" of the schedule cannot be \"*/0\" | The step \"0\" is not a number from 1.");
  EXPECT_EQ(refusal("*/90 * * * *"),
            "field \"minute\" of the schedule cannot be \"*/90\" | The step \"90\" is longer than the field's range, 0 to 59.");
  EXPECT_EQ(refusal("5/15 * * * *"), "field \"minute\" of the schedule cannot be \"5/15\" | A step needs a range.");
  EXPECT_EQ(refusal("0 22-4 * * *"), "field \"hour\" of the schedule cannot be \"22-4\" | The range ends before it begins.");
  EXPECT_EQ(refusal("0, * * * *"), "field \"minute\" of the schedule cannot be \"0,\" | An item of the list is empty.");
  EXPECT_EQ(refusal("1-2-3 * * * *"), "field \"minute\" of the schedule cannot be \"1-2-3\" | \"2-3\" is not a number from 0 to 59.");
  EXPECT_EQ(refusal("-5 * * * *"), "field \"minute\" of the schedule cannot be \"-5\" | \"\" is not a number from 0 to 59.");
  EXPECT_EQ(refusal("99999999999 * * * *"),
            "field \"minute\" of the schedule cannot be \"99999999999\" | \"99999999999\" is not a number from 0 to 59.");
  EXPECT_EQ(refusal("*5 * * * *"), "field \"minute\" of the schedule cannot be \"*5\" | \"*5\" is not a number from 0 to 59.");
  EXPECT_EQ(refusal("0 L * * *"), "field \"hour\" of the schedule cannot be \"L\" | \"L\" is not a number from 0 to 23.");
  EXPECT_EQ(refusal(""), "schedule \"\" has 0 fields, not five");
  EXPECT_EQ(refusal("0 0 * *"), "schedule \"0 0 * *\" has 4 fields, not five");
  EXPECT_EQ(refusal("0 0 0 * * *"), "schedule \"0 0 0 * * *\" has 6 fields, not five");
  EXPECT_EQ(refusal("@reboot"), "schedule \"@reboot\" is not known");
  EXPECT_EQ(refusal("0 0 31 2 *"), "schedule \"0 0 31 2 *\" never occurs | None of its months has such a day: 31.");
  EXPECT_EQ(refusal("0 0 31 4,6,9,11 *"), "schedule \"0 0 31 4,6,9,11 *\" never occurs | None of its months has such a day: 31.");
  EXPECT_EQ(refusal("0 0 30-31 FEB */2"), "schedule \"0 0 30-31 FEB */2\" never occurs | None of its months has such a day: 30-31.");
  EXPECT_EQ(refusal("0 0 31 2,3 *"), "accepted");
}

TEST(CronSchedule, EveryNamedTokenIsRefusedOrAccepted) { // no text crashes it or is taken for another
  for (const char *text : {"* * * * */7", "0-59/59 0-23/23 1-31/30 1-12/11 0-7/7", "0 0 l * *"})
    EXPECT_EQ(refusal(text), "accepted") << text;
  for (const char *text : {"/ * * * *", "*/ * * * *", "- * * * *", "1- * * * *", ", * * * *", "*/* * * * *", "*-5 * * * *", "1/-1 * * * *"})
    EXPECT_NE(refusal(text), "accepted") << text;
}

// Berlin, 2026-03-29: 02:00 becomes 03:00. Times in UTC.
TEST(CronSchedule, ATimeThatIsSkippedComesAsMuchLater) {
  EXPECT_EQ(times("30 2 * * *", at(2026, 3, 28), 3, berlin), "2026-03-28 01:30, 2026-03-29 01:30, 2026-03-30 00:30") << "03:30 in Berlin";
  EXPECT_EQ(times("30 2,3 * * *", at(2026, 3, 28, 3), 2, berlin), "2026-03-29 01:30, 2026-03-30 00:30") << "two that meet are one";
  EXPECT_EQ(times("0,30 2 29 3 *", at(2026, 3, 1), 2, berlin), "2026-03-29 01:00, 2026-03-29 01:30");
  EXPECT_EQ(after("0 3 * * *", at(2026, 3, 28, 12), berlin), "2026-03-29 01:00") << "the first minute after the change";
  EXPECT_EQ(times("30 * * * *", at(2026, 3, 29, 0), 3, berlin), "2026-03-29 00:30, 2026-03-29 01:30, 2026-03-29 02:30")
      << "each hour stays each hour";
  EXPECT_EQ(times("30 */2 29 3 *", at(2026, 3, 28, 23), 2, berlin), "2026-03-28 23:30, 2026-03-29 02:30")
      << "by the clock: 00:30, then 04:30";
}

// 2026-10-25: 03:00 becomes 02:00.
TEST(CronSchedule, ATimeThatComesTwiceIsRunTheFirstTime) {
  EXPECT_EQ(times("30 2 * * *", at(2026, 10, 24), 3, berlin), "2026-10-24 00:30, 2026-10-25 00:30, 2026-10-26 01:30");
  EXPECT_EQ(after("30 2 * * *", at(2026, 10, 25, 1), berlin), "2026-10-26 01:30") << "also when asked between the two";
  EXPECT_EQ(times("*/30 * * * *", at(2026, 10, 25, 0), 4, berlin), "2026-10-25 00:30, 2026-10-25 01:00, 2026-10-25 01:30, 2026-10-25 02:00")
      << "every half hour stays every half hour";
  EXPECT_EQ(after("0 3 * * *", at(2026, 10, 24, 12), berlin), "2026-10-25 02:00") << "03:00 is after the change";
}

// Each day once, however the clocks go: the days of a year and their changes.
TEST(CronSchedule, EachDayOnceAYear) {
  for (const char *text : {"0 2 * * *", "30 2 * * *", "59 2 * * *", "0 3 * * *", "0 1 * * *"}) {
    const CronSchedule schedule(text);
    int runs = 0;
    for (Instant t = at(2025, 12, 31, 23) - 1s; (t = schedule.next(t, berlin)) < at(2026, 12, 31, 23);) runs++;
    EXPECT_EQ(runs, 365) << text;
  }
}

} // namespace
