// One walk over a document that knows the types; rules listen to the nodes they need.
//
// In:  a context and listeners. Out: calls, in document order. A fragment is walked where it is first spread (so that paths are those of
// the operation), each once; fragments never spread come last. A listener sees a node before what is inside it. Always: recursion is
// bounded by the levels that rule_document_limits.cpp has checked before. Stops early when the context has enough errors.
#pragma once
#include "graphql/validation/collect.h"
#include "graphql/validation/context.h"

#include <span>
#include <unordered_set>

namespace gqlsvl::graphql::validation {

// Where a value stands.
struct ValuePlace {
  std::optional<schema::TypeRef> type;       // none: unknown, or inside a json literal
  const schema::InputValue *input = nullptr; // the argument or input field it belongs to, also for the items of its list
  const schema::NamedType *owner = nullptr;  // the input type that has `input`; null: an argument, or a variable's default
  bool item = false;                         // one of a list
};

class Listener {
public:
  virtual ~Listener() = default;
  virtual void operation(const language::Operation &, const schema::NamedType * /* root type, null: none */) {}
  virtual void fragment(const language::Fragment &) {}
  virtual void leave_fragment(const language::Fragment &) {}
  virtual void variable_definition(const language::VariableDefinition &) {}
  virtual void field(const language::Selection &, const schema::NamedType & /* parent */, const schema::Field * /* null: unknown */) {}
  virtual void inline_fragment(const language::Selection &, const schema::NamedType * /* parent, null: unknown */) {}
  virtual void spread(const language::Selection &, const schema::NamedType * /* parent */) {}
  virtual void directives(const std::vector<language::Directive> &, const std::string & /* location: FIELD ... */) {}
  // Of a field or directive that is known; `owner` is its name.
  virtual void arguments(const std::vector<language::Argument> &, const std::vector<schema::InputValue> &, const std::string & /* owner */,
                         language::Location) {}
  virtual void value(const language::Value &, const ValuePlace &) {}
};

class Walk {
public:
  Walk(Context &context, std::span<Listener *const> listeners, const Variables *variables = nullptr)
      : context_(context), listeners_(listeners), variables_(variables) {}

  void document();
  // With variables: selections that @skip or @include leave out are not walked.
  void operation(const language::Operation &operation);

private:
  template <typename F> void tell(F &&event) {
    for (Listener *listener : listeners_) event(*listener);
  }
  void fragment(const language::Fragment &fragment);
  void selections(const std::vector<language::Selection> &selections, const schema::NamedType *parent);
  void field(const language::Selection &field, const schema::NamedType *parent);
  void inline_fragment(const language::Selection &selection, const schema::NamedType *parent);
  void spread(const language::Selection &selection, const schema::NamedType *parent);
  void directives(const std::vector<language::Directive> &directives, const std::string &location);
  void arguments(const std::vector<language::Argument> &arguments, const std::vector<schema::InputValue> *definitions);
  void value(const language::Value &value, const ValuePlace &place);
  void object_fields(const language::Value &value, const schema::NamedType *type);

  Context &context_;
  std::span<Listener *const> listeners_;
  const Variables *variables_;
  std::unordered_set<const language::Fragment *> walked_;
};

const schema::NamedType *root_type(const schema::Schema &schema, language::OperationKind kind);
const schema::DirectiveDefinition *find_directive(const schema::Schema &schema, const std::string &name);
const schema::InputValue *find_input(const std::vector<schema::InputValue> &inputs, const std::string &name);
// The schema's type for a written one; nothing when unknown or a list of lists.
std::optional<schema::TypeRef> resolve_type(const schema::Schema &schema, const language::TypeReference &written);
// The type of a list's items.
schema::TypeRef item_type(const schema::TypeRef &list);
Written written(language::ValueKind kind);
// The input type that an object literal is a value of; null: the literal or the place is something else.
const schema::NamedType *input_object(const language::Value &value, const ValuePlace &place);
// Whether an explicit null is refused although the type is nullable: operators of comparisons and keys of a filter.
bool refuses_null(const ValuePlace &place);

} // namespace gqlsvl::graphql::validation
