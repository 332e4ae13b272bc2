#include "graphql/validation/rules.h"

#include <algorithm>
#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

// All fields of the root's selection set, fragments expanded, whatever their type conditions.
class RootFields {
public:
  explicit RootFields(Context &context) : context_(context) {}
  void add(const std::vector<language::Selection> &selections) {
    for (const language::Selection &selection : selections) {
      refuse_conditions(selection);
      if (selection.kind == language::Selection::Kind::Field)
        add_field(selection);
      else if (selection.kind == language::Selection::Kind::InlineFragment)
        add(selection.selections);
      else if (const language::Fragment *fragment = context_.fragments.find(selection.name); fragment && visited_.insert(fragment).second)
        add(fragment->selections);
    }
  }

private:
  void add_field(const language::Selection &field) {
    if (field.name.starts_with("__"))
      context_.report("a subscription must not select the introspection field '" + field.name + "'", field.at);
    if (keys_.insert(field.response_key()).second && keys_.size() == 2)
      context_.report("subscriptions must select one top level field", field.at);
  }
  void refuse_conditions(const language::Selection &selection) {
    for (const language::Directive &directive : selection.directives)
      if (directive.name == "skip" || directive.name == "include")
        context_.report("directive \"" + directive.name + "\" is not allowed on the top level field of a subscription", directive.at);
  }

  Context &context_;
  std::unordered_set<std::string_view> keys_;
  std::unordered_set<const language::Fragment *> visited_;
};

// Hasura's directive for clients that bundle subscriptions.
bool may_have_several(const language::Operation &operation) {
  return std::any_of(operation.directives.begin(), operation.directives.end(),
                     [](const language::Directive &directive) { return directive.name == "_multiple_top_level_fields"; });
}

} // namespace

void rule_single_root_field(Context &context) {
  for (const language::Operation &operation : context.document.operations)
    if (operation.kind == language::OperationKind::Subscription && !may_have_several(operation))
      RootFields(context).add(operation.selections);
}

} // namespace gqlsvl::graphql::validation
