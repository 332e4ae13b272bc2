#include "outbound/target.h"
#include "base/error.h"
#include "base/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>

// Links into gqlsvl.so too (create_trigger checks its webhook with it): no libcurl here.
namespace gqlsvl::outbound {

static constexpr char accepted_forms[] = "Accepted: http://HOST/PATH, https://HOST/PATH, "
                                         "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER], lambda:NAME[:QUALIFIER].";
static constexpr std::size_t longest_url = 8000, longest_host = 253, longest_function = 64, longest_qualifier = 128;

[[noreturn]] static void refuse(const std::string &message, const std::string &detail, const std::string &hint = accepted_forms) {
  throw Error(sqlstate::invalid_parameter, message, detail, hint);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template <typename Test> static bool all_of(std::string_view text, Test test) { return std::all_of(text.begin(), text.end(), test); }

static std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts{""};
  for (char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

static void check_port(std::string_view port) {
  int number = 0;
  if (port.empty() || port.size() > 5 || !all_of(port, is_digit) || (number = std::stoi(std::string(port))) < 1 || number > 65535)
    refuse("invalid webhook port \"" + std::string(port) + "\"", "A port is a number from 1 to 65535.");
}

static void check_host(const std::string &host) {
  if (host.empty()) refuse("webhook has no host", "Nothing stands between \"//\" and the path.");
  if (host.size() > longest_host) refuse("webhook host is too long", "It has " + std::to_string(host.size()) + " bytes; 253 are allowed.");
  for (const std::string &label : split(host.back() == '.' ? host.substr(0, host.size() - 1) : host, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
      refuse("invalid webhook host \"" + host + "\"", "A label between two dots is empty, longer than 63 or begins or ends with \"-\".");
    if (!all_of(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; }))
      refuse("invalid webhook host \"" + host + "\"", "A host holds letters, digits, \"-\" and \".\" only.",
             "Write international names in their xn-- form.");
  }
}

static void check_ipv6(const std::string &address) {
  in6_addr unused;
  if (inet_pton(AF_INET6, address.c_str(), &unused) != 1)
    refuse("invalid webhook host \"[" + address + "]\"", "An IPv6 address stands between the brackets.");
}

static void check_authority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos)
    refuse("webhook holds user information", "A name or password before \"@\" would be readable in the trigger's definition.",
           "Put credentials into an Authorization header of the trigger.");
  if (!authority.empty() && authority.front() == '[') {
    auto close = authority.find(']');
    if (close == std::string_view::npos) refuse("invalid webhook host", "\"[\" has no \"]\".");
    check_ipv6(std::string(authority.substr(1, close - 1)));
    auto rest = authority.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') refuse("invalid webhook host", "Only a port may follow \"]\".");
    if (!rest.empty()) check_port(rest.substr(1));
    return;
  }
  auto colon = authority.find(':');
  check_host(std::string(authority.substr(0, colon)));
  if (colon != std::string_view::npos) check_port(authority.substr(colon + 1));
}

// The text itself is not repeated in errors about a path or query: these may hold a token.
static void check_rest(std::string_view rest) {
  if (rest.find('#') != std::string_view::npos) refuse("webhook has a fragment", "What follows \"#\" is never sent.", "Leave it out.");
  for (std::size_t at = rest.find('%'); at != std::string_view::npos; at = rest.find('%', at + 1))
    if (at + 2 >= rest.size() || !is_hex(rest[at + 1]) || !is_hex(rest[at + 2]))
      refuse("webhook has a malformed percent escape", "Two hexadecimal digits follow each \"%\".", "Write a literal % as %25.");
}

static Target parse_url(const std::string &url, std::size_t scheme_bytes) {
  if (url.size() > longest_url) refuse("webhook is too long", "It has " + std::to_string(url.size()) + " bytes; 8000 are allowed.");
  for (unsigned char c : url)
    if (c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>')
      refuse("webhook holds a character that no URL may hold", "Spaces, control characters, quotes, \\ and non-ASCII letters are refused.",
             "Percent-encode them.");
  std::string_view rest = std::string_view(url).substr(scheme_bytes);
  auto end = std::min(rest.find_first_of("/?#"), rest.size());
  check_authority(rest.substr(0, end));
  check_rest(rest.substr(end));
  Target target;
  target.url = url;
  return target;
}

static void check_function(const std::string &name) {
  if (name.empty() || name.size() > longest_function || !all_of(name, [](char c) { return is_alnum(c) || c == '-' || c == '_'; }))
    refuse("invalid Lambda function name \"" + name + "\"", "A name has 1 to 64 letters, digits, \"-\" and \"_\".");
}

static void check_qualifier(const std::string &qualifier) {
  auto allowed = [](char c) { return is_alnum(c) || c == '-' || c == '_'; };
  std::string_view rest = qualifier == "$LATEST" ? std::string_view("LATEST") : std::string_view(qualifier);
  if (rest.empty() || rest.size() > longest_qualifier || !all_of(rest, allowed))
    refuse("invalid Lambda qualifier \"" + qualifier + "\"",
           "A qualifier is a version number, an alias (letters, digits, \"-\", \"_\") or $LATEST.");
}

static void check_region(const std::string &region, const std::string &partition) {
  auto parts = split(region, '-');
  bool well_formed = parts.size() >= 3 && parts.back().size() <= 2 && !parts.back().empty() && all_of(parts.back(), is_digit);
  for (std::size_t i = 0; well_formed && i + 1 < parts.size(); ++i)
    well_formed = !parts[i].empty() && all_of(parts[i], [](char c) { return c >= 'a' && c <= 'z'; });
  if (!well_formed) refuse("invalid AWS region \"" + region + "\" in the webhook's ARN", "A region is written like eu-west-1.");
  std::string owner = region.starts_with("cn-") ? "aws-cn" : region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
  if (partition != owner)
    refuse("AWS region \"" + region + "\" does not belong to partition \"" + partition + "\"", "It belongs to \"" + owner + "\".");
}

static Target parse_arn(const std::string &arn) {
  auto parts = split(arn, ':');
  if (parts.size() < 3 || parts[2] != "lambda")
    refuse("the webhook's ARN is not that of a Lambda function",
           "Its service is \"" + (parts.size() < 3 ? "" : parts[2]) + "\", not \"lambda\".");
  if (parts[1] != "aws" && parts[1] != "aws-cn" && parts[1] != "aws-us-gov")
    refuse("unknown AWS partition \"" + parts[1] + "\" in the webhook's ARN", "Known are aws, aws-cn and aws-us-gov.");
  if (parts.size() != 7 && parts.size() != 8)
    refuse("the webhook's ARN has " + std::to_string(parts.size()) + " parts",
           "A Lambda function's ARN has seven, eight with a qualifier.");
  check_region(parts[3], parts[1]);
  if (parts[4].size() != 12 || !all_of(parts[4], is_digit))
    refuse("invalid AWS account \"" + parts[4] + "\" in the webhook's ARN", "An account has twelve digits.");
  if (parts[5] != "function") refuse("the webhook's ARN names a \"" + parts[5] + "\", not a function", "Only functions can be invoked.");
  check_function(parts[6]);
  Target target;
  target.kind = Target::Kind::Lambda;
  target.region = parts[3];
  if (parts.size() == 8) check_qualifier(target.qualifier = parts.back());
  target.function = arn.substr(0, arn.size() - (parts.size() == 8 ? target.qualifier.size() + 1 : 0));
  return target;
}

static Target parse_function(const std::string &text) {
  auto parts = split(text, ':');
  if (parts.size() > 2)
    refuse("the webhook names more than a Lambda function and a qualifier", "It has " + std::to_string(parts.size()) + " parts.");
  Target target;
  target.kind = Target::Kind::Lambda;
  check_function(target.function = parts[0]);
  if (parts.size() == 2) check_qualifier(target.qualifier = parts[1]);
  return target;
}

bool lambda_sets_header(const std::string &name) {
  static constexpr std::string_view own[] = {"authorization",         "content-type",        "host", "x-amz-content-sha256", "x-amz-date",
                                             "x-amz-invocation-type", "x-amz-security-token"};
  return std::find(std::begin(own), std::end(own), lower(name)) != std::end(own);
}

Target parse_target(const std::string &webhook) {
  if (webhook.empty()) refuse("webhook is empty", "");
  auto colon = webhook.find(':');
  if (colon == std::string::npos) refuse("webhook has no scheme", "No \":\" stands in it.");
  std::string scheme = lower(std::string_view(webhook).substr(0, colon));
  if (scheme == "arn") return parse_arn(webhook);
  if (scheme == "lambda") return parse_function(webhook.substr(colon + 1));
  if (scheme != "http" && scheme != "https") refuse("webhook scheme \"" + scheme + "\" is not accepted", "");
  if (webhook.compare(colon, 3, "://") != 0) refuse("webhook has no host", "\"//\" does not follow \"" + scheme + ":\".");
  return parse_url(webhook, colon + 3);
}

} // namespace gqlsvl::outbound
