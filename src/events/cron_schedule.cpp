#include "events/cron_schedule.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace gqlsvl::events {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year_month_day;

namespace {

struct Field {
  const char *name;
  int first, last;        // as written; in the day of the week 7 is 0
  std::string_view names; // three letters each
};
constexpr std::array<Field, 5> fields{{{"minute", 0, 59, {}},
                                       {"hour", 0, 23, {}},
                                       {"day of month", 1, 31, {}},
                                       {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                       {"day of week", 0, 7, "sunmontuewedthufrisat"}}};
constexpr int day_field = 2, weekday_field = 4, sunday = 7;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames{{{"@yearly", "0 0 1 1 *"},
                                                                                  {"@annually", "0 0 1 1 *"},
                                                                                  {"@monthly", "0 0 1 * *"},
                                                                                  {"@weekly", "0 0 * * 0"},
                                                                                  {"@daily", "0 0 * * *"},
                                                                                  {"@midnight", "0 0 * * *"},
                                                                                  {"@hourly", "0 * * * *"}}};
constexpr char five_fields[] = "Five fields: minute, hour, day of month, month, day of week, such as '30 3 * * MON-FRI'.";

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

[[noreturn]] void refuse(const Field &field, std::string_view token, const std::string &why, const std::string &hint = five_fields) {
  throw Error(sqlstate::invalid_parameter, "field \"" + std::string(field.name) + "\" of the schedule cannot be " + in_quotes(token), why,
              hint);
}

std::string range_of(const Field &field) { return std::to_string(field.first) + " to " + std::to_string(field.last); }

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '-' || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int value_in(const Field &field, std::string_view text, std::string_view token) {
  if (const std::size_t at = text.size() == 3 ? field.names.find(lower(text)) : std::string_view::npos;
      at != std::string_view::npos && at % 3 == 0)
    return static_cast<int>(at / 3) + field.first;
  const std::optional<int> value = number_in(text);
  if (!value || *value < field.first || *value > field.last)
    refuse(field, token,
           in_quotes(text) + " is not a number from " + range_of(field) + (field.names.empty() ? "." : " or a name of three letters."));
  return *value;
}

int step_in(const Field &field, std::string_view text, std::string_view token) {
  const std::optional<int> step = number_in(text);
  if (!step || *step < 1) refuse(field, token, "The step " + in_quotes(text) + " is not a number from 1.");
  if (*step > field.last - field.first)
    refuse(field, token, "The step " + in_quotes(text) + " is longer than the field's range, " + range_of(field) + '.',
           "A step counts within its field: it cannot reach into the next hour, day, month or year.");
  return *step;
}

// One item of a list: *, a, a-b, each with /step but `a`.
std::uint64_t item_bits(const Field &field, std::string_view token) {
  const std::size_t slash = token.find('/');
  const std::string_view range = token.substr(0, slash);
  const std::size_t dash = range.find('-');
  int from = field.first, to = field.last;
  if (range != "*") {
    from = to = value_in(field, range.substr(0, dash), token);
    if (dash != std::string_view::npos) to = value_in(field, range.substr(dash + 1), token);
    if (&field == &fields[weekday_field] && dash != std::string_view::npos && to == 0) to = sunday; // FRI-SUN
    if (from > to) refuse(field, token, "The range ends before it begins.", "Write it as two, such as 22-23,0-4.");
    if (slash != std::string_view::npos && dash == std::string_view::npos)
      refuse(field, token, "A step needs a range.", "Write */N or " + std::string(range) + '-' + std::to_string(field.last) + "/N.");
  }
  const int step = slash == std::string_view::npos ? 1 : step_in(field, token.substr(slash + 1), token);
  std::uint64_t bits = 0;
  for (int value = from; value <= to; value += step) bits |= std::uint64_t{1} << value;
  return bits;
}

std::uint64_t field_bits(const Field &field, std::string_view text) {
  std::uint64_t bits = 0;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view token = rest.substr(0, comma);
    if (token.empty()) refuse(field, text, "An item of the list is empty.");
    const bool last_day = &field == &fields[day_field] && (token == "$" || lower(token) == "l");
    bits |= last_day ? 1 : item_bits(field, token);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (&field == &fields[weekday_field] && bits >> sunday & 1) bits |= 1;
  return bits;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  constexpr std::string_view blanks = " \t";
  for (std::size_t end, at = text.find_first_not_of(blanks); at != std::string_view::npos; at = text.find_first_not_of(blanks, end)) {
    end = std::min(text.find_first_of(blanks, at), text.size());
    out.push_back(text.substr(at, end - at));
  }
  return out;
}

} // namespace

CronSchedule::CronSchedule(std::string_view text) {
  if (const std::string name = lower(trimmed(text)); name.starts_with('@')) {
    const auto *found = std::find_if(nicknames.begin(), nicknames.end(), [&name](const auto &one) { return one.first == name; });
    if (found == nicknames.end())
      throw Error(sqlstate::invalid_parameter, "schedule " + in_quotes(text) + " is not known", {},
                  "Accepted: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or five fields.");
    text = found->second;
  }
  const std::vector<std::string_view> given = words(text);
  if (given.size() != fields.size())
    throw Error(sqlstate::invalid_parameter, "schedule " + in_quotes(text) + " has " + std::to_string(given.size()) + " fields, not five",
                {}, five_fields);
  std::uint64_t *const sets[] = {&minutes_, &hours_, &days_, &months_, &weekdays_};
  for (std::size_t i = 0; i < fields.size(); i++) *sets[i] = field_bits(fields[i], given[i]);
  any_hour_ = given[1].starts_with('*');
  any_day_ = given[day_field].starts_with('*');
  any_weekday_ = given[weekday_field].starts_with('*');
  if (!next_day(local_days{}))
    throw Error(sqlstate::invalid_parameter, "schedule " + in_quotes(text) + " never occurs",
                "None of its months has such a day: " + std::string(given[day_field]) + '.', "Write L for the last day of a month.");
}

bool CronSchedule::has_day(year_month_day day) const {
  const bool last = (days_ & 1) && day.day() == (day.year() / day.month() / std::chrono::last).day();
  const bool in_month = last || (days_ >> static_cast<unsigned>(day.day()) & 1);
  const bool in_week = weekdays_ >> std::chrono::weekday(local_days(day)).c_encoding() & 1;
  return any_day_ || any_weekday_ ? in_month && in_week : in_month || in_week;
}

// The calendar is the same again after 400 years: a day that is not among these never comes.
std::optional<local_days> CronSchedule::next_day(local_days from) const {
  constexpr days calendar{146097};
  for (local_days day = from; day < from + calendar;) {
    const year_month_day date(day);
    if (!(months_ >> static_cast<unsigned>(date.month()) & 1))
      day = local_days((date.year() / date.month() / 1) + std::chrono::months(1));
    else if (has_day(date))
      return day;
    else
      day += days(1);
  }
  return std::nullopt;
}

std::optional<CronSchedule::LocalMinute> CronSchedule::next_time_of_day(local_days day, minutes from) const {
  for (auto hour = static_cast<int>(from / 1h); hour < 24; hour++) {
    if (!(hours_ >> hour & 1)) continue;
    const minutes begin = std::max<minutes>(from - hour * 1h, 0min);
    for (auto minute = static_cast<int>(begin.count()); minute < 60; minute++)
      if (minutes_ >> minute & 1) return day + hour * 1h + minutes(minute);
  }
  return std::nullopt;
}

CronSchedule::LocalMinute CronSchedule::next_match(LocalSecond from) const {
  const LocalMinute start = std::chrono::ceil<minutes>(from);
  local_days day = std::chrono::floor<days>(start);
  minutes time = start - day;
  for (;;) {
    const local_days found = *next_day(day); // the constructor has seen that there is one
    if (auto match = next_time_of_day(found, found == day ? time : 0min)) return *match;
    day = found + days(1);
    time = 0min;
  }
}

// From one change of the offset to the next.
struct CronSchedule::Turn {
  ZonePeriod period;
  Instant begin;
  std::optional<seconds> before; // the offset until then
};

std::optional<Instant> CronSchedule::next_within(const Turn &turn, Instant from) const {
  const auto local = [](Instant at, seconds offset) { return LocalSecond(at.time_since_epoch() + offset); };
  const auto instant = [](LocalMinute at, seconds offset) { return Instant(at.time_since_epoch() - offset); };
  const bool by_day = turn.before && !any_hour_;
  const seconds offset = turn.period.offset, before = turn.before.value_or(offset);
  LocalSecond begin = local(from, offset);
  if (by_day) begin = std::max(begin, local(turn.begin, before)); // set back: what came before does not come again
  std::optional<Instant> found = instant(next_match(begin), offset);
  if (by_day && before < offset) // moved on: what was skipped comes by the old offset
    if (const Instant late = instant(next_match(local(from, before)), before); late < turn.begin + (offset - before))
      found = std::min(*found, late);
  if (turn.period.until && *found >= *turn.period.until) found.reset();
  return found;
}

Instant CronSchedule::next(Instant after, const Zone &zone) const {
  constexpr days longest_change(2); // no clock was ever moved by more
  Turn turn = {zone(after - longest_change), after - longest_change, std::nullopt};
  for (;;) {
    if (!turn.period.until || *turn.period.until > after)
      if (auto found = next_within(turn, std::max(after + 1s, turn.begin))) return *found;
    turn = {zone(*turn.period.until), *turn.period.until, turn.period.offset};
  }
}

} // namespace gqlsvl::events
