#include "graphql/compile/input.h"

namespace gqlsvl::graphql::compile {

using language::ValueKind;

Input::Input(const language::Value &literal, const validation::Variables &variables) : variables_(&variables), literal_(&literal) {
  if (literal.kind != ValueKind::Variable) return;
  static const json::Value *const none = new json::Value; // null; never freed, so that no destructor runs at exit
  const validation::VariableValue *value = variables.find(literal.text);
  literal_ = nullptr;
  json_ = value ? &value->value : none;
  variable_ = literal.text;
}

bool Input::is_null() const { return literal_ ? literal_->kind == ValueKind::Null : json_->is_null(); }
bool Input::is_list() const { return literal_ ? literal_->kind == ValueKind::List : json_->is_array(); }
bool Input::boolean() const { return literal_ ? literal_->text == "true" : json_->boolean; }
std::string Input::text() const { return literal_ ? literal_->text : json_->text; }

std::vector<Input> Input::items() const {
  if (!is_list()) return {*this};
  std::vector<Input> items;
  if (literal_) {
    for (const language::Value &item : literal_->items) items.emplace_back(item, *variables_);
    return items;
  }
  for (std::size_t i = 0; i < json_->items.size(); ++i) {
    Input item = *this;
    item.json_ = &json_->items[i];
    item.path_.push_back({"", i});
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<std::pair<std::string, Input>> Input::members() const {
  std::vector<std::pair<std::string, Input>> members;
  if (literal_) {
    for (const language::ObjectField &field : literal_->fields) members.emplace_back(field.name, Input(field.value, *variables_));
    return members;
  }
  for (const auto &[key, value] : json_->members) {
    Input member = *this;
    member.json_ = &value;
    member.path_.push_back({key, 0});
    members.emplace_back(key, std::move(member));
  }
  return members;
}

std::optional<Input> Input::member(const std::string &name) const {
  for (auto &[key, value] : members())
    if (key == name) return value;
  return std::nullopt;
}

Parameter Input::parameter(catalog::Oid type, Encoding encoding) const {
  Parameter parameter;
  parameter.type = type;
  parameter.encoding = encoding;
  parameter.literal = literal_;
  parameter.source = literal_ ? ParameterSource::Literal : ParameterSource::Variable;
  parameter.variable = variable_;
  parameter.path = path_;
  return parameter;
}

} // namespace gqlsvl::graphql::compile
