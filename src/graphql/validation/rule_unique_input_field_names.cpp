#include "graphql/validation/rules.h"

#include <unordered_set>

namespace gqlsvl::graphql::validation {

namespace {

class UniqueInputFieldNames : public Listener {
public:
  explicit UniqueInputFieldNames(Context &context) : context_(context) {}
  void value(const language::Value &value, const ValuePlace &) override {
    std::unordered_set<std::string_view> seen;
    for (const language::ObjectField &field : value.fields)
      if (!seen.insert(field.name).second) context_.report("multiple definitions of input field '" + field.name + "'", field.at);
  }

private:
  Context &context_;
};

} // namespace

Rule rule_unique_input_field_names(Context &context) { return std::make_unique<UniqueInputFieldNames>(context); }

} // namespace gqlsvl::graphql::validation
