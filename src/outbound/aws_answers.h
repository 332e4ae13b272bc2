// What the sources of AWS keys answer, as keys with an end.
//
// In:  text of a credentials service, of STS, of a shared file. Out: keys, or none when they are not in it. Pure; nothing is logged.
// Source: AWS SDKs and Tools Reference Guide (container, IMDS and shared files); STS API, AssumeRoleWithWebIdentity.
#pragma once
#include "outbound/target.h"

#include <functional>

namespace gqlsvl::outbound {

struct TemporaryKeys {
  Credentials credentials;
  std::optional<std::int64_t> expires_at; // Unix seconds; none: they do not end
};

std::optional<TemporaryKeys> keys_from_json(const std::string &answer); // of the container's endpoint and of the instance's metadata
std::optional<TemporaryKeys> keys_from_xml(const std::string &answer);  // of STS
// Of a section of an INI file. `unsupported`: how the profile gets its keys instead, when it is a way we do not go.
std::optional<TemporaryKeys> keys_from_profile(const std::string &file, const std::string &section, std::string &unsupported);

std::optional<std::int64_t> unix_time(const std::string &iso8601); // 2026-01-31T23:59:59Z, fractions allowed

} // namespace gqlsvl::outbound
