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

std::string trace_context(const char *setting) {
  auto value = parsed_object(setting);
  return value ? json::to_string(*value) : "null";
}

} // namespace gqlsvl::events
