#include "graphql/validation/walk.h"
#include "graphql/schema/introspection_types.h"

#include <algorithm>

namespace gqlsvl::graphql::validation {

using language::Selection;
using schema::NamedKind;

const schema::NamedType *root_type(const schema::Schema &schema, language::OperationKind kind) {
  switch (kind) {
  case language::OperationKind::Query: return schema.query;
  case language::OperationKind::Mutation: return schema.mutation;
  case language::OperationKind::Subscription: return schema.subscription;
  }
  return nullptr;
}

const schema::DirectiveDefinition *find_directive(const schema::Schema &schema, const std::string &name) {
  for (const auto *directives : {&schema.directives, &schema.hidden_directives})
    for (const schema::DirectiveDefinition &directive : *directives)
      if (directive.name == name) return &directive;
  return nullptr;
}

const schema::InputValue *find_input(const std::vector<schema::InputValue> &inputs, const std::string &name) {
  for (const schema::InputValue &input : inputs)
    if (input.name == name) return &input;
  return nullptr;
}

std::optional<schema::TypeRef> resolve_type(const schema::Schema &schema, const language::TypeReference &written) {
  const language::TypeReference &named = written.of ? *written.of : written;
  if (named.of) return std::nullopt;
  schema::TypeRef out;
  out.type = schema.type(named.name);
  if (!out.type) return std::nullopt;
  out.list = written.of != nullptr;
  out.item_non_null = out.list && named.non_null;
  out.non_null = written.non_null;
  return out;
}

schema::TypeRef item_type(const schema::TypeRef &list) {
  schema::TypeRef out;
  out.type = list.type;
  out.non_null = list.item_non_null;
  return out;
}

Written written(language::ValueKind kind) {
  switch (kind) {
  case language::ValueKind::Int: return Written::Integer;
  case language::ValueKind::Float: return Written::Float;
  case language::ValueKind::String: return Written::String;
  case language::ValueKind::Boolean: return Written::Boolean;
  case language::ValueKind::Enum: return Written::Enum;
  case language::ValueKind::List: return Written::List;
  case language::ValueKind::Object: return Written::Object;
  default: return Written::Null;
  }
}

const schema::NamedType *input_object(const language::Value &value, const ValuePlace &place) {
  if (value.kind != language::ValueKind::Object || !place.type || place.type->type->kind != NamedKind::Input) return nullptr;
  return place.type->type;
}

bool refuses_null(const ValuePlace &place) {
  if (place.item || !place.input) return false;
  if (place.input->kind == schema::InputKind::Comparison) return true;
  if (!place.owner) return false;
  const auto &inputs = place.owner->inputs; // a filter is the input type that has _and
  return std::any_of(inputs.begin(), inputs.end(), [](const schema::InputValue &i) { return i.kind == schema::InputKind::And; });
}

void Walk::document() {
  for (const language::Operation &one : context_.document.operations) operation(one);
  for (const language::Fragment &one : context_.document.fragments)
    if (walked_.insert(&one).second) fragment(one);
}

void Walk::operation(const language::Operation &operation) {
  const schema::NamedType *root = root_type(context_.schema, operation.kind);
  tell([&](Listener &l) { l.operation(operation, root); });
  for (const language::VariableDefinition &variable : operation.variables) {
    PathStep step(context_, ".variables." + variable.name);
    tell([&](Listener &l) { l.variable_definition(variable); });
    if (variable.default_value) value(*variable.default_value, {resolve_type(context_.schema, variable.type), nullptr, nullptr, false});
    directives(variable.directives, "VARIABLE_DEFINITION");
  }
  static constexpr const char *locations[] = {"QUERY", "MUTATION", "SUBSCRIPTION"};
  directives(operation.directives, locations[static_cast<int>(operation.kind)]);
  PathStep step(context_, ".selectionSet");
  selections(operation.selections, root);
}

void Walk::fragment(const language::Fragment &fragment) {
  tell([&](Listener &l) { l.fragment(fragment); });
  directives(fragment.directives, "FRAGMENT_DEFINITION");
  const bool inside = context_.path != "$"; // spread somewhere: the path is the operation's
  PathStep step(context_, inside ? "" : ".selectionSet");
  selections(fragment.selections, context_.schema.type(fragment.type_condition));
  tell([&](Listener &l) { l.leave_fragment(fragment); });
}

void Walk::selections(const std::vector<Selection> &selections, const schema::NamedType *parent) {
  for (const Selection &selection : selections) {
    if (context_.full()) return;
    if (variables_ && !is_included(selection.directives, *variables_)) {
      directives(selection.directives, "FIELD"); // what leaves it out is looked at all the same
      continue;
    }
    switch (selection.kind) {
    case Selection::Kind::Field: field(selection, parent); break;
    case Selection::Kind::InlineFragment: inline_fragment(selection, parent); break;
    case Selection::Kind::FragmentSpread: spread(selection, parent); break;
    }
  }
}

void Walk::field(const Selection &field, const schema::NamedType *parent) {
  const bool composite = parent && parent->kind == NamedKind::Object;
  const schema::Field *definition = composite ? parent->field(field.name) : nullptr;
  if (composite && !definition) definition = schema::meta_field(context_.schema, *parent, field.name);
  PathStep step(context_, "." + field.name);
  if (composite) tell([&](Listener &l) { l.field(field, *parent, definition); });
  if (definition) tell([&](Listener &l) { l.arguments(field.arguments, definition->arguments, field.name, field.at); });
  arguments(field.arguments, definition ? &definition->arguments : nullptr);
  directives(field.directives, "FIELD");
  if (!field.has_selection_set) return;
  PathStep inside(context_, ".selectionSet");
  selections(field.selections, definition ? definition->type.type : nullptr);
}

void Walk::inline_fragment(const Selection &selection, const schema::NamedType *parent) {
  tell([&](Listener &l) { l.inline_fragment(selection, parent); });
  directives(selection.directives, "INLINE_FRAGMENT");
  selections(selection.selections, selection.type_condition ? context_.schema.type(*selection.type_condition) : parent);
}

void Walk::spread(const Selection &selection, const schema::NamedType *parent) {
  tell([&](Listener &l) { l.spread(selection, parent); });
  directives(selection.directives, "FRAGMENT_SPREAD");
  const language::Fragment *found = context_.fragments.find(selection.name);
  if (found && walked_.insert(found).second) fragment(*found);
}

void Walk::directives(const std::vector<language::Directive> &directives, const std::string &location) {
  if (directives.empty()) return;
  tell([&](Listener &l) { l.directives(directives, location); });
  for (const language::Directive &directive : directives) {
    const schema::DirectiveDefinition *definition = find_directive(context_.schema, directive.name);
    PathStep step(context_, ".directives." + directive.name);
    if (definition) tell([&](Listener &l) { l.arguments(directive.arguments, definition->arguments, directive.name, directive.at); });
    arguments(directive.arguments, definition ? &definition->arguments : nullptr);
  }
}

void Walk::arguments(const std::vector<language::Argument> &arguments, const std::vector<schema::InputValue> *definitions) {
  for (const language::Argument &argument : arguments) {
    const schema::InputValue *input = definitions ? find_input(*definitions, argument.name) : nullptr;
    PathStep step(context_, ".args." + argument.name);
    ValuePlace place;
    if (input) place = {input->type, input, nullptr, false};
    value(argument.value, place);
  }
}

void Walk::value(const language::Value &value, const ValuePlace &place) {
  if (context_.full()) return;
  tell([&](Listener &l) { l.value(value, place); });
  const schema::NamedType *named = place.type ? place.type->type : nullptr;
  if (value.kind == language::ValueKind::List) {
    ValuePlace item{std::nullopt, place.input, place.owner, true};
    if (place.type && place.type->list) item.type = item_type(*place.type);
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      PathStep step(context_, "[" + std::to_string(i) + "]");
      this->value(value.items[i], item);
    }
  } else if (value.kind == language::ValueKind::Object)
    object_fields(value, named && named->kind == NamedKind::Input ? named : nullptr);
}

void Walk::object_fields(const language::Value &value, const schema::NamedType *type) {
  for (const language::ObjectField &field : value.fields) {
    const schema::InputValue *input = type ? type->input(field.name) : nullptr;
    PathStep step(context_, "." + field.name);
    ValuePlace place;
    if (input) place = {input->type, input, type, false};
    this->value(field.value, place);
  }
}

} // namespace gqlsvl::graphql::validation
