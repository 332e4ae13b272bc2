// One view of an argument's value, whether the document or a variable holds it, that remembers where it came from.
#pragma once
#include "graphql/compile/plan.h"

namespace gqlsvl::graphql::compile {

class Input {
public:
  Input(const language::Value &literal, const validation::Variables &variables);

  bool is_null() const;
  bool is_list() const;
  bool boolean() const;
  std::string text() const;         // of an enum value or a string
  std::vector<Input> items() const; // a single value is a list of one
  std::vector<std::pair<std::string, Input>> members() const;
  std::optional<Input> member(const std::string &name) const;

  // A parameter that takes this value at each execution.
  Parameter parameter(catalog::Oid type, Encoding encoding) const;

private:
  Input() = default;
  const validation::Variables *variables_ = nullptr;
  const language::Value *literal_ = nullptr; // exactly one of literal_ and json_
  const json::Value *json_ = nullptr;
  std::string variable_;
  std::vector<PathStep> path_;
};

} // namespace gqlsvl::graphql::compile
