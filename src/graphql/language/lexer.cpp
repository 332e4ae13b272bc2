#include "graphql/language/lexer.h"

#include "base/utf8.h"

#include <algorithm>

namespace gqlsvl::graphql::language {

namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t leading_blanks(std::string_view line) {
  std::size_t n = 0;
  while (n < line.size() && (line[n] == ' ' || line[n] == '\t')) ++n;
  return n;
}

std::vector<std::string_view> split_lines(std::string_view raw) {
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\n' && raw[i] != '\r') continue;
    lines.push_back(raw.substr(start, i - start));
    if (raw[i] == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n') ++i;
    start = i + 1;
  }
  lines.push_back(raw.substr(start));
  return lines;
}

} // namespace

std::string block_string_value(std::string_view raw) {
  std::vector<std::string_view> lines = split_lines(raw);
  std::size_t common = std::string_view::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t indent = leading_blanks(lines[i]);
    if (indent < lines[i].size() && indent < common) common = indent;
  }
  if (common != std::string_view::npos)
    for (std::size_t i = 1; i < lines.size(); ++i) lines[i].remove_prefix(std::min(common, lines[i].size()));
  auto blank = [](std::string_view line) { return leading_blanks(line) == line.size(); };
  std::size_t first = 0, last = lines.size();
  while (first < last && blank(lines[first])) ++first;
  while (last > first && blank(lines[last - 1])) --last;
  std::string value;
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) value += '\n';
    value += lines[i];
  }
  return value;
}

Lexer::Lexer(std::string_view text) : text_(text) {
  if (text_.substr(0, 3) == "\xEF\xBB\xBF") position_ = line_start_ = 3;
}

bool Lexer::fail(std::string message, Location at) {
  error_ = {std::move(message), at};
  return false;
}

void Lexer::new_line() {
  position_ += peek() == '\r' && peek(1) == '\n' ? 2 : 1;
  ++line_;
  line_start_ = position_;
  continuation_bytes_ = 0;
}

void Lexer::skip_ignored() {
  while (!at_end()) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == ',')
      ++position_;
    else if (c == '\n' || c == '\r')
      new_line();
    else if (c == '#')
      skip_comment();
    else if (text_.substr(position_, 3) == "\xEF\xBB\xBF") {
      position_ += 3;
      continuation_bytes_ += 2;
    } else
      return;
  }
}

void Lexer::skip_comment() {
  for (; !at_end() && peek() != '\n' && peek() != '\r'; ++position_)
    if ((static_cast<unsigned char>(peek()) & 0xC0) == 0x80) ++continuation_bytes_;
}

bool Lexer::next(Token &token) {
  skip_ignored();
  token.value.clear();
  token.at = here();
  token.text = text_.substr(position_, 0);
  if (at_end()) {
    token.kind = TokenKind::EndOfFile;
    return true;
  }
  const char c = peek();
  if (is_name_start(c)) return lex_name(token);
  if (is_digit(c) || c == '-') return lex_number(token);
  if (c == '"') return text_.substr(position_, 3) == "\"\"\"" ? lex_block_string(token) : lex_string(token);
  std::size_t length = std::string_view("!$&()[]{}:=@|").find(c) != std::string_view::npos ? 1 : 0;
  if (text_.substr(position_, 3) == "...") length = 3;
  if (!length) {
    const std::size_t bytes = utf8_length(text_.substr(position_));
    const bool printable = static_cast<unsigned char>(c) > 0x20 && c != 0x7F && bytes;
    return fail(printable ? "unexpected character '" + std::string(text_.substr(position_, bytes)) + "'" : "invalid character");
  }
  token.kind = TokenKind::Punctuator;
  token.text = text_.substr(position_, length);
  position_ += length;
  return true;
}

bool Lexer::lex_name(Token &token) {
  const std::size_t start = position_;
  while (is_name_start(peek()) || is_digit(peek())) ++position_;
  token.kind = TokenKind::Name;
  token.text = text_.substr(start, position_ - start);
  return true;
}

bool Lexer::lex_digits() {
  if (!is_digit(peek())) return fail("invalid number: expected a digit");
  while (is_digit(peek())) ++position_;
  return true;
}

bool Lexer::lex_number(Token &token) {
  const std::size_t start = position_;
  token.kind = TokenKind::Int;
  if (peek() == '-') ++position_;
  if (peek() == '0' && is_digit(peek(1))) return fail("invalid number: unexpected digit after 0");
  if (!lex_digits()) return false;
  if (peek() == '.' && peek(1) != '.') {
    token.kind = TokenKind::Float;
    ++position_;
    if (!lex_digits()) return false;
  }
  if (peek() == 'e' || peek() == 'E') {
    token.kind = TokenKind::Float;
    ++position_;
    if (peek() == '+' || peek() == '-') ++position_;
    if (!lex_digits()) return false;
  }
  if (is_name_start(peek()) || peek() == '.') return fail("invalid number: it must not be followed by a name or a dot");
  token.text = text_.substr(start, position_ - start);
  return true;
}

bool Lexer::copy_character(std::string &out) {
  const std::size_t length = utf8_length(text_.substr(position_));
  if (!length) return fail("invalid UTF-8 in a string");
  const auto byte = static_cast<unsigned char>(peek());
  if (byte == 0) return fail("invalid character in a string: U+0000");
  out += text_.substr(position_, length);
  position_ += length;
  continuation_bytes_ += length - 1;
  return true;
}

bool Lexer::lex_string(Token &token) {
  const std::size_t start = position_++;
  token.kind = TokenKind::String;
  for (;;) {
    if (at_end() || peek() == '\n' || peek() == '\r') return fail("unterminated string", token.at);
    if (peek() == '"') break;
    if (!(peek() == '\\' ? lex_escape(token.value) : copy_character(token.value))) return false;
  }
  ++position_;
  token.text = text_.substr(start, position_ - start);
  return true;
}

bool Lexer::lex_escape(std::string &out) {
  static constexpr std::string_view written = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
  const char c = peek(1);
  if (c == 'u') return lex_unicode_escape(out);
  const std::size_t found = written.find(c);
  if (c == '\0' || found == std::string_view::npos) return fail("invalid escape sequence in a string");
  out += meant[found];
  position_ += 2;
  return true;
}

// The code of \uXXXX or \u{X...} at the position, which moves behind it.
bool Lexer::lex_code_unit(std::uint32_t &code) {
  const bool braced = peek(2) == '{';
  std::size_t ahead = braced ? 3 : 2, digits = 0;
  code = 0;
  while (digits < (braced ? 8u : 4u) && hex_value(peek(ahead)) >= 0) {
    code = code * 16 + static_cast<std::uint32_t>(hex_value(peek(ahead)));
    ++ahead;
    ++digits;
  }
  if (braced ? digits == 0 || peek(ahead) != '}' : digits != 4) return fail("invalid unicode escape sequence in a string");
  if (braced && (code > 0x10FFFF || is_surrogate(code))) return fail("invalid unicode escape sequence in a string: not a scalar value");
  position_ += ahead + (braced ? 1 : 0);
  return true;
}

bool Lexer::lex_unicode_escape(std::string &out) {
  const Location start = here();
  std::uint32_t code = 0;
  if (!lex_code_unit(code)) return false;
  if (is_high_surrogate(code) && peek() == '\\' && peek(1) == 'u' && peek(2) != '{') {
    std::uint32_t low = 0;
    if (!lex_code_unit(low)) return false;
    if (!is_low_surrogate(low)) return fail("invalid surrogate pair in a string", start);
    code = of_surrogates(code, low);
  }
  if (is_surrogate(code)) return fail("invalid surrogate in a string", start);
  if (code == 0) return fail("invalid unicode escape sequence in a string: Postgres stores no U+0000", start);
  append_utf8(out, code);
  return true;
}

bool Lexer::lex_block_string(Token &token) {
  const std::size_t start = position_;
  std::string raw;
  position_ += 3;
  token.kind = TokenKind::BlockString;
  while (text_.substr(position_, 3) != "\"\"\"") {
    if (at_end()) return fail("unterminated block string", token.at);
    if (text_.substr(position_, 4) == "\\\"\"\"") {
      raw += "\"\"\"";
      position_ += 4;
    } else if (peek() == '\n' || peek() == '\r') {
      new_line();
      raw += '\n';
    } else if (!copy_character(raw))
      return false;
  }
  position_ += 3;
  token.text = text_.substr(start, position_ - start);
  token.value = block_string_value(raw);
  return true;
}

} // namespace gqlsvl::graphql::language
