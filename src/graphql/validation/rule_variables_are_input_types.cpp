#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class VariablesAreInputTypes : public Listener {
public:
  explicit VariablesAreInputTypes(Context &context) : context_(context) {}
  void variable_definition(const language::VariableDefinition &variable) override {
    const language::TypeReference *named = &variable.type;
    while (named->of) named = named->of.get();
    const schema::NamedType *type = context_.schema.type(named->name);
    if (!type)
      context_.report("no such type exists in the schema: '" + named->name + "'", named->at);
    else if (type->kind == schema::NamedKind::Object)
      context_.report("variable '" + variable.name + "' cannot be of the output type '" + variable.type.to_string() + "'", named->at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_variables_are_input_types(Context &context) { return std::make_unique<VariablesAreInputTypes>(context); }

} // namespace gqlsvl::graphql::validation
