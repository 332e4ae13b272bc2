#include "base/json.h"

namespace gqlsvl::json {

Value::Value() = default;
Value::Value(const Value &) = default;
Value::Value(Value &&) noexcept = default;
Value &Value::operator=(const Value &) = default;
Value &Value::operator=(Value &&) noexcept = default;
Value::~Value() = default;

const Value *Value::find(std::string_view key) const {
  if (kind != Kind::Object) return nullptr;
  for (auto it = members.rbegin(); it != members.rend(); ++it)
    if (it->first == key) return &it->second;
  return nullptr;
}

std::optional<std::string_view> Value::string(std::string_view key) const {
  const Value *found = find(key);
  if (found && found->is_string()) return found->text;
  return std::nullopt;
}

namespace {

void append_escaped(std::string &out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
  case '"': out += "\\\""; break;
  case '\\': out += "\\\\"; break;
  case '\b': out += "\\b"; break;
  case '\f': out += "\\f"; break;
  case '\n': out += "\\n"; break;
  case '\r': out += "\\r"; break;
  case '\t': out += "\\t"; break;
  default:
    out += "\\u00";
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[c & 15];
  }
}

} // namespace

void append_string(std::string &out, std::string_view utf8) {
  out += '"';
  std::size_t plain = 0; // where the run of characters that stand for themselves begins
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (static_cast<unsigned char>(utf8[i]) >= 0x20 && utf8[i] != '"' && utf8[i] != '\\') continue;
    out.append(utf8, plain, i - plain);
    append_escaped(out, utf8[i]);
    plain = i + 1;
  }
  out.append(utf8, plain);
  out += '"';
}

void append(std::string &out, const Value &value) {
  switch (value.kind) {
  case Kind::Null: out += "null"; break;
  case Kind::Boolean: out += value.boolean ? "true" : "false"; break;
  case Kind::Number: out += value.text; break;
  case Kind::String: append_string(out, value.text); break;
  case Kind::Array:
    out += '[';
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (i) out += ',';
      append(out, value.items[i]);
    }
    out += ']';
    break;
  case Kind::Object:
    out += '{';
    for (std::size_t i = 0; i < value.members.size(); ++i) {
      if (i) out += ',';
      append_string(out, value.members[i].first);
      out += ':';
      append(out, value.members[i].second);
    }
    out += '}';
    break;
  }
}

std::string to_string(const Value &value) {
  std::string out;
  append(out, value);
  return out;
}

} // namespace gqlsvl::json
