#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

namespace {

// A type condition names an object type: there are no interfaces and unions.
class FragmentsOnObjects : public Listener {
public:
  explicit FragmentsOnObjects(Context &context) : context_(context) {}
  void fragment(const language::Fragment &fragment) override { check(fragment.type_condition, fragment.at); }
  void inline_fragment(const language::Selection &selection, const schema::NamedType *) override {
    if (selection.type_condition) check(*selection.type_condition, selection.at);
  }

private:
  void check(const std::string &name, language::Location at) {
    const schema::NamedType *type = context_.schema.type(name);
    if (type && type->kind != schema::NamedKind::Object)
      context_.report("a fragment cannot be defined on the non-object type '" + name + "'", at);
  }

  Context &context_;
};

} // namespace

Rule rule_fragments_on_objects(Context &context) { return std::make_unique<FragmentsOnObjects>(context); }

} // namespace gqlsvl::graphql::validation
