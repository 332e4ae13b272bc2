#include "graphql/validation/fragment_graph.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

// Recursion only into written braces, whose depth the parser has bounded.
void gather(const std::vector<language::Selection> &selections, std::unordered_set<std::string_view> &seen, FragmentGraph::Spreads &out) {
  for (const language::Selection &selection : selections)
    if (selection.kind != language::Selection::Kind::FragmentSpread)
      gather(selection.selections, seen, out);
    else if (seen.insert(selection.name).second)
      out.push_back(&selection);
}

FragmentGraph::Spreads spreads_in(const std::vector<language::Selection> &selections) {
  std::unordered_set<std::string_view> seen;
  FragmentGraph::Spreads out;
  gather(selections, seen, out);
  return out;
}

} // namespace

FragmentGraph::FragmentGraph(const language::Document &document) {
  for (const language::Fragment &fragment : document.fragments) {
    by_name_.emplace(fragment.name, &fragment);
    fragment_spreads_.emplace(&fragment, spreads_in(fragment.selections));
  }
  for (const language::Operation &operation : document.operations) operation_spreads_.emplace(&operation, spreads_in(operation.selections));
  for (const language::Fragment &fragment : document.fragments)
    if (marks_[&fragment] == Mark::New) visit(fragment);
}

const language::Fragment *FragmentGraph::find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

// Depth first with a stack of our own: (fragment, next of its spreads).
void FragmentGraph::visit(const language::Fragment &start) {
  std::vector<std::pair<const language::Fragment *, std::size_t>> stack{{&start, 0}};
  marks_[&start] = Mark::Open;
  while (!stack.empty()) {
    const language::Fragment *fragment = stack.back().first;
    const Spreads &spreads = fragment_spreads_.at(fragment);
    if (stack.back().second == spreads.size()) {
      marks_[fragment] = Mark::Done;
      order_.push_back(fragment);
      stack.pop_back();
      continue;
    }
    const language::Selection *spread = spreads[stack.back().second++];
    const language::Fragment *next = find(spread->name);
    if (!next) continue;
    Mark &mark = marks_[next];
    if (mark == Mark::Open) cycle_spreads_.push_back(spread);
    if (mark != Mark::New) continue;
    mark = Mark::Open;
    stack.emplace_back(next, 0);
  }
}

std::vector<const language::Fragment *> FragmentGraph::reachable(const Spreads &from) const {
  std::vector<const language::Fragment *> out;
  std::unordered_set<const language::Fragment *> seen;
  auto add = [&](const Spreads &spreads) {
    for (const language::Selection *spread : spreads)
      if (const language::Fragment *fragment = find(spread->name); fragment && seen.insert(fragment).second) out.push_back(fragment);
  };
  add(from);
  for (std::size_t i = 0; i < out.size(); ++i) add(spreads(*out[i]));
  return out;
}

} // namespace gqlsvl::graphql::validation
