#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

// With object types only, a fragment fits exactly its own type.
class PossibleFragmentSpreads : public Listener {
public:
  explicit PossibleFragmentSpreads(Context &context) : context_(context) {}
  void inline_fragment(const language::Selection &selection, const schema::NamedType *parent) override {
    if (selection.type_condition) check(parent, *selection.type_condition, "an inline fragment", selection.at);
  }
  void spread(const language::Selection &selection, const schema::NamedType *parent) override {
    const language::Fragment *fragment = context_.fragments.find(selection.name);
    if (fragment) check(parent, fragment->type_condition, "fragment '" + selection.name + "'", selection.at);
  }

private:
  void check(const schema::NamedType *parent, const std::string &condition, const std::string &what, language::Location at) {
    if (context_.limits.lenient) return; // collect_fields drops it
    const schema::NamedType *type = context_.schema.type(condition);
    if (!parent || !type || type->kind != schema::NamedKind::Object || type == parent) return;
    context_.report_strict(context_.path, what + " on type '" + condition + "' can never apply to type '" + parent->name + "'", at);
  }

  Context &context_;
};

} // namespace

Rule rule_possible_fragment_spreads(Context &context) { return std::make_unique<PossibleFragmentSpreads>(context); }

} // namespace gqlsvl::graphql::validation
