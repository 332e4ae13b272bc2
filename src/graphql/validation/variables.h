// The values of an operation's variables, coerced to their types.
//
// In:  the request's "variables" (a JSON tree: numbers as text, keys in order) and the operation's definitions; the document is valid.
// Out: a value for every variable the operation defines, or errors in the dialect's wording at $.variables.<name>...
// Always: a coerced value holds a list where the type says list (single values are wrapped), and no key an input type does not know.
// Integers are in the range of their type. Values of database scalars stay as the client wrote them: Postgres reads them. Source: GraphQL
// specification, section 6.1.2; docs/dialect.md, sections 5, 9 and 10.
#pragma once
#include "base/json.h"
#include "graphql/language/error.h"
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::validation {

// The one place that decides what a variable means that was neither provided nor has a default: its value is null and `provided` false.
// As in Hasura it *is* null: `_eq: $x` is an error, `_set: {a: $x}` sets NULL. Under the arguments of selects (where, order_by, limit,
// offset, distinct_on) null means omitted anyway, so nothing is lost there.
struct VariableValue {
  json::Value value;
  bool provided = true; // by the request or by its default
};

class Variables {
public:
  // Never fails for a variable the operation defines; null for any other name.
  const VariableValue *find(const std::string &name) const {
    auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  void set(const std::string &name, VariableValue value) { values_[name] = std::move(value); }
  bool empty() const { return values_.empty(); }

private:
  std::unordered_map<std::string, VariableValue> values_;
};

// `given`: the request's "variables"; null pointer or JSON null: none. Nothing is returned exactly when `errors` has grown.
std::optional<Variables> coerce_variables(const schema::Schema &schema, const language::Document &document,
                                          const language::Operation &operation, const json::Value *given, Errors &errors);

// The value of a literal that may hold variables, as JSON: enum values are strings, numbers as written. A variable without a value is null.
json::Value evaluate(const language::Value &literal, const Variables &variables);

} // namespace gqlsvl::graphql::validation
