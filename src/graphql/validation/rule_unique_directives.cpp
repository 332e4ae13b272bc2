#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

class UniqueDirectives : public Listener {
public:
  explicit UniqueDirectives(Context &context) : context_(context) {}
  void directives(const std::vector<language::Directive> &directives, const std::string &) override {
    std::unordered_set<std::string_view> seen, reported;
    std::string repeated;
    for (const language::Directive &directive : directives)
      if (!seen.insert(directive.name).second && reported.insert(directive.name).second)
        repeated += (repeated.empty() ? "\"" : ", \"") + directive.name + "\"";
    if (!repeated.empty()) context_.report("the following directives are used more than once: [" + repeated + "]", directives.front().at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_unique_directives(Context &context) { return std::make_unique<UniqueDirectives>(context); }

} // namespace gqlsvl::graphql::validation
