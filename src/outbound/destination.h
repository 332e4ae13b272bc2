// From a trigger's definition to where its requests go: {{NAME}} filled in, headers taken from the environment and from secrets.
//
// In:  webhook and headers as create_trigger was given them, and what the trigger's owner may name. Out: a Destination; Error when a name
//   has no value or may not be used, or when what comes out is not a webhook or a header.
// Always: no error holds a value that was filled in. Links into gqlsvl.so too: no libcurl here.
// Source: headers and webhook of gqlsvl.create_trigger; RFC 9110, sections 5.1 and 5.5, for headers.
#pragma once
#include "outbound/target.h"

#include <functional>

namespace gqlsvl::outbound {

struct HeaderSource {
  enum class From { Text, Environment, Secret };
  std::string name;
  From from = From::Text;
  std::string text; // Text: may hold {{NAME}}; else the variable's or the secret's name
};

// Option "headers" as JSON text: {"name": "value" | {"from_env": "VAR"} | {"secret": "name"}}. Error 22023 names the header.
std::vector<HeaderSource> parse_headers(const std::string &json);

void check_header_name(const std::string &name); // Error 22023: it is none, or one that gqlsvl sets itself
bool has_control(const std::string &text);

// What the owner of a trigger may name. A function gives no value when there is none, and throws (42501) when it may not be asked for.
struct Names {
  using Lookup = std::function<std::optional<std::string>(const std::string &name)>;
  Lookup secret, environment;
  bool superuser = false;   // then `lambda_allow` does not matter
  std::string lambda_allow; // gqlsvl.lambda_allow
};

// The environment as a role may read it: `allow` is gqlsvl.env_allow, names separated by commas; a superuser may read all.
Names::Lookup environment_for(bool superuser, const std::string &allow);

struct Destination {
  Target target;
  Headers headers;
  std::vector<std::string> signing_keys;                   // of a webhook that signs (outbound/webhook_signature.h)
  std::vector<std::pair<std::string, std::string>> hidden; // names and values filled in, for masked()
};

// `signing_secret`: a secret's name; empty: requests are not signed.
Destination destination_of(const std::string &webhook, const std::vector<HeaderSource> &headers, const std::string &signing_secret,
                           const Names &names);

// `text` with each value replaced by its {{NAME}}: a receiver may send back what it was sent.
std::string masked(std::string text, const Destination &destination);

} // namespace gqlsvl::outbound
