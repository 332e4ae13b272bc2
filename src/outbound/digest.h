// SHA-256 and HMAC-SHA-256, as bytes.
#pragma once
#include "base/no_postgres.h"

#include <string>
#include <string_view>

namespace gqlsvl::outbound {

std::string sha256(std::string_view text);
std::string hmac_sha256(std::string_view key, std::string_view text);

} // namespace gqlsvl::outbound
