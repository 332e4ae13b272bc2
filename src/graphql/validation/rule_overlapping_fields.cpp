#include "graphql/validation/rules.h"

#include "graphql/language/printer.h"

#include <map>
#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

using language::Selection;

// There are no interfaces and unions: all fields of one selection set have the same parent type, so fields with equal response keys must be
// the same field with the same arguments, and their selection sets together must obey the same. Each selection set of the expanded document
// is looked at once, which rule_document_limits has bounded; comparing every field with the first of its key makes it linear in those.
class Merge {
public:
  explicit Merge(Context &context) : context_(context) {}

  void check(const std::vector<const std::vector<Selection> *> &selection_sets) {
    Groups groups;
    std::unordered_set<const language::Fragment *> visited;
    for (const auto *selections : selection_sets) add(*selections, groups, visited);
    for (const Group &group : groups.in_order) {
      if (context_.full()) return;
      PathStep step(context_, "." + group.fields.front()->name);
      if (same_field(group) && !group.selection_sets.empty()) {
        PathStep inside(context_, ".selectionSet");
        check(group.selection_sets);
      }
    }
  }

private:
  struct Group {
    std::vector<const Selection *> fields;
    std::vector<const std::vector<Selection> *> selection_sets;
  };
  struct Groups {
    std::vector<Group> in_order;
    std::unordered_map<std::string_view, std::size_t> by_key;
  };

  void add(const std::vector<Selection> &selections, Groups &groups, std::unordered_set<const language::Fragment *> &visited) {
    for (const Selection &selection : selections) {
      if (selection.kind == Selection::Kind::InlineFragment) {
        add(selection.selections, groups, visited);
      } else if (selection.kind == Selection::Kind::FragmentSpread) {
        const language::Fragment *fragment = context_.fragments.find(selection.name);
        if (fragment && visited.insert(fragment).second) add(fragment->selections, groups, visited);
      } else {
        auto [entry, is_new] = groups.by_key.try_emplace(selection.response_key(), groups.in_order.size());
        if (is_new) groups.in_order.emplace_back();
        Group &group = groups.in_order[entry->second];
        group.fields.push_back(&selection);
        if (selection.has_selection_set) group.selection_sets.push_back(&selection.selections);
      }
    }
  }

  bool same_field(const Group &group) {
    const Selection &first = *group.fields.front();
    for (std::size_t i = 1; i < group.fields.size(); ++i) {
      const Selection &other = *group.fields[i];
      if (other.name != first.name) {
        report("selection of both '" + first.name + "' and '" + other.name + "' specify the same response name, '" + first.response_key() +
                   "'",
               first, other);
        return false;
      }
      if (!same_arguments(first, other)) {
        report("inconsistent arguments between multiple selections of field '" + first.name + "'", first, other);
        return false;
      }
    }
    return true;
  }

  void report(const std::string &message, const Selection &first, const Selection &other) {
    const std::size_t before = context_.errors.size();
    context_.report(message, first.at);
    if (context_.errors.size() > before) context_.errors.back().locations.push_back(other.at);
  }

  // Arguments are a set: their order does not matter.
  bool same_arguments(const Selection &one, const Selection &other) {
    if (one.arguments.size() != other.arguments.size()) return false;
    return one.arguments.empty() || arguments_id(one) == arguments_id(other);
  }
  // Equal numbers: equal arguments. Printed once per field, however many places it is expanded at.
  std::size_t arguments_id(const Selection &field) {
    auto [entry, is_new] = arguments_ids_.try_emplace(&field, 0);
    if (is_new) {
      std::map<std::string_view, const language::Value *> sorted;
      for (const language::Argument &argument : field.arguments) sorted[argument.name] = &argument.value;
      std::string text;
      for (const auto &[name, value] : sorted) text += std::string(name) + ":" + language::print_canonical(*value) + ",";
      entry->second = ids_.try_emplace(std::move(text), ids_.size()).first->second;
    }
    return entry->second;
  }

  Context &context_;
  std::unordered_map<const Selection *, std::size_t> arguments_ids_;
  std::unordered_map<std::string, std::size_t> ids_;
};

} // namespace

void rule_overlapping_fields(Context &context) {
  Merge merge(context);
  for (const language::Operation &operation : context.document.operations) {
    PathStep step(context, ".selectionSet");
    merge.check({&operation.selections});
  }
}

} // namespace gqlsvl::graphql::validation
