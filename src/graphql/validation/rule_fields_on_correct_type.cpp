#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class FieldsOnCorrectType : public Listener {
public:
  explicit FieldsOnCorrectType(Context &context) : context_(context) {}
  void field(const language::Selection &field, const schema::NamedType &parent, const schema::Field *definition) override {
    if (!definition) context_.report("field '" + field.name + "' not found in type: '" + parent.name + "'", field.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_fields_on_correct_type(Context &context) { return std::make_unique<FieldsOnCorrectType>(context); }

} // namespace gqlsvl::graphql::validation
