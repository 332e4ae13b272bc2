#include "graphql/validation/rules.h"

#include <set>
#include <tuple>

namespace gqlsvl::graphql::validation {

namespace {

struct Usage {
  std::string variable;
  std::optional<schema::TypeRef> type; // none: inside a json literal or an unknown place; any variable fits
  bool has_default = false;            // the argument or input field
  language::Location at;
  std::string path;
};

// Notes the usages of every operation and fragment during the walk (each kind of usage once), then checks each operation with those of the
// fragments it reaches.
class VariableUsages : public Listener {
public:
  explicit VariableUsages(Context &context) : context_(context) {}

  void operation(const language::Operation &operation, const schema::NamedType *) override { open_ = {&operation}; }
  void fragment(const language::Fragment &fragment) override { open_.push_back(&fragment); }
  void leave_fragment(const language::Fragment &) override { open_.pop_back(); }
  void value(const language::Value &value, const ValuePlace &place) override {
    if (value.kind != language::ValueKind::Variable || open_.empty()) return;
    Usage usage{value.text, place.type, !place.item && place.input && place.input->default_value, value.at, context_.path};
    Noted &noted = noted_[open_.back()];
    if (noted.seen.emplace(usage.variable, usage.type ? usage.type->to_string() : "", usage.has_default).second)
      noted.usages.push_back(std::move(usage));
  }

  void finish() override {
    for (const language::Operation &operation : context_.document.operations) check(operation);
  }

private:
  struct Noted {
    std::vector<Usage> usages;
    std::set<std::tuple<std::string, std::string, bool>> seen;
  };

  void check(const language::Operation &operation) {
    std::unordered_map<std::string_view, const language::VariableDefinition *> definitions;
    for (const language::VariableDefinition &variable : operation.variables) definitions.emplace(variable.name, &variable);
    std::unordered_set<std::string_view> used;
    check(noted_[&operation], definitions, used);
    for (const language::Fragment *fragment : context_.fragments.reachable(context_.fragments.spreads(operation)))
      check(noted_[fragment], definitions, used);
    for (const language::VariableDefinition &variable : operation.variables)
      if (!used.count(variable.name))
        context_.report_at("$.variables." + variable.name, "variable '" + variable.name + "' is never used", variable.at);
  }

  void check(const Noted &noted, const std::unordered_map<std::string_view, const language::VariableDefinition *> &definitions,
             std::unordered_set<std::string_view> &used) {
    for (const Usage &usage : noted.usages) {
      if (context_.full()) return;
      used.insert(usage.variable);
      auto found = definitions.find(usage.variable);
      if (found == definitions.end())
        context_.report_at(usage.path, "unbound variable \"" + usage.variable + "\"", usage.at);
      else if (!is_allowed(*found->second, usage))
        context_.report_at(usage.path,
                           "variable '" + usage.variable + "' is declared as '" + found->second->type.to_string() + "', but used where '" +
                               usage.type->to_string() + "' is expected",
                           usage.at);
    }
  }

  // IsVariableUsageAllowed, and (as Hasura) a single variable where a list is expected.
  static bool is_allowed(const language::VariableDefinition &variable, const Usage &usage) {
    if (!usage.type) return true;
    schema::TypeRef expected = *usage.type;
    const bool has_value = variable.default_value && variable.default_value->kind != language::ValueKind::Null;
    if (expected.non_null && !variable.type.non_null) {
      if (!has_value && !usage.has_default) return false;
      expected.non_null = false;
    }
    if (!expected.list) return !variable.type.of && variable.type.name == expected.type->name;
    const language::TypeReference &item = variable.type.of ? *variable.type.of : variable.type;
    const bool item_fits = !item.of && item.name == expected.type->name;
    return item_fits && (item.non_null || !expected.item_non_null || !variable.type.of);
  }

  Context &context_;
  std::vector<const void *> open_; // the operation and the fragments the walk is in
  std::unordered_map<const void *, Noted> noted_;
};

} // namespace

Rule rule_variable_usages(Context &context) { return std::make_unique<VariableUsages>(context); }

} // namespace gqlsvl::graphql::validation
