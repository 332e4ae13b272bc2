#include "outbound/aws_answers.h"
#include "base/json.h"
#include "base/text.h"

#include <cstdio>
#include <ctime>
#include <map>
#include <sstream>

namespace gqlsvl::outbound {

std::optional<std::int64_t> unix_time(const std::string &iso8601) {
  std::tm parts{};
  int end = 0;
  if (std::sscanf(iso8601.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
                  &parts.tm_min, &parts.tm_sec, &end) != 6 ||
      !iso8601.ends_with('Z'))
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return timegm(&parts);
}

static std::optional<TemporaryKeys> complete(TemporaryKeys keys) {
  if (keys.credentials.access_key_id.empty() || keys.credentials.secret_access_key.empty()) return std::nullopt;
  return keys;
}

std::optional<TemporaryKeys> keys_from_json(const std::string &answer) {
  json::ParseError unused;
  auto value = json::parse(answer, unused);
  if (!value) return std::nullopt;
  auto member = [&value](const char *key) { return std::string(value->string(key).value_or("")); };
  return complete({{member("AccessKeyId"), member("SecretAccessKey"), member("Token")}, unix_time(member("Expiration"))});
}

// These four hold base64 and time only: nothing that XML would have to escape.
std::optional<TemporaryKeys> keys_from_xml(const std::string &answer) {
  auto element = [&answer](const std::string &name) -> std::string {
    auto open = answer.find("<" + name + ">");
    if (open == std::string::npos) return {};
    auto from = open + name.size() + 2, close = answer.find("</" + name + ">", from);
    return close == std::string::npos ? "" : answer.substr(from, close - from);
  };
  return complete({{element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken")}, unix_time(element("Expiration"))});
}

constexpr std::string_view blanks = " \t\r"; // a file may have been written on Windows

std::optional<TemporaryKeys> keys_from_profile(const std::string &file, const std::string &section, std::string &unsupported) {
  std::map<std::string, std::string> values;
  std::istringstream lines(file);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    line = std::string(trimmed(line, blanks));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = trimmed(std::string_view(line).substr(1, line.find(']') - 1)) == section;
    } else if (auto equals = line.find('='); inside && equals != std::string::npos) {
      values[std::string(trimmed(std::string_view(line).substr(0, equals)))] = trimmed(std::string_view(line).substr(equals + 1));
    }
  }
  for (const char *way : {"role_arn", "credential_process", "sso_session", "sso_start_url"})
    if (values.contains(way)) unsupported = way;
  return complete({{values["aws_access_key_id"], values["aws_secret_access_key"], values["aws_session_token"]}, std::nullopt});
}

} // namespace gqlsvl::outbound
