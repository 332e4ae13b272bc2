#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

class UniqueArgumentNames : public Listener {
public:
  explicit UniqueArgumentNames(Context &context) : context_(context) {}
  void arguments(const std::vector<language::Argument> &arguments, const std::vector<schema::InputValue> &, const std::string &owner,
                 language::Location) override {
    std::unordered_set<std::string_view> seen;
    for (const language::Argument &argument : arguments)
      if (!seen.insert(argument.name).second)
        context_.report("multiple definitions of argument '" + argument.name + "' of '" + owner + "'", argument.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_unique_argument_names(Context &context) { return std::make_unique<UniqueArgumentNames>(context); }

} // namespace gqlsvl::graphql::validation
