// Small things with text that protocols and settings need.
//
// Pure. Always: ASCII only, whatever the locale: other bytes stay as they are. Tests: test/unit/text_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <string>
#include <string_view>

namespace gqlsvl {

// A to Z become a to z: names of headers, hosts and hexadecimal digits.
inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char &c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Without the blanks at both ends. The result is a part of `text`.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
  const std::size_t from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

} // namespace gqlsvl
