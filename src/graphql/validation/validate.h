// Is a document valid against a schema? All rules for executable documents, one file per rule (rule_*.cpp).
//
// In:  schema and parsed document. Out: the errors found, at most max_errors; none: valid. Messages, codes and paths as in the dialect.
// Always: bounded work. Fragment cycles and the sizes after expanding fragments are checked first; the costlier rules run only when they
// hold. Source: GraphQL specification, September 2025, section 5.
#pragma once
#include "graphql/language/error.h"
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::validation {

struct ValidationLimits {
  int max_depth = 50;             // of fields, counted through fragments
  std::size_t max_fields = 20000; // of one operation, counted through fragments
  std::size_t max_aliases = 1000; // of one operation, counted through fragments
  bool lenient = false;           // as Hasura: unused fragments and variables, and fragments that never apply, are let pass
  std::size_t max_errors = 20;
};

Errors validate(const schema::Schema &schema, const language::Document &document, const ValidationLimits &limits = {});

} // namespace gqlsvl::graphql::validation
