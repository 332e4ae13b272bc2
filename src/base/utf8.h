// Bytes that should be UTF-8.
//
// In:  any bytes, such as what a stranger's server answered. Out: text that Postgres and every client can take.
// Pure; never throws but std::bad_alloc. Source: RFC 3629, section 4 (overlong forms and surrogates are no characters).
#pragma once
#include "base/no_postgres.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gqlsvl {

// Bytes of the character at the start of `text` (1 at its end), 0 when it is not one.
std::size_t utf8_length(std::string_view text);

// At most `most_bytes` bytes of it, ending between characters; what is no character becomes U+FFFD, zero bytes are left out.
std::string readable_text(std::string_view bytes, std::size_t most_bytes);

} // namespace gqlsvl
