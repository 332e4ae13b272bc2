#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

class ScalarLeafs : public Listener {
public:
  explicit ScalarLeafs(Context &context) : context_(context) {}
  void field(const language::Selection &field, const schema::NamedType &, const schema::Field *definition) override {
    if (!definition || !definition->type.type) return;
    const bool composite = definition->type.type->kind == schema::NamedKind::Object;
    if (composite && !field.has_selection_set) context_.report("missing selection set for '" + field.name + "'", field.at);
    if (!composite && field.has_selection_set) context_.report("unexpected subselection set for non-object field", field.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_scalar_leafs(Context &context) { return std::make_unique<ScalarLeafs>(context); }

} // namespace gqlsvl::graphql::validation
