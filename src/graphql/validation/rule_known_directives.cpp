#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class KnownDirectives : public Listener {
public:
  explicit KnownDirectives(Context &context) : context_(context) {}
  void directives(const std::vector<language::Directive> &directives, const std::string &) override {
    for (const language::Directive &directive : directives)
      if (!find_directive(context_.schema, directive.name))
        context_.report("directive \"" + directive.name + "\" is not defined in the schema", directive.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_known_directives(Context &context) { return std::make_unique<KnownDirectives>(context); }

} // namespace gqlsvl::graphql::validation
