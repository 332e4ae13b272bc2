// A Postgres error in the dialect's shape.
//
// In:  the error and the path of the argument that caused it, if known. Out: code, message, and what a client may know besides.
// Always: text of errors a client did not cause stays in the server's log. Source: graphql-dialect section 10 of the design.
#pragma once
#include "base/error.h"
#include "graphql/language/error.h"

namespace gqlsvl::graphql::execute {

// Cancel, shutdown, serialization failure, deadlock, lack of resources, internal errors: the caller's to handle, never an answer.
bool belongs_to_caller(const std::string &sqlstate);

GraphQLError from_sql_error(const Error &error, const std::string &path);

} // namespace gqlsvl::graphql::execute
