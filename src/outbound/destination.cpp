#include "outbound/destination.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "outbound/webhook_signature.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace gqlsvl::outbound {

static constexpr std::size_t shortest_hidden = 6; // masking a shorter value would spoil texts that merely contain it

[[noreturn]] static void refuse(const std::string &message, const std::string &hint,
                                const std::string &state = sqlstate::invalid_parameter) {
  throw Error(state, message, {}, hint);
}

static bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

static bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }

// Calls `take` for each piece of literal text and `name` for each {{NAME}}, in order.
static void split(std::string_view text, const std::function<void(std::string_view)> &take,
                  const std::function<void(const std::string &)> &name) {
  for (std::size_t at = 0;;) {
    auto open = text.find("{{", at);
    take(text.substr(at, open == std::string_view::npos ? open : open - at));
    if (open == std::string_view::npos) return;
    auto close = text.find("}}", open);
    auto between = close == std::string_view::npos ? std::string_view() : trimmed(text.substr(open + 2, close - open - 2));
    if (!is_name(between)) refuse("a {{ without a name and }} behind it", "Write {{NAME}} with letters, digits, \"_\", \".\" and \"-\".");
    name(std::string(between));
    at = close + 2;
  }
}

static std::string value_of(const std::string &name, const Names &names, Destination &to) {
  std::optional<std::string> value = names.secret(name);
  if (!value) value = names.environment(name);
  if (!value)
    refuse("{{" + name + "}} is neither a secret nor a variable of the server's environment",
           "Call gqlsvl.set_secret, or start the server with the variable.", sqlstate::undefined_object);
  to.hidden.emplace_back(name, *value);
  return *value;
}

static std::string filled(const std::string &text, const Names &names, Destination &to) {
  std::string out;
  split(
      text, [&out](std::string_view literal) { out += literal; }, [&](const std::string &name) { out += value_of(name, names, to); });
  return out;
}

// Of an error about text with a value in it nothing is passed on.
static Target filled_target(const std::string &webhook, const Names &names, Destination &to) {
  std::string text = filled(webhook, names, to);
  if (to.hidden.empty()) return parse_target(text);
  try {
    return parse_target(text);
  } catch (const Error &) {
    refuse("the webhook is not valid once its {{NAME}} parts are filled in", "The whole must be a URL, an ARN or lambda:NAME[:QUALIFIER].");
  }
}

static bool matches(std::string_view pattern, const std::string &function) {
  if (pattern.ends_with('*')) return std::string_view(function).starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == function;
}

static bool is_listed(const std::string &list, const std::function<bool(std::string_view)> &fits) {
  for (std::size_t at = 0; at <= list.size();) {
    auto comma = std::min(list.find(',', at), list.size());
    auto one = trimmed(std::string_view(list).substr(at, comma - at));
    if (!one.empty() && fits(one)) return true;
    at = comma + 1;
  }
  return false;
}

static void check_function(const Target &target, const Names &names) {
  if (target.kind != Target::Kind::Lambda || names.superuser) return;
  if (is_listed(names.lambda_allow, [&](std::string_view pattern) { return matches(pattern, target.function); })) return;
  refuse("the Lambda function is not among those that gqlsvl.lambda_allow lets roles call that are no superusers",
         "Ask a superuser to add its name or ARN, as the webhook writes it without the qualifier.", sqlstate::insufficient_privilege);
}

Names::Lookup environment_for(bool superuser, const std::string &allow) {
  return [superuser, allow](const std::string &name) -> std::optional<std::string> {
    if (!superuser && !is_listed(allow, [&](std::string_view allowed) { return allowed == name; }))
      refuse("\"" + name + "\" is no secret of the trigger's owner, and gqlsvl.env_allow does not have it",
             "Call gqlsvl.set_secret, or ask a superuser to add the environment variable's name to gqlsvl.env_allow.",
             sqlstate::insufficient_privilege);
    const char *value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

bool has_control(const std::string &text) { return std::any_of(text.begin(), text.end(), is_control); }

void check_header_name(const std::string &name) {
  static constexpr std::string_view separators = "()<>@,;:\\\"/[]?={}";
  if (name.empty() ||
      !std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127 && separators.find(c) == std::string_view::npos; }))
    refuse("\"" + name + "\" of option \"headers\" is not the name of a header", "Use letters, digits and hyphens.");
  for (const char *own : {"host", "content-length", "transfer-encoding", "connection"})
    if (lower(name) == own) refuse("header \"" + name + "\" of option \"headers\" is set by gqlsvl itself", "Leave it out.");
}

static HeaderSource parse_header(const std::string &name, const json::Value &value) {
  check_header_name(name);
  if (value.is_object() && value.members.size() == 1) {
    const auto &[key, named] = value.members.front();
    if (named.is_string() && is_name(named.text) && key == "from_env") return {name, HeaderSource::From::Environment, named.text};
    if (named.is_string() && is_name(named.text) && key == "secret") return {name, HeaderSource::From::Secret, named.text};
  }
  if (!value.is_string())
    refuse("header \"" + name + "\" of option \"headers\" is no value that can be sent",
           "Write {\"name\": \"value\"}, {\"name\": {\"from_env\": \"VARIABLE\"}} or {\"name\": {\"secret\": \"name\"}}.");
  if (has_control(value.text))
    refuse("header \"" + name + "\" of option \"headers\" holds a control character", "Header values are one line of text.");
  split(
      value.text, [](std::string_view) {}, [](const std::string &) {});
  return {name, HeaderSource::From::Text, value.text};
}

std::vector<HeaderSource> parse_headers(const std::string &json) {
  json::ParseError error;
  auto headers = json::parse(json, error);
  if (!headers || !headers->is_object()) refuse("option \"headers\" is not a JSON object", "Write {\"name\": \"value\"}.");
  std::vector<HeaderSource> out;
  for (const auto &[name, value] : headers->members) out.push_back(parse_header(name, value));
  return out;
}

static std::string header_value(const HeaderSource &header, const Names &names, Destination &to) {
  if (header.from == HeaderSource::From::Text) return filled(header.text, names, to);
  bool secret = header.from == HeaderSource::From::Secret;
  auto value = secret ? names.secret(header.text) : names.environment(header.text);
  if (!value)
    refuse((secret ? "secret \"" : "environment variable \"") + header.text + "\" of header \"" + header.name + "\" is not there",
           secret ? "Call gqlsvl.set_secret as the trigger's owner." : "Start the server with it.", sqlstate::undefined_object);
  to.hidden.emplace_back(header.text, *value);
  return *value;
}

static std::vector<std::string> signing_keys(const std::string &secret, const Names &names, Destination &to) {
  if (secret.empty()) return {};
  if (to.target.kind == Target::Kind::Lambda)
    refuse("option \"signing_secret\" is for webhooks", "Leave it out: a request to Lambda is signed with the AWS keys.");
  auto value = names.secret(secret);
  if (!value)
    refuse("secret \"" + secret + "\" of option \"signing_secret\" is not there", "Call gqlsvl.set_secret as the trigger's owner.",
           sqlstate::undefined_object);
  to.hidden.emplace_back(secret, *value);
  return parse_signing_keys(*value);
}

Destination destination_of(const std::string &webhook, const std::vector<HeaderSource> &headers, const std::string &signing_secret,
                           const Names &names) {
  Destination out;
  out.target = filled_target(webhook, names, out);
  check_function(out.target, names);
  for (const HeaderSource &header : headers) {
    if (!signing_secret.empty() && is_signature_header(header.name))
      refuse("header \"" + header.name + "\" of option \"headers\" is set by the signature", "Leave it out.");
    if (out.target.kind == Target::Kind::Lambda && lambda_sets_header(header.name))
      refuse("header \"" + header.name + "\" of option \"headers\" is set by gqlsvl itself in a Lambda request", "Leave it out.");
    std::string value = header_value(header, names, out);
    if (has_control(value))
      refuse("header \"" + header.name + "\" holds a control character once its value is filled in", "Header values are one line of text.");
    out.headers.emplace_back(header.name, std::move(value));
  }
  out.signing_keys = signing_keys(signing_secret, names, out);
  return out;
}

std::string masked(std::string text, const Destination &destination) {
  for (const auto &[name, value] : destination.hidden) {
    if (value.size() < shortest_hidden) continue;
    const std::string shown = "{{" + name + "}}";
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + shown.size()))
      text.replace(at, value.size(), shown);
  }
  return text;
}

} // namespace gqlsvl::outbound
