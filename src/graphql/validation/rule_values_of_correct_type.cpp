#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

using language::ValueKind;

class ValuesOfCorrectType : public Listener {
public:
  explicit ValuesOfCorrectType(Context &context) : context_(context) {}

  void value(const language::Value &value, const ValuePlace &place) override {
    if (!place.type || value.kind == ValueKind::Variable) return;
    const schema::TypeRef &type = *place.type;
    if (value.kind == ValueKind::Null) {
      if (type.non_null || refuses_null(place)) context_.report(null_refusal(type.type->name), value.at);
      return;
    }
    if (type.list && value.kind == ValueKind::List) return; // its items come next
    switch (type.type->kind) {
    case schema::NamedKind::Scalar: scalar(value, place, *type.type); break;
    case schema::NamedKind::Enum: enum_value(value, *type.type); break;
    case schema::NamedKind::Input: object(value, *type.type); break;
    case schema::NamedKind::Object: break; // rule_variables_are_input_types
    }
  }

private:
  void scalar(const language::Value &value, const ValuePlace &place, const schema::NamedType &type) {
    const auto refusal = refuse_scalar(context_.schema, type, place_of(place.input), written(value.kind), value.text);
    if (refusal) context_.report(*refusal, value.at);
  }

  void enum_value(const language::Value &value, const schema::NamedType &type) {
    if (value.kind != ValueKind::Enum) {
      context_.report(wrong_kind("an enum value", type.name, written(value.kind)), value.at);
    } else if (const auto refusal = refuse_enum_value(type, value.text))
      context_.report(*refusal, value.at);
  }

  void object(const language::Value &value, const schema::NamedType &type) {
    if (value.kind != ValueKind::Object) context_.report(wrong_kind("an object", type.name, written(value.kind)), value.at);
  }

  Context &context_;
};

} // namespace

Rule rule_values_of_correct_type(Context &context) { return std::make_unique<ValuesOfCorrectType>(context); }

} // namespace gqlsvl::graphql::validation
