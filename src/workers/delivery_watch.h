// Whether what a delivery worker knows of the event triggers is out of date.
//
// In:  relcache messages for gqlsvl.trigger (sent by whatever changes a definition) and for the tables the triggers are on, and renames
//   of schemas. Out: take_definitions_changed().
// Always: ask inside a transaction, after its snapshot of new events was taken: whoever committed an event after create_trigger had
//   returned did so after the message was sent, so a snapshot that shows the event comes with the message. The callbacks only set a
//   flag: they run where nothing may fail.
#pragma once
#include <vector>

#include "pg/boundary.h"

namespace gqlsvl::workers {

void watch_definitions();                   // once, inside a transaction
bool take_definitions_changed();            // since it was last asked; takes in the messages that are waiting
void announce_definitions_changed();        // at commit, to all workers
void watch_tables(std::vector<Oid> tables); // the ones whose names the definitions hold

} // namespace gqlsvl::workers
