// The syntax tree of a GraphQL executable document.
//
// In:  made by parser.h. Out: read by validation, compile, introspection. Plain values, owned by the tree; immutable after parsing.
// Source: GraphQL specification, September 2025, section 2. Locations are 1-based lines and columns, as errors report them.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gqlsvl::graphql::language {

struct Location {
  std::uint32_t line = 0, column = 0; // 0: unknown
};

enum class ValueKind { Variable, Int, Float, String, Boolean, Null, Enum, List, Object };

struct ObjectField;
struct Value {
  ValueKind kind = ValueKind::Null;
  std::string text; // Variable: name. Int, Float: as written. String: decoded. Enum: name. Boolean: "true" or "false".
  std::vector<Value> items;
  std::vector<ObjectField> fields;
  Location at;
};
struct ObjectField {
  std::string name;
  Value value;
  Location at;
};

struct Argument {
  std::string name;
  Value value;
  Location at;
};

struct Directive {
  std::string name;
  std::vector<Argument> arguments;
  Location at;
};

// A type as a variable definition writes it: Int, [Int!]!, ...
struct TypeReference {
  std::string name;                  // named type; empty for a list
  std::shared_ptr<TypeReference> of; // list: its item type
  bool non_null = false;
  Location at;
  std::string to_string() const; // "[Int!]!"
};

struct VariableDefinition {
  std::string name; // without $
  TypeReference type;
  std::optional<Value> default_value;
  std::vector<Directive> directives;
  Location at;
};

struct Selection {
  enum class Kind { Field, FragmentSpread, InlineFragment };
  Kind kind = Kind::Field;
  std::string alias;                         // Field; empty when none
  std::string name;                          // Field: field name. FragmentSpread: fragment name.
  std::optional<std::string> type_condition; // InlineFragment
  std::vector<Argument> arguments;           // Field
  std::vector<Directive> directives;
  std::vector<Selection> selections; // Field, InlineFragment
  bool has_selection_set = false;
  Location at;
  const std::string &response_key() const { return alias.empty() ? name : alias; }
};

enum class OperationKind { Query, Mutation, Subscription };

struct Operation {
  OperationKind kind = OperationKind::Query;
  std::string name; // empty: anonymous
  std::vector<VariableDefinition> variables;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location at;
};

struct Fragment {
  std::string name, type_condition;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location at;
};

struct Document {
  std::vector<Operation> operations;
  std::vector<Fragment> fragments;                      // to be added by add()
  std::unordered_map<std::string, std::size_t> by_name; // of equal names the first: its place in `fragments`
  void add(Fragment fragment) {
    by_name.try_emplace(fragment.name, fragments.size());
    fragments.push_back(std::move(fragment));
  }
  const Fragment *fragment(const std::string &name) const {
    auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &fragments[found->second];
  }
};

} // namespace gqlsvl::graphql::language
