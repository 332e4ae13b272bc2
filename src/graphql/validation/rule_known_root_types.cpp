#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class KnownRootTypes : public Listener {
public:
  explicit KnownRootTypes(Context &context) : context_(context) {}
  void operation(const language::Operation &operation, const schema::NamedType *root) override {
    static constexpr const char *names[] = {"queries", "mutations", "subscriptions"};
    if (!root) context_.report("no " + std::string(names[static_cast<int>(operation.kind)]) + " exist", operation.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_known_root_types(Context &context) { return std::make_unique<KnownRootTypes>(context); }

} // namespace gqlsvl::graphql::validation
