#include "graphql/validation/rules.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

namespace {

class RequiredInputFields : public Listener {
public:
  explicit RequiredInputFields(Context &context) : context_(context) {}
  void value(const language::Value &value, const ValuePlace &place) override {
    const schema::NamedType *type = input_object(value, place);
    if (!type) return;
    for (const schema::InputValue &input : type->inputs) {
      if (!input.type.non_null || input.default_value) continue;
      const bool given = std::any_of(value.fields.begin(), value.fields.end(), [&](const auto &field) { return field.name == input.name; });
      if (!given) context_.report("missing required field '" + input.name + "'", value.at);
    }
  }

private:
  Context &context_;
};

} // namespace

Rule rule_required_input_fields(Context &context) { return std::make_unique<RequiredInputFields>(context); }

} // namespace gqlsvl::graphql::validation
