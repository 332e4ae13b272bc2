#include "graphql/validation/rules.h"

namespace gqlsvl::graphql::validation {

void rule_no_fragment_cycles(Context &context) {
  for (const language::Selection *spread : context.fragments.cycle_spreads())
    context.report("the fragment '" + spread->name + "' spreads itself: fragment definitions form a cycle", spread->at);
}

} // namespace gqlsvl::graphql::validation
