#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

class UniqueVariableNames : public Listener {
public:
  explicit UniqueVariableNames(Context &context) : context_(context) {}
  void operation(const language::Operation &operation, const schema::NamedType *) override {
    std::unordered_set<std::string_view> seen;
    for (const language::VariableDefinition &variable : operation.variables)
      if (!seen.insert(variable.name).second)
        context_.report("multiple definitions for variable \"" + variable.name + "\"", variable.at, "parse-failed");
  }

private:
  Context &context_;
};

} // namespace

Rule rule_unique_variable_names(Context &context) { return std::make_unique<UniqueVariableNames>(context); }

} // namespace gqlsvl::graphql::validation
