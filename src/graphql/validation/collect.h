// The fields a selection set gives in the response: fragments expanded, @skip and @include evaluated, equal response keys merged.
//
// In:  a valid document, coerced variables, the concrete object type. Out: fields in the order of the response.
// Always: linear in the selections seen; one call visits every fragment at most once. Pointers point into the document.
// Source: GraphQL specification, section 6.3.2 CollectFields. There are no interfaces and unions here: a type condition matches by name.
#pragma once
#include "graphql/validation/variables.h"

#include <string_view>

namespace gqlsvl::graphql::validation {

using SelectionSets = std::vector<const std::vector<language::Selection> *>;

// One key of the response.
struct ResponseField {
  std::string response_key;
  const language::Selection *selection = nullptr; // the first with this key: its name and arguments are those of all
  SelectionSets selection_sets;                   // of all with this key; empty for a leaf
};

std::vector<ResponseField> collect_fields(const language::Document &document, const Variables &variables, const schema::NamedType &type,
                                          const SelectionSets &selection_sets);

// The root fields of an operation; `type` is the schema's root type for its kind.
inline std::vector<ResponseField> collect_fields(const language::Document &document, const Variables &variables,
                                                 const schema::NamedType &type, const language::Operation &operation) {
  return collect_fields(document, variables, type, SelectionSets{&operation.selections});
}

// Whether @skip and @include keep a selection.
bool is_included(const std::vector<language::Directive> &directives, const Variables &variables);

// Names of the variables that decide @skip and @include in the operation and the fragments it reaches: sorted, each once.
// Two requests with equal values of these have the same response shape.
std::vector<std::string> directive_variables(const language::Document &document, const language::Operation &operation);

} // namespace gqlsvl::graphql::validation
