#include "outbound/target.h"
#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace gqlsvl::outbound {

static constexpr std::size_t longest_reason = 500;

static const std::string *header(const Answer &answer, std::string_view name) {
  for (const auto &[key, value] : answer.headers)
    if (key == name) return &value;
  return nullptr;
}

struct DateText {
  std::tm parts{};
  char month[4] = "";
  int end = 0; // how much of the text it takes
};

// The three forms of RFC 9110, section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT; Sun Nov  6 08:49:37 1994.
static bool read_date(const char *text, DateText &d) {
  std::tm &p = d.parts;
  if (std::sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &p.tm_mday, d.month, &p.tm_year, &p.tm_hour, &p.tm_min,
                  &p.tm_sec, &d.end) == 6 &&
      d.end > 0)
    return true;
  d = {};
  if (std::sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &p.tm_mday, d.month, &p.tm_year, &p.tm_hour, &p.tm_min,
                  &p.tm_sec, &d.end) == 6 &&
      d.end > 0)
    return true;
  d = {};
  return std::sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", d.month, &p.tm_mday, &p.tm_hour, &p.tm_min, &p.tm_sec,
                     &p.tm_year, &d.end) == 6;
}

// A year of two digits is the latest that ends so and is not more than 50 years ahead.
static int whole_year(int year, std::int64_t now) {
  if (year >= 100) return year;
  const auto seconds = static_cast<std::time_t>(now);
  std::tm today{};
  gmtime_r(&seconds, &today);
  const int latest = today.tm_year + 1900 + 50;
  return latest - ((latest - year) % 100 + 100) % 100;
}

static std::optional<std::int64_t> http_date(const std::string &text, std::int64_t now) {
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  DateText date;
  if (!read_date(text.c_str(), date) || static_cast<std::size_t>(date.end) != text.size()) return std::nullopt;
  auto at = months.find(date.month);
  if (std::string_view(date.month).size() != 3 || at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  date.parts.tm_mon = static_cast<int>(at / 3);
  date.parts.tm_year = whole_year(date.parts.tm_year, now) - 1900;
  return timegm(&date.parts);
}

// Of a non-2xx answer: whole seconds above 0, or a date in the future; anything else counts as absent.
static std::optional<std::chrono::seconds> retry_after(const Answer &answer, std::int64_t now) {
  const std::string *value = header(answer, "retry-after");
  if (value == nullptr || value->empty()) return std::nullopt;
  std::int64_t seconds = 0;
  auto [end, failed] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  bool number = failed == std::errc() && end == value->data() + value->size();
  if (!number) {
    auto date = http_date(*value, now);
    if (!date) return std::nullopt;
    seconds = *date - now;
  }
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min<std::int64_t>(seconds, std::chrono::seconds(std::chrono::hours(24 * 365)).count()));
}

// Ends between two characters, so that it stays valid UTF-8.
static std::string shortened(std::string text) {
  if (text.size() <= longest_reason) return text;
  std::size_t end = longest_reason;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

// A header may hold any byte; an error text holds printable ones.
static std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c > '~'; }, '?');
  return shortened(std::move(text));
}

// Member of a JSON object, whichever of the spellings is there; empty when the body is cut or not such an object.
static std::string member(const Answer &answer, std::initializer_list<std::string_view> spellings) {
  json::ParseError unused;
  auto value = json::parse(answer.body, unused);
  if (!value) return {};
  for (std::string_view key : spellings)
    if (auto text = value->string(key)) return shortened(std::string(*text));
  return {};
}

static std::string joined(std::string text, const std::string &more) { return more.empty() ? text : text + ": " + more; }

// An error that lies in credentials, rights or the clock: a later attempt of the same event may well succeed.
static bool curable(const std::string &error_name) {
  static constexpr std::string_view names[] = {"ExpiredTokenException",     "UnrecognizedClientException",
                                               "InvalidSignatureException", "MissingAuthenticationTokenException",
                                               "AccessDeniedException",     "ThrottlingException"};
  return std::find(std::begin(names), std::end(names), error_name) != std::end(names);
}

static Verdict judge_lambda(const Answer &answer, std::int64_t now) {
  Verdict verdict;
  if (const std::string *function_error = header(answer, "x-amz-function-error")) {
    std::string type = member(answer, {"errorType"});
    verdict.error = joined(joined("Lambda function error " + printable(*function_error), type), member(answer, {"errorMessage"}));
    return verdict;
  }
  if (answer.status >= 200 && answer.status <= 299) {
    verdict.delivered = true;
    return verdict;
  }
  const std::string *type = header(answer, "x-amzn-errortype");
  std::string name = type == nullptr ? "" : printable(type->substr(0, type->find(':')));
  verdict.error = joined("Lambda answered HTTP " + std::to_string(answer.status) + (name.empty() ? "" : " " + name),
                         member(answer, {"message", "Message"}));
  bool about_the_event = answer.status == 400 || answer.status == 413 || answer.status == 415;
  verdict.retryable = !about_the_event || curable(name);
  verdict.retry_after = retry_after(answer, now);
  return verdict;
}

Verdict judge(const Target &target, const Answer &answer, std::int64_t now) {
  Verdict verdict;
  if (answer.status == 0) {
    verdict.error = answer.error.empty() ? "no answer" : answer.error;
    return verdict;
  }
  if (target.kind == Target::Kind::Lambda) return judge_lambda(answer, now);
  verdict.delivered = answer.status >= 200 && answer.status <= 299;
  if (verdict.delivered) return verdict;
  verdict.error = "HTTP " + std::to_string(answer.status);
  verdict.retry_after = retry_after(answer, now);
  return verdict;
}

} // namespace gqlsvl::outbound
