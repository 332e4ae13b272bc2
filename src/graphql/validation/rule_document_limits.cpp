#include "graphql/validation/rules.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

namespace {

// Of a selection set with all fragments expanded. Sums stop growing at `enough`: webs of fragments double at every step.
struct Size {
  std::size_t fields = 0, aliases = 0;
  int depth = 0;  // of fields
  int levels = 0; // of selection sets, those of fragments counted too: how deep a recursion gets
};

class Measure {
public:
  explicit Measure(Context &context) : context_(context), enough_(std::max(context.limits.max_fields, context.limits.max_aliases) + 1) {}

  // Fragments in the order that has every spread one before: their sizes are known when needed.
  void fragments() {
    for (const language::Fragment *fragment : context_.fragments.order()) sizes_[fragment] = of(fragment->selections);
  }
  Size of(const std::vector<language::Selection> &selections) const {
    Size out;
    for (const language::Selection &selection : selections) {
      const bool is_field = selection.kind == language::Selection::Kind::Field;
      const Size inner = is_spread(selection) ? spread(selection) : of(selection.selections);
      out.fields = std::min(enough_, out.fields + inner.fields + (is_field ? 1 : 0));
      out.aliases = std::min(enough_, out.aliases + inner.aliases + (selection.alias.empty() ? 0 : 1));
      out.depth = std::max(out.depth, inner.depth + (is_field ? 1 : 0));
      out.levels = std::max(out.levels, inner.levels);
    }
    out.levels += 1;
    return out;
  }

private:
  static bool is_spread(const language::Selection &selection) { return selection.kind == language::Selection::Kind::FragmentSpread; }
  Size spread(const language::Selection &selection) const {
    auto found = sizes_.find(context_.fragments.find(selection.name));
    return found == sizes_.end() ? Size{} : found->second;
  }

  Context &context_;
  const std::size_t enough_;
  std::unordered_map<const language::Fragment *, Size> sizes_;
};

void check(Context &context, const Size &size, language::Location at) {
  const ValidationLimits &limits = context.limits;
  const int max_levels = 4 * limits.max_depth; // several fragments may nest around one field
  if (size.depth > limits.max_depth)
    context.report("the selection is nested deeper than " + std::to_string(limits.max_depth) + " levels (gqlsvl.max_depth)", at);
  else if (size.levels > max_levels)
    context.report("fragments are nested deeper than " + std::to_string(max_levels) + " levels (four times gqlsvl.max_depth)", at);
  if (size.fields > limits.max_fields)
    context.report("the operation selects more than " + std::to_string(limits.max_fields) + " fields (gqlsvl.max_nodes)", at);
  else if (size.aliases > limits.max_aliases)
    context.report("the operation has more than " + std::to_string(limits.max_aliases) + " aliases (gqlsvl.max_aliases)", at);
}

} // namespace

void rule_document_limits(Context &context) {
  Measure measure(context);
  measure.fragments();
  for (const language::Operation &operation : context.document.operations) check(context, measure.of(operation.selections), operation.at);
  for (const language::Fragment &fragment : context.document.fragments) check(context, measure.of(fragment.selections), fragment.at);
}

} // namespace gqlsvl::graphql::validation
