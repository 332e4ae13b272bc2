#include "graphql/validation/collect.h"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

// The value of a directive's `if`; `otherwise` when the directive is not there.
bool condition(const std::vector<language::Directive> &directives, std::string_view name, const Variables &variables, bool otherwise) {
  for (const language::Directive &directive : directives) {
    if (directive.name != name) continue;
    for (const language::Argument &argument : directive.arguments) {
      if (argument.name != "if") continue;
      if (argument.value.kind != language::ValueKind::Variable) return argument.value.text == "true";
      const VariableValue *found = variables.find(argument.value.text);
      return found && found->value.kind == json::Kind::Boolean && found->value.boolean;
    }
  }
  return otherwise;
}

class Collector {
public:
  Collector(const language::Document &document, const Variables &variables, const schema::NamedType &type)
      : document_(document), variables_(variables), type_(type) {}

  void add(const std::vector<language::Selection> &selections) {
    for (const language::Selection &selection : selections)
      if (is_included(selection.directives, variables_)) add(selection);
  }
  std::vector<ResponseField> take() { return std::move(out_); }

private:
  void add(const language::Selection &selection) {
    switch (selection.kind) {
    case language::Selection::Kind::Field: add_field(selection); break;
    case language::Selection::Kind::InlineFragment:
      if (!selection.type_condition || *selection.type_condition == type_.name) add(selection.selections);
      break;
    case language::Selection::Kind::FragmentSpread:
      if (!visited_.insert(selection.name).second) return;
      const language::Fragment *fragment = document_.fragment(selection.name);
      if (fragment && fragment->type_condition == type_.name) add(fragment->selections);
      break;
    }
  }

  void add_field(const language::Selection &field) {
    auto [entry, is_new] = by_key_.try_emplace(field.response_key(), out_.size());
    if (is_new) out_.push_back({field.response_key(), &field, {}});
    if (field.has_selection_set) out_[entry->second].selection_sets.push_back(&field.selections);
  }

  const language::Document &document_;
  const Variables &variables_;
  const schema::NamedType &type_;
  std::vector<ResponseField> out_;
  std::unordered_map<std::string_view, std::size_t> by_key_; // response key -> place in out_
  std::unordered_set<std::string_view> visited_;             // fragments
};

// Walks everything an operation can reach, each fragment once, and notes the variables under @skip and @include.
class DirectiveVariables {
public:
  explicit DirectiveVariables(const language::Document &document) : document_(document) {}

  void add(const std::vector<language::Selection> &selections) {
    for (const language::Selection &selection : selections) {
      add(selection.directives);
      if (selection.kind != language::Selection::Kind::FragmentSpread) {
        add(selection.selections);
        continue;
      }
      const language::Fragment *fragment = document_.fragment(selection.name);
      if (fragment && visited_.insert(selection.name).second) add(fragment->selections);
    }
  }
  std::vector<std::string> names() const { return {names_.begin(), names_.end()}; }

private:
  void add(const std::vector<language::Directive> &directives) {
    for (const language::Directive &directive : directives)
      if (directive.name == "skip" || directive.name == "include")
        for (const language::Argument &argument : directive.arguments)
          if (argument.value.kind == language::ValueKind::Variable) names_.insert(argument.value.text);
  }

  const language::Document &document_;
  std::unordered_set<std::string_view> visited_;
  std::set<std::string> names_;
};

} // namespace

bool is_included(const std::vector<language::Directive> &directives, const Variables &variables) {
  return !condition(directives, "skip", variables, false) && condition(directives, "include", variables, true);
}

std::vector<ResponseField> collect_fields(const language::Document &document, const Variables &variables, const schema::NamedType &type,
                                          const SelectionSets &selection_sets) {
  Collector collector(document, variables, type);
  for (const auto *selections : selection_sets) collector.add(*selections);
  return collector.take();
}

std::vector<std::string> directive_variables(const language::Document &document, const language::Operation &operation) {
  DirectiveVariables walk(document);
  walk.add(operation.selections);
  return walk.names();
}

} // namespace gqlsvl::graphql::validation
