#include "graphql/validation/rules.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

namespace {

class DirectiveLocations : public Listener {
public:
  explicit DirectiveLocations(Context &context) : context_(context) {}
  void directives(const std::vector<language::Directive> &directives, const std::string &location) override {
    for (const language::Directive &directive : directives) {
      const schema::DirectiveDefinition *definition = find_directive(context_.schema, directive.name);
      if (!definition || std::find(definition->locations.begin(), definition->locations.end(), location) != definition->locations.end())
        continue;
      context_.report("directive \"" + directive.name + "\" is not allowed on a " + in_words(location), directive.at);
    }
  }

private:
  // FRAGMENT_SPREAD -> fragment spread
  static std::string in_words(std::string location) {
    for (char &c : location) c = c == '_' ? ' ' : static_cast<char>(c - 'A' + 'a');
    return location;
  }

  Context &context_;
};

} // namespace

Rule rule_directive_locations(Context &context) { return std::make_unique<DirectiveLocations>(context); }

} // namespace gqlsvl::graphql::validation
