#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class KnownArgumentNames : public Listener {
public:
  explicit KnownArgumentNames(Context &context) : context_(context) {}
  void arguments(const std::vector<language::Argument> &arguments, const std::vector<schema::InputValue> &definitions,
                 const std::string &owner, language::Location) override {
    for (const language::Argument &argument : arguments)
      if (!find_input(definitions, argument.name))
        context_.report("'" + owner + "' has no argument named '" + argument.name + "'", argument.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_known_argument_names(Context &context) { return std::make_unique<KnownArgumentNames>(context); }

} // namespace gqlsvl::graphql::validation
