// Bytes that should be UTF-8, and what the \u escapes of JSON and GraphQL become.
//
// In:  any bytes, such as what a stranger's server answered. Out: text that Postgres and every client can take.
// Pure; never throws but std::bad_alloc. Source: RFC 3629, section 4 (overlong forms and surrogates are no characters).
#pragma once
#include "base/no_postgres.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gqlsvl {

// Bytes of the character at the start of `text` (1 at its end), 0 when it is not one.
std::size_t utf8_length(std::string_view text);

// `code` is a scalar value: not a surrogate, not beyond U+10FFFF.
void append_utf8(std::string &out, std::uint32_t code);

inline bool is_high_surrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDBFF; }
inline bool is_low_surrogate(std::uint32_t code) { return code >= 0xDC00 && code <= 0xDFFF; }
inline bool is_surrogate(std::uint32_t code) { return is_high_surrogate(code) || is_low_surrogate(code); }
inline std::uint32_t of_surrogates(std::uint32_t high, std::uint32_t low) { return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00); }

int hex_value(char c); // of a digit; -1: it is none

// At most `most_bytes` bytes of it, ending between characters; what is no character becomes U+FFFD, zero bytes are left out.
std::string readable_text(std::string_view bytes, std::size_t most_bytes);

} // namespace gqlsvl
