// A Postgres error in the dialect's shape.
//
// In:  the error, the path of the argument that caused it, if known, and the schema the client sees. Out: code, message, and what that
// client may know besides.
// Always: the text of errors that neither the client nor the application's own RAISE caused goes to the server's log only, and so do the
// names of tables and columns he cannot see. Source: docs/dialect.md, section 10.
#pragma once
#include "base/error.h"
#include "graphql/language/error.h"
#include "graphql/schema/schema.h"

namespace gqlsvl::graphql::execute {

// Cancel, shutdown, serialization failure, deadlock, lack of resources, internal errors: the caller's to handle, never an answer.
bool belongs_to_caller(const std::string &sqlstate);

// A row that row security refuses: to insert, to change, or to return.
bool is_row_security(const Error &error);

// Whether its text is told: the client caused it, or the application raised it.
bool is_for_client(const Error &error);

// `seen`: null when it failed before there was one.
GraphQLError from_sql_error(const Error &error, const std::string &path, const schema::Schema *seen);

} // namespace gqlsvl::graphql::execute
