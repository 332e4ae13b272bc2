// Values of variables and literals as text for Postgres's input functions, and the shape of variables.
#include "graphql/compile/compile.h"
#include "graphql/compile/fault.h"

namespace gqlsvl::graphql::compile {

namespace {

const json::Value *walk(const json::Value *value, const std::vector<PathStep> &path) {
  for (const PathStep &step : path) {
    if (!value) return nullptr;
    if (!step.key.empty())
      value = value->find(step.key);
    else
      value = value->is_array() && step.index < value->items.size() ? &value->items[step.index] : nullptr;
  }
  return value;
}

std::string scalar_text(const json::Value &value) {
  switch (value.kind) {
  case json::Kind::Boolean: return value.boolean ? "true" : "false";
  case json::Kind::Number:
  case json::Kind::String: return value.text;
  default: return json::to_string(value);
  }
}

// A list as Postgres's array literal: every element quoted, so that nothing in it is syntax.
std::string array_text(const std::vector<json::Value> &items, bool json_items) {
  std::string text = "{";
  for (const json::Value &item : items) {
    if (text.size() > 1) text += ',';
    if (item.is_null()) {
      text += "NULL";
    } else if (item.is_array() && !json_items) {
      text += array_text(item.items, json_items);
    } else {
      text += '"';
      for (char c : json_items ? json::to_string(item) : scalar_text(item)) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
      }
      text += '"';
    }
  }
  return text + "}";
}

std::optional<std::string> encode(const json::Value &value, const Parameter &parameter) {
  if (value.is_null()) return std::nullopt;
  switch (parameter.encoding) {
  case Encoding::Scalar: return scalar_text(value);
  case Encoding::Json: return json::to_string(value);
  case Encoding::Array:
    if (value.is_string() && !parameter.json_items && value.text.starts_with('{')) return value.text;
    [[fallthrough]];
  case Encoding::List: break;
  }
  return value.is_array() ? array_text(value.items, parameter.json_items) : array_text({value}, parameter.json_items);
}

void append_shape(std::string &shape, const schema::NamedType *type, const json::Value &value, bool boolean_counts) {
  if (value.is_null()) {
    shape += 'n';
  } else if (value.is_array() && type && type->kind != schema::NamedKind::Scalar) {
    shape += '[';
    for (const json::Value &item : value.items) append_shape(shape, type, item, boolean_counts);
    shape += ']';
  } else if (type && type->kind == schema::NamedKind::Input && value.is_object()) {
    shape += '{';
    for (const auto &[key, member] : value.members) {
      const schema::InputValue *input = type->input(key);
      shape += key + ":";
      append_shape(shape, input ? input->type.type : nullptr, member, key == "_is_null");
    }
    shape += '}';
  } else if (type && type->kind == schema::NamedKind::Enum) {
    shape += '=' + value.text + ';';
  } else if (value.kind == json::Kind::Boolean && boolean_counts) {
    shape += value.boolean ? 't' : 'f';
  } else {
    shape += 'v';
  }
}

} // namespace

std::string shape_of(const schema::Schema &schema, const language::Operation &operation, const validation::Variables &variables) {
  std::string shape;
  for (const language::VariableDefinition &definition : operation.variables) {
    const language::TypeReference *type = &definition.type;
    while (type->of) type = type->of.get();
    const validation::VariableValue *value = variables.find(definition.name);
    if (value) append_shape(shape, schema.type(type->name), value->value, true);
    shape += '|';
  }
  return shape;
}

std::optional<std::string> parameter_text(const Parameter &parameter, const validation::Variables &variables) {
  std::optional<std::string> text;
  if (parameter.source == ParameterSource::Literal) {
    text = encode(validation::evaluate(*parameter.literal, variables), parameter);
  } else {
    const validation::VariableValue *variable = variables.find(parameter.variable);
    const json::Value *value = variable ? walk(&variable->value, parameter.path) : nullptr;
    if (value) text = encode(*value, parameter);
  }
  if (parameter.non_negative && text && !text->empty() && text->front() == '-')
    throw Fault("expected a non-negative 32-bit integer for type 'Int', but found an integer", parameter.argument_path);
  return text;
}

} // namespace gqlsvl::graphql::compile
