// Where the operations of a document use which variables.
//
// In:  told by the walk. Out: asked afterwards by the rules of section 5.8. Always: each kind of use (variable, type, default) once for an
// operation or fragment, so that the rules are linear in the document however often fragments are spread.
#pragma once
#include "graphql/validation/walk.h"

#include <set>
#include <tuple>

namespace gqlsvl::graphql::validation {

struct VariableUse {
  std::string variable;
  std::optional<schema::TypeRef> type; // none: inside a json literal or an unknown place; any variable fits
  bool has_default = false;            // the argument or input field
  language::Location at;
  std::string path;
};

class VariableUses : public Listener {
public:
  explicit VariableUses(const Context &context) : context_(context) {}

  void operation(const language::Operation &operation, const schema::NamedType *) override { open_ = {&operation}; }
  void fragment(const language::Fragment &fragment) override { open_.push_back(&fragment); }
  void leave_fragment(const language::Fragment &) override { open_.pop_back(); }
  void value(const language::Value &value, const ValuePlace &place) override;

  // Of an operation and of the fragments that it reaches.
  std::vector<const VariableUse *> of(const language::Operation &operation) const;

private:
  struct Noted {
    std::vector<VariableUse> uses;
    std::set<std::tuple<std::string, std::string, bool>> seen;
  };

  const Context &context_;
  std::vector<const void *> open_; // the operation and the fragments the walk is in
  std::unordered_map<const void *, Noted> noted_;
};

} // namespace gqlsvl::graphql::validation
