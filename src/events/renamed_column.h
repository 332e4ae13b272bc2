// Definitions name columns, because a dump renumbers them; this keeps the names right when a column is renamed.
//
// In:  ALTER TABLE ... RENAME COLUMN, seen by a hook of utility statements. Out: the new name in columns, payload_columns and
// ordering_columns of
//   the event triggers on the table and on its partitions, in the same transaction.
// Always: whoever may rename the column needs no right on gqlsvl. A condition follows by itself, being Postgres's own WHEN.
#pragma once

namespace gqlsvl::events {

void install_rename_hook(); // in _PG_init when preloaded

} // namespace gqlsvl::events
