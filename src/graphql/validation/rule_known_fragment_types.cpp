#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class KnownFragmentTypes : public Listener {
public:
  explicit KnownFragmentTypes(Context &context) : context_(context) {}
  void fragment(const language::Fragment &fragment) override { check(fragment.type_condition, fragment.at); }
  void inline_fragment(const language::Selection &selection, const schema::NamedType *) override {
    if (selection.type_condition) check(*selection.type_condition, selection.at);
  }

private:
  void check(const std::string &name, language::Location at) {
    if (!context_.schema.type(name)) context_.report("no such type exists in the schema: '" + name + "'", at);
  }

  Context &context_;
};

} // namespace

Rule rule_known_fragment_types(Context &context) { return std::make_unique<KnownFragmentTypes>(context); }

} // namespace gqlsvl::graphql::validation
