#include "events/session_variables.h"

#include "base/text.h"

namespace gqlsvl::events {

namespace {

std::optional<json::Value> parsed_object(const char *text) {
  if (!text || !*text) return std::nullopt;
  json::ParseError error;
  auto value = json::parse(text, error);
  if (!value || !value->is_object()) return std::nullopt;
  return value;
}

json::Value as_string(const json::Value &value) {
  json::Value out;
  out.kind = json::Kind::String;
  out.text = value.is_string() ? value.text : json::to_string(value);
  return out;
}

void collect(json::Value &out, const json::Value &from) {
  for (const auto &[key, value] : from.members)
    if (lower(key).starts_with("x-hasura-")) out.members.emplace_back(lower(key), as_string(value));
}

// version-trace_id-span_id-flags; a later version may append to it.
std::optional<std::string> of_traceparent(std::string_view text) {
  constexpr std::size_t ends[] = {2, 35, 52, 55};
  const std::string parent = lower(trimmed(text));
  if (parent.size() < ends[3] || (parent.size() > ends[3] && (parent.starts_with("00") || parent[ends[3]] != '-'))) return std::nullopt;
  for (std::size_t i = 0; i < ends[3]; i++) {
    const bool is_dash = i == ends[0] || i == ends[1] || i == ends[2];
    if (is_dash ? parent[i] != '-' : std::string_view("0123456789abcdef").find(parent[i]) == std::string_view::npos) return std::nullopt;
  }
  const std::string trace = parent.substr(3, 32), span = parent.substr(36, 16);
  auto is_zero = [](const std::string &id) { return id.find_first_not_of('0') == std::string::npos; };
  if (parent.starts_with("ff") || is_zero(trace) || is_zero(span)) return std::nullopt;
  return "{\"trace_id\":\"" + trace + "\",\"span_id\":\"" + span + "\"}";
}

} // namespace

std::string session_variables(const char *hasura_user, const char *jwt_claims) {
  json::Value out;
  out.kind = json::Kind::Object;
  if (auto user = parsed_object(hasura_user)) {
    collect(out, *user);
  } else if (auto claims = parsed_object(jwt_claims)) {
    if (const json::Value *nested = claims->find("https://hasura.io/jwt/claims"); nested && nested->is_object()) collect(out, *nested);
    collect(out, *claims);
  }
  return out.members.empty() ? "null" : json::to_string(out);
}

std::string trace_context(const char *setting, const char *headers) {
  if (auto value = parsed_object(setting)) return json::to_string(*value);
  if (setting)
    if (auto context = of_traceparent(setting)) return *context;
  if (auto value = parsed_object(headers))
    if (auto header = value->string("traceparent"))
      if (auto context = of_traceparent(*header)) return *context;
  return "null";
}

} // namespace gqlsvl::events
