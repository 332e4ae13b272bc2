#include "base/json.h"

#include <nlohmann/json.hpp>

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

// Builds the tree from the parser's events; open containers are on an explicit stack.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
  TreeBuilder(ParseError &error, int max_depth) : error_(error), max_depth_(max_depth) {}
  Value take() { return std::move(root_); }

  bool null() override { return add(Value{}); }
  bool boolean(bool value) override {
    Value v;
    v.kind = Kind::Boolean;
    v.boolean = value;
    return add(std::move(v));
  }
  bool number_integer(number_integer_t value) override { return add_text(Kind::Number, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add_text(Kind::Number, std::to_string(value)); }
  bool number_float(number_float_t, const string_t &written) override { return add_text(Kind::Number, written); }
  bool string(string_t &value) override { return add_text(Kind::String, std::move(value)); }
  bool binary(binary_t &) override { return false; }
  bool start_object(std::size_t) override { return open(Kind::Object); }
  bool start_array(std::size_t) override { return open(Kind::Array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t &name) override {
    keys_.back() = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string &, const nlohmann::detail::exception &reason) override {
    error_.byte = position;
    error_.message = reason.what();
    return false;
  }

private:
  bool add_text(Kind kind, std::string text) {
    Value v;
    v.kind = kind;
    v.text = std::move(text);
    return add(std::move(v));
  }
  bool add(Value v) {
    if (stack_.empty()) {
      root_ = std::move(v);
      return true;
    }
    Value &parent = stack_.back();
    if (parent.kind == Kind::Array)
      parent.items.push_back(std::move(v));
    else
      parent.members.emplace_back(std::move(keys_.back()), std::move(v));
    return true;
  }
  bool open(Kind kind) {
    if (static_cast<int>(stack_.size()) >= max_depth_) {
      error_.message = "nested deeper than " + std::to_string(max_depth_) + " levels";
      return false;
    }
    stack_.emplace_back();
    stack_.back().kind = kind;
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Value done = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    return add(std::move(done));
  }

  ParseError &error_;
  int max_depth_;
  Value root_;
  std::vector<Value> stack_;
  std::vector<std::string> keys_;
};

} // namespace

std::optional<Value> parse(std::string_view text, ParseError &error, int max_depth) {
  TreeBuilder builder(error, max_depth);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.take();
}

void append_string(std::string &out, std::string_view utf8) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (char c : utf8) {
    auto byte = static_cast<unsigned char>(c);
    switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (byte < 0x20) {
        out += "\\u00";
        out += hex[byte >> 4];
        out += hex[byte & 15];
      } else
        out += c;
    }
  }
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
