// Which operation of a document is meant.
//
// In:  the document and the request's operationName. Out: the operation, or null and `error` with the dialect's wording (path $).
// Source: GraphQL specification, section 6.1 GetOperation; messages as in Hasura v2.
#pragma once
#include "graphql/language/error.h"

namespace gqlsvl::graphql::validation {

// `operation_name`: absent, null and "" in the request all mean: not given.
const language::Operation *choose_operation(const language::Document &document, const std::string &operation_name, GraphQLError &error);

} // namespace gqlsvl::graphql::validation
