#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

static void check(Context &context, const FragmentGraph::Spreads &spreads) {
  for (const language::Selection *spread : spreads)
    if (!context.fragments.find(spread->name)) context.report("reference to undefined fragment '" + spread->name + "'", spread->at);
}

void rule_known_fragment_names(Context &context) {
  for (const language::Operation &operation : context.document.operations) check(context, context.fragments.spreads(operation));
  for (const language::Fragment &fragment : context.document.fragments) check(context, context.fragments.spreads(fragment));
}

} // namespace gqlsvl::graphql::validation
