#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class InputFieldNames : public Listener {
public:
  explicit InputFieldNames(Context &context) : context_(context) {}
  void value(const language::Value &value, const ValuePlace &place) override {
    const schema::NamedType *type = input_object(value, place);
    if (!type) return;
    for (const language::ObjectField &field : value.fields) {
      PathStep step(context_, "." + field.name);
      if (!type->input(field.name)) context_.report("field '" + field.name + "' not found in type: '" + type->name + "'", field.at);
    }
  }

private:
  Context &context_;
};

} // namespace

Rule rule_input_field_names(Context &context) { return std::make_unique<InputFieldNames>(context); }

} // namespace gqlsvl::graphql::validation
