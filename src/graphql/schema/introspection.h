// Answers __schema and __type(name:) from a Schema.
//
// In:  the merged root field (validation/collect.h), document and coerced variables. Out: the field's value as JSON text.
// Always: the answer is at most `max_bytes` long (nested lists of types multiply), else Error 54000; lists are sorted by name, as the
// Schema is; the key order is that of the document. Pure: reads nothing but its arguments. Source: GraphQL specification, September 2025,
// section 4.
#pragma once
#include "graphql/validation/collect.h"

namespace gqlsvl::graphql::schema {

std::string introspect(const Schema &schema, const language::Document &document, const validation::Variables &variables,
                       const validation::ResponseField &field, std::size_t max_bytes = std::size_t{64} << 20);

} // namespace gqlsvl::graphql::schema
