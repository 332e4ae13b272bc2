// The triggers of an event trigger on its table: made, removed, and the lock that this needs.
//
// In:  the number of the event trigger and its definition. Out: a row trigger per operation, for TRUNCATE a statement trigger.
// Always: the table's lock is asked for in short waits, so that nobody queues behind us for long; given up with 55P03 after ten seconds
//   or the caller's lock_timeout. Inside an OwnerSession (events/owner_sql.h).
#pragma once
#include "events/definition.h"

namespace gqlsvl::events {

void make_table_triggers(int id, const Definition &definition);
void remove_table_triggers(int id, Oid table); // also when the table is gone

} // namespace gqlsvl::events
