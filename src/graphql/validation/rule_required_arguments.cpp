#include "graphql/validation/rules.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

namespace {

class RequiredArguments : public Listener {
public:
  explicit RequiredArguments(Context &context) : context_(context) {}
  void arguments(const std::vector<language::Argument> &arguments, const std::vector<schema::InputValue> &definitions, const std::string &,
                 language::Location at) override {
    for (const schema::InputValue &input : definitions) {
      if (!input.type.non_null || input.default_value) continue;
      const bool given = std::any_of(arguments.begin(), arguments.end(), [&](const auto &argument) { return argument.name == input.name; });
      PathStep step(context_, ".args");
      if (!given) context_.report("missing required field '" + input.name + "'", at);
    }
  }

private:
  Context &context_;
};

} // namespace

Rule rule_required_arguments(Context &context) { return std::make_unique<RequiredArguments>(context); }

} // namespace gqlsvl::graphql::validation
