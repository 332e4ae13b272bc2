#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

void rule_no_unused_fragments(Context &context) {
  if (context.limits.lenient) return;
  FragmentGraph::Spreads roots;
  for (const language::Operation &operation : context.document.operations) {
    const auto &spreads = context.fragments.spreads(operation);
    roots.insert(roots.end(), spreads.begin(), spreads.end());
  }
  const auto reached = context.fragments.reachable(roots);
  const std::unordered_set<const language::Fragment *> used(reached.begin(), reached.end());
  for (const language::Fragment &fragment : context.document.fragments)
    if (!used.count(&fragment)) context.report_strict(context.path, "fragment '" + fragment.name + "' is never used", fragment.at);
}

} // namespace gqlsvl::graphql::validation
