// JSON in and out, without Postgres.
//
// In:  text (request bodies, variables, tokens).
// Out: a tree that keeps the order of keys and numbers **as written** (bigint and numeric must not pass through a double); a writer.
// Always: bounded depth (`max_depth`), no recursion on the input's depth while parsing; invalid UTF-8 is an error. A string may hold
// U+0000, which Postgres's text cannot: who passes one on as text refuses it.
// Our own parser: the libraries at hand read numbers as double or 64-bit integers (1e999, -0 and numeric lose), and answer in their words.
#pragma once
#include "base/no_postgres.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gqlsvl::json {

enum class Kind { Null, Boolean, Number, String, Array, Object };

struct Value {
  // Defined in json.cpp: a pair that holds a Value can be completed only after it (clang 14 with libstdc++ insists).
  Value();
  Value(const Value &);
  Value(Value &&) noexcept;
  Value &operator=(const Value &);
  Value &operator=(Value &&) noexcept;
  ~Value();

  Kind kind = Kind::Null;
  bool boolean = false;
  std::string text;                                   // String: decoded UTF-8. Number: exactly as written.
  std::vector<Value> items;                           // Array
  std::vector<std::pair<std::string, Value>> members; // Object, in the order written; of equal keys the last one counts

  bool is_null() const { return kind == Kind::Null; }
  bool is_string() const { return kind == Kind::String; }
  bool is_number() const { return kind == Kind::Number; }
  bool is_array() const { return kind == Kind::Array; }
  bool is_object() const { return kind == Kind::Object; }
  const Value *find(std::string_view key) const;                      // null when absent or not an object
  std::optional<std::string_view> string(std::string_view key) const; // member that is a string
};

struct ParseError {
  std::size_t byte = 0; // offset in the text
  std::string message;  // expected ',' or ']'
};

// The value, or nothing and `error` filled. `max_depth` counts nested arrays and objects.
std::optional<Value> parse(std::string_view text, ParseError &error, int max_depth = 200);

void append_string(std::string &out, std::string_view utf8); // quoted and escaped
void append(std::string &out, const Value &value);
std::string to_string(const Value &value);

} // namespace gqlsvl::json
