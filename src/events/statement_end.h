// Writes captured events (events/buffer.h) when a statement ends, whatever table it was for.
//
// In:  hooks of the executor, after its AFTER triggers have run, and of COPY, which has no executor.
// Not after what captures nothing itself: queries, such as those that check foreign keys row by row, and the changes of foreign keys'
//   actions, whose triggers fire in the statement outside. They end between captured rows, which would be written one by one.
// Why no statement trigger: none fires on a partition for a statement on the table above it, and each costs the writer of one row a call.
// Always: what no statement ends, such as a change applied by logical replication, is written before commit.
#pragma once

namespace gqlsvl::events {

void install_statement_end_hooks(); // in _PG_init when preloaded

} // namespace gqlsvl::events
