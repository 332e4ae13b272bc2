#include "graphql/validation/variables.h"
#include "graphql/validation/variable_places.h"
#include "graphql/validation/walk.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

namespace {

using json::Kind;

Written written(const json::Value &value) {
  switch (value.kind) {
  case Kind::Null: return Written::Null;
  case Kind::Boolean: return Written::Boolean;
  case Kind::Number: return value.text.find_first_of(".eE") == std::string::npos ? Written::Integer : Written::Float;
  case Kind::String: return Written::String;
  case Kind::Array: return Written::List;
  case Kind::Object: return Written::Object;
  }
  return Written::Null;
}

json::Value list_of(json::Value item) {
  json::Value list;
  list.kind = Kind::Array;
  list.items.push_back(std::move(item));
  return list;
}

// Coerces one variable at a time; stops at the first error of it.
class Coercion {
public:
  Coercion(const schema::Schema &schema, Errors &errors) : schema_(schema), errors_(errors) {}

  bool variable(const language::VariableDefinition &definition, const json::Value *given, VariableValue &out) {
    path_ = "$.variables." + definition.name;
    at_ = definition.at;
    if (!given && definition.default_value) {
      out.value = evaluate(*definition.default_value, Variables{});
    } else if (!given && definition.type.non_null) {
      return fail({"expecting a value for non-nullable variable: \"" + definition.name + "\""});
    } else if (!given) {
      out = {json::Value{}, false};
      return true;
    } else
      out.value = *given;
    return coerce(out.value, definition.type);
  }

private:
  bool fail(const Refusal &refusal) {
    GraphQLError error;
    error.message = refusal.message;
    error.code = refusal.code;
    error.path = path_;
    error.locations = {at_};
    errors_.push_back(std::move(error));
    return false;
  }

  // A type as the document writes it; lists of lists are possible here.
  bool coerce(json::Value &value, const language::TypeReference &type) {
    if (value.is_null()) return type.non_null ? fail(null_refusal(type.to_string())) : true;
    if (!type.of) {
      const schema::NamedType *named = schema_.type(type.name);
      return named ? coerce_named(value, *named, Place::Variable) : fail({"no such type exists in the schema: '" + type.name + "'"});
    }
    if (!value.is_array()) {
      if (!coerce(value, *type.of)) return false;
      value = list_of(std::move(value));
      return true;
    }
    return each_item(value, [&](json::Value &item) { return coerce(item, *type.of); });
  }

  // The value of an input field.
  bool coerce(json::Value &value, const schema::InputValue &input, const schema::NamedType &owner) {
    const schema::TypeRef &type = input.type;
    if (value.is_null()) {
      const bool refused = type.non_null || refuses_null({type, &input, &owner, false});
      return refused ? fail(null_refusal(type.type->name)) : true;
    }
    const Place place = place_of(&input);
    if (!type.list || is_array_literal(value, input)) return coerce_named(value, *type.type, place);
    auto coerce_item = [&](json::Value &item) {
      if (item.is_null()) return type.item_non_null ? fail(null_refusal(type.type->name)) : true;
      return coerce_named(item, *type.type, place);
    };
    if (value.is_array()) return each_item(value, coerce_item);
    if (!coerce_item(value)) return false;
    value = list_of(std::move(value));
    return true;
  }

  // "{a,b}" for a column of an array type, as in Hasura: Postgres reads it.
  static bool is_array_literal(const json::Value &value, const schema::InputValue &input) {
    const bool list_operator = input.name == "_in" || input.name == "_nin";
    return place_of(&input) == Place::Column && !list_operator && value.is_string() && value.text.starts_with('{');
  }

  template <typename F> bool each_item(json::Value &list, F &&coerce_item) {
    const std::size_t length = path_.size();
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      path_ += "[" + std::to_string(i) + "]";
      if (!coerce_item(list.items[i])) return false;
      path_.resize(length);
    }
    return true;
  }

  bool coerce_named(json::Value &value, const schema::NamedType &type, Place place) {
    if (type.kind == schema::NamedKind::Input) return coerce_object(value, type);
    if (type.kind == schema::NamedKind::Enum) {
      if (!value.is_string()) return fail(wrong_kind("an enum value", type.name, written(value)));
      const auto refusal = refuse_enum_value(type, value.text);
      return refusal ? fail(*refusal) : true;
    }
    const auto refusal = refuse_scalar(schema_, type, place, written(value), value.text);
    if (refusal) return fail(*refusal);
    const ScalarClass scalar_class = classify(schema_, type);
    if (value.is_number() && scalar_class <= ScalarClass::Int64) value.text = integral(value.text).value_or(value.text);
    return true;
  }

  bool coerce_object(json::Value &value, const schema::NamedType &type) {
    if (!value.is_object()) return fail(wrong_kind("an object", type.name, written(value)));
    keep_last_of_equal_keys(value);
    const std::size_t length = path_.size();
    for (auto &[key, member] : value.members) {
      path_ += "." + key;
      const schema::InputValue *input = type.input(key);
      if (!input) return fail({"field '" + key + "' not found in type: '" + type.name + "'"});
      if (!coerce(member, *input, type)) return false;
      path_.resize(length);
    }
    return add_defaults(value, type);
  }

  bool add_defaults(json::Value &value, const schema::NamedType &type) {
    for (const schema::InputValue &input : type.inputs) {
      if (!input.default_value && !input.type.non_null) continue;
      if (value.find(input.name)) continue;
      if (!input.default_value) return fail({"missing required field '" + input.name + "'"});
      value.members.emplace_back(input.name, evaluate(*input.default_value, Variables{}));
    }
    return true;
  }

  static void keep_last_of_equal_keys(json::Value &object) {
    std::unordered_set<std::string> seen;
    std::vector<std::pair<std::string, json::Value>> kept;
    for (auto member = object.members.rbegin(); member != object.members.rend(); ++member)
      if (seen.insert(member->first).second) kept.push_back(std::move(*member));
    std::reverse(kept.begin(), kept.end());
    object.members = std::move(kept);
  }

  const schema::Schema &schema_;
  Errors &errors_;
  std::string path_;
  language::Location at_;
};

void add_error(Errors &errors, const std::string &message, const std::string &path) {
  GraphQLError error;
  error.message = message;
  error.path = path;
  errors.push_back(std::move(error));
}

void refuse_unexpected(const language::Operation &operation, const json::Value &given, Errors &errors) {
  std::unordered_set<std::string_view> defined;
  for (const language::VariableDefinition &definition : operation.variables) defined.insert(definition.name);
  std::string unexpected;
  constexpr std::size_t enough = 1000; // characters of a message
  for (const auto &[name, value] : given.members)
    if (!defined.count(name) && unexpected.size() < enough) unexpected += (unexpected.empty() ? "" : ", ") + name;
  if (!unexpected.empty()) add_error(errors, "unexpected variables in variableValues: " + unexpected, "$.variables");
}

} // namespace

std::optional<Variables> coerce_variables(const schema::Schema &schema, const language::Document &document,
                                          const language::Operation &operation, const json::Value *given, Errors &errors) {
  const std::size_t before = errors.size();
  if (given && !given->is_null() && !given->is_object()) {
    add_error(errors, "expected an object for variables, but found " + describe(written(*given)), "$.variables");
    return std::nullopt;
  }
  std::unordered_map<std::string_view, const json::Value *> given_by_name; // of equal names the last one counts
  if (given)
    for (const auto &[name, value] : given->members) given_by_name[name] = &value;
  Variables out;
  Coercion coercion(schema, errors);
  for (const language::VariableDefinition &definition : operation.variables) {
    const auto found = given_by_name.find(definition.name);
    VariableValue value;
    if (coercion.variable(definition, found == given_by_name.end() ? nullptr : found->second, value))
      out.set(definition.name, std::move(value));
  }
  if (given) refuse_unexpected(operation, *given, errors);
  if (errors.size() == before) check_variable_places(schema, document, operation, out, errors);
  if (errors.size() > before) return std::nullopt;
  return out;
}

json::Value evaluate(const language::Value &literal, const Variables &variables) {
  json::Value out;
  switch (literal.kind) {
  case language::ValueKind::Null: break;
  case language::ValueKind::Variable:
    if (const VariableValue *found = variables.find(literal.text)) out = found->value;
    break;
  case language::ValueKind::Boolean:
    out.kind = Kind::Boolean;
    out.boolean = literal.text == "true";
    break;
  case language::ValueKind::Int:
  case language::ValueKind::Float:
    out.kind = Kind::Number;
    out.text = literal.text;
    break;
  case language::ValueKind::String:
  case language::ValueKind::Enum:
    out.kind = Kind::String;
    out.text = literal.text;
    break;
  case language::ValueKind::List:
    out.kind = Kind::Array;
    for (const language::Value &item : literal.items) out.items.push_back(evaluate(item, variables));
    break;
  case language::ValueKind::Object:
    out.kind = Kind::Object;
    for (const language::ObjectField &field : literal.fields) out.members.emplace_back(field.name, evaluate(field.value, variables));
    break;
  }
  return out;
}

} // namespace gqlsvl::graphql::validation
