#include "server/claims_path.h"

#include <charconv>

namespace gqlsvl::server {

namespace {

// Takes one step off the text: .name, ['name'] or [0].
std::optional<std::string> take_step(std::string_view &text) {
  if (text.starts_with('.')) {
    std::size_t end = std::min(text.find_first_of(".[", 1), text.size());
    std::string step(text.substr(1, end - 1));
    text.remove_prefix(end);
    return step.empty() ? std::nullopt : std::optional(step);
  }
  if (!text.starts_with('[') || text.size() < 3) return std::nullopt;
  char quote = text[1];
  bool quoted = quote == '\'' || quote == '"';
  std::size_t from = quoted ? 2 : 1, end = text.find(quoted ? std::string{quote, ']'} : "]", from);
  if (end == text.npos || end == from) return std::nullopt;
  std::string step(text.substr(from, end - from));
  if (!quoted && step.find_first_not_of("0123456789") != step.npos) return std::nullopt;
  text.remove_prefix(end + (quoted ? 2 : 1));
  return step;
}

std::variant<json::Value, NoClaims> by_map(const std::vector<ClaimsRule> &map, const json::Value &payload) {
  json::Value object;
  object.kind = json::Kind::Object;
  for (const ClaimsRule &rule : map) {
    const json::Value *found = rule.path ? at_path(payload, *rule.path) : nullptr;
    if (!found && rule.value) found = &*rule.value;
    if (!found) return NoClaims{"the token has nothing where claims_map looks for " + rule.name};
    object.members.emplace_back(rule.name, *found);
  }
  return object;
}

} // namespace

std::optional<ClaimsPath> parse_claims_path(std::string_view text) {
  if (!text.starts_with('$')) return std::nullopt;
  text.remove_prefix(1);
  ClaimsPath path;
  while (!text.empty()) {
    std::optional<std::string> step = take_step(text);
    if (!step) return std::nullopt;
    path.push_back(std::move(*step));
  }
  return path;
}

const json::Value *at_path(const json::Value &root, const ClaimsPath &path) {
  const json::Value *at = &root;
  for (const std::string &step : path) {
    if (at->is_array()) {
      std::size_t place = 0;
      auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), place);
      if (error != std::errc() || end != step.data() + step.size() || place >= at->items.size()) return nullptr;
      at = &at->items[place];
    } else
      at = at->find(step);
    if (!at) return nullptr;
  }
  return at;
}

std::variant<json::Value, NoClaims> find_claims(const ClaimsPlace &place, const json::Value &payload) {
  if (!place.map.empty()) return by_map(place.map, payload);
  const json::Value *found = place.path ? at_path(payload, *place.path) : payload.find(place.name);
  if (!found) return NoClaims{};
  NoClaims wrong{place.path ? "the value at claims_namespace_path is not a JSON object"
                            : "the value of claims key '" + place.name + "' is not a JSON object"};
  if (!place.are_text) return found->is_object() ? std::variant<json::Value, NoClaims>(*found) : wrong;
  json::ParseError error;
  std::optional<json::Value> parsed = found->is_string() ? json::parse(found->text, error, 32) : std::nullopt;
  return parsed && parsed->is_object() ? std::variant<json::Value, NoClaims>(std::move(*parsed)) : wrong;
}

} // namespace gqlsvl::server
