// Tells all sessions of catalog changes that Postgres itself does not tell them of.
//
// In:  a utility statement that has been executed. Out: for COMMENT ON a table or column, and ALTER EXTENSION ... ADD or DROP a table: a
// relcache invalidation of that table, sent at commit.
// Source: docs/rules.md, 22 (pg_description and pg_depend have no cache, so no invalidation either).
#pragma once
#include "base/no_postgres.h"

extern "C" {
struct Node;
}

namespace gqlsvl::catalog {

// Plain Postgres code for a ProcessUtility hook: may ereport.
void announce_utility_statement(Node *statement);

} // namespace gqlsvl::catalog
