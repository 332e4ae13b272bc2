#include "base/json.h"
#include "base/utf8.h"

namespace gqlsvl::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259. Open containers are on an explicit stack, so depth costs no stack of the process.
class Parser {
public:
  Parser(std::string_view text, ParseError &error, int max_depth) : text_(text), error_(error), max_depth_(max_depth) {}

  std::optional<Value> document() {
    for (;;) {
      skip_space();
      Value value;
      bool opened = false;
      if (!begin_value(value, opened)) return std::nullopt;
      if (opened) continue; // its first member or item comes next
      bool done = false;
      if (!end_value(value, done)) return std::nullopt;
      if (done) return value;
    }
  }

private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  bool fail(std::string message) { return fail_at(position_, std::move(message)); }
  bool fail_at(std::size_t byte, std::string message) {
    error_.byte = byte;
    error_.message = std::move(message);
    return false;
  }
  bool accept(char c) {
    if (at_end() || peek() != c) return false;
    ++position_;
    return true;
  }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++position_;
  }

  // A whole scalar or empty container, or (`opened`) the start of a container.
  bool begin_value(Value &value, bool &opened) {
    switch (peek()) {
    case '{': return open(Kind::Object, '}', value, opened);
    case '[': return open(Kind::Array, ']', value, opened);
    case '"': value.kind = Kind::String; return string(value.text);
    case 't': return word("true", value, Kind::Boolean);
    case 'f': return word("false", value, Kind::Boolean);
    case 'n': return word("null", value, Kind::Null);
    default: return number(value);
    }
  }

  bool open(Kind kind, char close, Value &value, bool &opened) {
    if (static_cast<int>(stack_.size()) >= max_depth_) return fail("nested deeper than " + std::to_string(max_depth_) + " levels");
    ++position_;
    skip_space();
    value.kind = kind;
    if (accept(close)) return true;
    opened = true;
    stack_.emplace_back().value = std::move(value);
    return kind == Kind::Array || key();
  }

  bool key() {
    skip_space();
    if (peek() != '"') return fail("expected a key in double quotes");
    std::string &key = stack_.back().key;
    key.clear();
    if (!string(key)) return false;
    skip_space();
    return accept(':') || fail("expected ':'");
  }

  // Hands a complete value to its container, and the containers that end here to theirs. `done`: it was the document.
  bool end_value(Value &value, bool &done) {
    while (!stack_.empty()) {
      Open &parent = stack_.back();
      const bool array = parent.value.kind == Kind::Array;
      if (array)
        parent.value.items.push_back(std::move(value));
      else
        parent.value.members.emplace_back(std::move(parent.key), std::move(value));
      skip_space();
      if (accept(',')) return array || key();
      if (!accept(array ? ']' : '}')) return fail(array ? "expected ',' or ']'" : "expected ',' or '}'");
      value = std::move(parent.value);
      stack_.pop_back();
    }
    skip_space();
    done = true;
    return at_end() || fail("unexpected text after the value");
  }

  bool word(std::string_view expected, Value &value, Kind kind) {
    if (text_.substr(position_, expected.size()) != expected) return fail("expected a value");
    position_ += expected.size();
    value.kind = kind;
    value.boolean = expected == "true";
    return true;
  }

  bool number(Value &value) {
    const std::size_t start = position_;
    auto digits = [&] {
      if (!is_digit(peek())) return false;
      while (is_digit(peek())) ++position_;
      return true;
    };
    const bool negative = accept('-');
    if (peek() == '0' ? !accept('0') : !digits())
      return fail(negative ? "expected a digit" : at_end() ? "unexpected end" : "expected a value");
    if (accept('.') && !digits()) return fail("expected a digit");
    if (accept('e') || accept('E')) {
      if (!accept('-')) accept('+');
      if (!digits()) return fail("expected a digit");
    }
    value.kind = Kind::Number;
    value.text = text_.substr(start, position_ - start);
    return true;
  }

  bool string(std::string &out) {
    const std::size_t start = position_++;
    for (;;) {
      const std::size_t run = position_;
      while (!at_end() && peek() != '"' && peek() != '\\' && static_cast<unsigned char>(peek()) >= 0x20) {
        const std::size_t length = utf8_length(text_.substr(position_, 4));
        if (!length) return fail("invalid UTF-8");
        position_ += length;
      }
      out += text_.substr(run, position_ - run);
      if (at_end()) return fail_at(start, "unterminated string");
      if (accept('"')) return true;
      if (peek() != '\\') return fail("a control character in a string must be escaped");
      if (!escape(out)) return false;
    }
  }

  bool escape(std::string &out) {
    static constexpr std::string_view written = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    const std::size_t start = position_++;
    if (accept('u')) return unicode_escape(out, start);
    const std::size_t found = at_end() ? std::string_view::npos : written.find(peek());
    if (found == std::string_view::npos) return fail_at(start, "invalid escape sequence");
    out += meant[found];
    ++position_;
    return true;
  }

  bool unicode_escape(std::string &out, std::size_t start) {
    std::uint32_t code = 0, low = 0;
    if (!code_unit(code)) return fail_at(start, "invalid escape sequence");
    if (is_high_surrogate(code) && accept('\\') && accept('u') && code_unit(low) && is_low_surrogate(low)) code = of_surrogates(code, low);
    if (is_surrogate(code)) return fail_at(start, "a surrogate without its other half");
    append_utf8(out, code);
    return true;
  }

  bool code_unit(std::uint32_t &code) {
    code = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
      const int digit = hex_value(peek());
      if (digit < 0) return false;
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  struct Open {
    Value value;
    std::string key; // Object: of the member that is being read
  };

  std::string_view text_;
  ParseError &error_;
  const int max_depth_;
  std::size_t position_ = 0;
  std::vector<Open> stack_;
};

} // namespace

std::optional<Value> parse(std::string_view text, ParseError &error, int max_depth) { return Parser(text, error, max_depth).document(); }

} // namespace gqlsvl::json
