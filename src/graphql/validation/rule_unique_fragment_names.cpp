#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

void rule_unique_fragment_names(Context &context) {
  std::unordered_set<std::string_view> seen;
  for (const language::Fragment &fragment : context.document.fragments)
    if (!seen.insert(fragment.name).second) context.report("multiple definitions of fragment '" + fragment.name + "'", fragment.at);
}

} // namespace gqlsvl::graphql::validation
