#include "outbound/transform.h"
#include "base/error.h"
#include "base/json.h"
#include "outbound/destination.h"

#include <strings.h>

#include <algorithm>

namespace gqlsvl::outbound {

[[noreturn]] static void refuse(const std::string &message, const std::string &hint) {
  throw Error(sqlstate::invalid_parameter, "the transform function's answer " + message, {}, hint);
}

static void change_method(Message &message, const json::Value &value) {
  static constexpr std::string_view methods[] = {"POST", "PUT", "PATCH", "DELETE", "GET"};
  if (message.url.empty()) refuse("has a method, but the trigger calls a Lambda function", "Leave \"method\" out.");
  if (!value.is_string() || std::find(std::begin(methods), std::end(methods), value.text) == std::end(methods))
    refuse("has a method that is not sent", "Accepted: POST, PUT, PATCH, DELETE, GET.");
  message.method = value.text;
}

static void change_url(Message &message, const json::Value &value) {
  if (message.url.empty()) refuse("has a url, but the trigger calls a Lambda function", "Leave \"url\" out.");
  if (!value.is_string()) refuse("has a url that is not a string", "Write {\"url\": \"https://...\"}.");
  Target target = parse_target(value.text);
  if (target.kind != Target::Kind::Webhook)
    refuse("has a url that is not http or https", "A transform cannot turn a webhook into a function.");
  message.url = target.url;
}

static void change_headers(Message &message, const json::Value &value) {
  if (!value.is_object()) refuse("has headers that are not an object", "Write {\"headers\": {\"name\": \"value\"}}.");
  for (const auto &[name, text] : value.members) {
    check_header_name(name);
    if (message.url.empty() && lambda_sets_header(name)) refuse("has header \"" + name + "\", which gqlsvl sets itself", "Leave it out.");
    if (!text.is_null() && !text.is_string()) refuse("has header \"" + name + "\" that is neither a string nor null", "Write a string.");
    if (has_control(text.text)) refuse("has a control character in header \"" + name + "\"", "Header values are one line of text.");
    std::erase_if(message.headers, [&name = name](const auto &header) { return strcasecmp(header.first.c_str(), name.c_str()) == 0; });
    if (text.is_string()) message.headers.emplace_back(name, text.text);
  }
}

void apply_transform(Message &message, const std::string &answer) {
  json::ParseError error;
  auto value = json::parse(answer, error);
  if (!value || !value->is_object())
    refuse("is not a JSON object", "Return {\"url\", \"method\", \"headers\", \"body\"}, or some of them.");
  for (const auto &[key, member] : value->members) {
    if (key == "method")
      change_method(message, member);
    else if (key == "url")
      change_url(message, member);
    else if (key == "headers")
      change_headers(message, member);
    else if (key == "body")
      message.body = json::to_string(member);
    else
      refuse("has a member \"" + key + '"', "Accepted: url, method, headers, body.");
  }
}

} // namespace gqlsvl::outbound
