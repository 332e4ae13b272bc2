// Room at the end of an event table for many rows at once.
//
// In:  the table, locked for writing, and how many bytes are going to be written. Out: empty pages at its end that the next inserts find.
// Why: Postgres 15 makes a table larger page by page and writes a page of zeros for each: half of the time of a large insert. Here the file
//   system is asked for all of them once (fallocate), so a full disk is still noticed now and not at the next checkpoint; where it cannot,
//   Postgres goes on page by page. Since 16 Postgres does the same by itself.
// Always: what is not used, also after an error or a crash, is empty pages that later inserts find by the free space map.
// Source: RelationAddExtraBlocks in src/backend/access/heap/hio.c of PostgreSQL 15.
#pragma once
#include "pg/boundary.h"

extern "C" {
#include "utils/relcache.h"
}

namespace gqlsvl::events {

void make_room(Relation table, std::size_t bytes); // Postgres code: inside pg::call

} // namespace gqlsvl::events
