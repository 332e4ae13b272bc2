// Values of variables and literals as text for Postgres's input functions, and the shape of variables.
#include "graphql/compile/compile.h"
#include "graphql/compile/fault.h"

#include <algorithm>
#include <set>

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

// The steps of a path: a.b[0]["odd key"], with or without a leading "$" or "$.". Nothing: it is none.
std::optional<std::vector<json::Value>> path_steps(std::string_view text) {
  std::vector<json::Value> steps;
  auto add = [&](std::string_view step) {
    steps.emplace_back().kind = json::Kind::String;
    steps.back().text = step;
    return !step.empty();
  };
  if (text.starts_with('$')) text.remove_prefix(1);
  bool dot = text.starts_with('.'); // a name must follow
  if (dot) text.remove_prefix(1);
  while (!text.empty() || dot) {
    if (text.starts_with('[') && !dot) {
      const char quote = text.size() > 1 && (text[1] == '"' || text[1] == '\'') ? text[1] : '\0';
      const std::size_t end = quote ? text.find(std::string{quote, ']'}, 2) : text.find(']');
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view inside = quote ? text.substr(2, end - 2) : text.substr(1, end - 1);
      if (!add(inside) || (!quote && inside.find_first_not_of("0123456789") != std::string_view::npos)) return std::nullopt;
      text.remove_prefix(end + (quote ? 2 : 1));
    } else {
      const std::size_t end = std::min(text.find_first_of(".["), text.size());
      if (!add(text.substr(0, end))) return std::nullopt;
      text.remove_prefix(end);
    }
    dot = text.starts_with('.');
    if (dot)
      text.remove_prefix(1);
    else if (!text.empty() && !text.starts_with('['))
      return std::nullopt;
  }
  return steps;
}

std::string path_text(const std::string &path, const std::string &argument_path) {
  const auto steps = path_steps(path);
  if (!steps) throw Fault("parse json path error: \"" + path + "\" is not a path such as a.b[0]", argument_path);
  return array_text(*steps, false);
}

std::optional<std::string> encode(const json::Value &value, const Parameter &parameter) {
  if (value.is_null()) return std::nullopt;
  switch (parameter.encoding) {
  case Encoding::Scalar: return scalar_text(value);
  case Encoding::Json: return json::to_string(value);
  case Encoding::Array:
    if (value.is_string() && !parameter.json_items && value.text.starts_with('{')) return value.text;
    break;
  case Encoding::List: break;
  case Encoding::Path: return path_text(value.text, parameter.argument_path);
  }
  return value.is_array() ? array_text(value.items, parameter.json_items) : array_text({value}, parameter.json_items);
}

// Values that are parameters of the SQL, and do not decide on it.
bool is_data(const schema::NamedType &type) { return type.kind == schema::NamedKind::Scalar || type.of_rows; }

void append_shape(std::string &shape, const schema::NamedType *type, const json::Value &value, bool boolean_counts) {
  if (value.is_null()) {
    shape += 'n';
  } else if (value.is_array() && type && !is_data(*type)) {
    shape += '[';
    for (const json::Value &item : value.items) append_shape(shape, type, item, boolean_counts);
    shape += ']';
  } else if (type && type->kind == schema::NamedKind::Input && value.is_object()) {
    shape += '{';
    for (const auto &[key, member] : value.members) {
      const schema::InputValue *input = type->input(key);
      shape += key + ":";
      append_shape(shape, input ? input->type.type : nullptr, member, key == "_is_null" || key == "distinct");
    }
    shape += '}';
  } else if (type && type->kind == schema::NamedKind::Enum && !type->of_rows) {
    shape += '=' + value.text + ';';
  } else if (value.kind == json::Kind::Boolean && boolean_counts) {
    shape += value.boolean ? 't' : 'f';
  } else {
    shape += 'v';
  }
}

void find_row_counts(const std::vector<language::Selection> &selections, std::set<std::string> &names) {
  for (const language::Selection &selection : selections) {
    for (const language::Argument &argument : selection.arguments)
      if (argument.value.kind == language::ValueKind::Variable && (argument.name == "limit" || argument.name == "offset"))
        names.insert(argument.value.text);
    find_row_counts(selection.selections, names);
  }
}

} // namespace

std::vector<std::string> row_count_variables(const language::Document &document) {
  std::set<std::string> names;
  for (const language::Operation &operation : document.operations) find_row_counts(operation.selections, names);
  for (const language::Fragment &fragment : document.fragments) find_row_counts(fragment.selections, names);
  return {names.begin(), names.end()};
}

std::string shape_of(const schema::Schema &schema, const language::Operation &operation, const validation::Variables &variables,
                     const std::vector<std::string> &row_counts) {
  std::string shape;
  for (const language::VariableDefinition &definition : operation.variables) {
    const language::TypeReference *type = &definition.type;
    while (type->of) type = type->of.get();
    const validation::VariableValue *value = variables.find(definition.name);
    if (value && std::binary_search(row_counts.begin(), row_counts.end(), definition.name))
      shape += scalar_text(value->value);
    else if (value)
      append_shape(shape, schema.type(type->name), value->value, true);
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
