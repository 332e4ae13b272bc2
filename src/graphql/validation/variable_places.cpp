#include "graphql/validation/variable_places.h"
#include "graphql/validation/walk.h"

namespace gqlsvl::graphql::validation {

namespace {

Written written(const json::Value &value) {
  if (value.kind == json::Kind::Boolean) return Written::Boolean;
  if (value.kind == json::Kind::String) return Written::String;
  if (value.kind == json::Kind::Number) return value.text.find_first_of(".eE") == std::string::npos ? Written::Integer : Written::Float;
  return value.is_array() ? Written::List : Written::Object;
}

class VariablePlaces : public Listener {
public:
  VariablePlaces(Context &context, const Variables &variables) : context_(context), variables_(variables) {}

  void value(const language::Value &value, const ValuePlace &place) override {
    if (value.kind != language::ValueKind::Variable || !place.type) return;
    if (const VariableValue *found = variables_.find(value.text)) check(value, found->value, place);
  }

private:
  void check(const language::Value &usage, const json::Value &value, const ValuePlace &place) {
    if (value.is_null()) {
      const bool default_counts = !place.item && place.input && place.input->default_value && !variables_.find(usage.text)->provided;
      if ((place.type->non_null && !default_counts) || refuses_null(place)) report(usage, null_refusal(place.type->type->name));
      return;
    }
    if (place.type->type->kind != schema::NamedKind::Scalar) return; // enums and objects were checked with their type
    if (!place.type->list || !value.is_array()) {
      check_scalar(usage, value, place);
      return;
    }
    for (const json::Value &item : value.items)
      if (!item.is_null() && !check_scalar(usage, item, place)) return;
  }

  bool check_scalar(const language::Value &usage, const json::Value &value, const ValuePlace &place) {
    const auto refusal = refuse_scalar(context_.schema, *place.type->type, place_of(place.input), written(value), value.text);
    if (refusal) report(usage, *refusal);
    return !refusal;
  }

  void report(const language::Value &usage, const Refusal &refusal) {
    context_.report_at("$.variables." + usage.text, refusal.message, usage.at, refusal.code);
  }

  Context &context_;
  const Variables &variables_;
};

} // namespace

void check_variable_places(const schema::Schema &schema, const language::Document &document, const language::Operation &operation,
                           const Variables &variables, Errors &errors) {
  if (operation.variables.empty()) return;
  const ValidationLimits limits;
  Context context(schema, document, limits);
  VariablePlaces places(context, variables);
  Listener *const listeners[] = {&places};
  Walk(context, listeners, &variables).operation(operation);
  errors.insert(errors.end(), context.errors.begin(), context.errors.end());
}

} // namespace gqlsvl::graphql::validation
