#include "graphql/language/normal.h"

#include "graphql/language/printer.h"

namespace gqlsvl::graphql::language {

namespace {

class Normal {
public:
  void operation(const Operation &operation) {
    static constexpr const char *kinds[] = {"query", "mutation", "subscription"};
    out += kinds[static_cast<int>(operation.kind)];
    if (!operation.name.empty()) out += ' ' + operation.name;
    for (const VariableDefinition &variable : operation.variables) {
      out += " $" + variable.name + ':' + variable.type.to_string();
      if (variable.default_value) out += '=' + print_canonical(*variable.default_value);
      directives(variable.directives);
    }
    directives(operation.directives);
    selections(operation.selections);
  }
  void fragment(const Fragment &fragment) {
    out += "fragment " + fragment.name + " on " + fragment.type_condition;
    directives(fragment.directives);
    selections(fragment.selections);
  }
  std::string out;

private:
  void directives(const std::vector<Directive> &directives) {
    for (const Directive &directive : directives) {
      out += " @" + directive.name;
      arguments(directive.arguments);
    }
  }
  void arguments(const std::vector<Argument> &arguments) {
    if (arguments.empty()) return;
    out += '(';
    for (const Argument &argument : arguments) out += argument.name + ':' + print_canonical(argument.value) + ',';
    out += ')';
  }
  void selections(const std::vector<Selection> &selections) {
    out += '{';
    for (const Selection &selection : selections)
      if (selection.name != "__typename" || !selection.alias.empty() || !selection.directives.empty()) one(selection);
    out += '}';
  }
  void one(const Selection &selection) {
    if (selection.kind == Selection::Kind::FragmentSpread) out += "...";
    if (selection.kind == Selection::Kind::InlineFragment) out += "... on " + selection.type_condition.value_or("");
    if (!selection.alias.empty()) out += selection.alias + ':';
    out += selection.name;
    arguments(selection.arguments);
    directives(selection.directives);
    out += ' ';
    if (selection.has_selection_set) selections(selection.selections);
  }
};

} // namespace

std::string normal_text(const Document &document) {
  Normal normal;
  for (const Operation &operation : document.operations) normal.operation(operation);
  for (const Fragment &fragment : document.fragments) normal.fragment(fragment);
  return std::move(normal.out);
}

} // namespace gqlsvl::graphql::language
