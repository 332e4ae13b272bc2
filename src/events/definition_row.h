// The row of an event trigger in gqlsvl.trigger: made, changed, ended.
//
// In:  a checked definition (events/definition.h). Out: the row and, by events/table_triggers.h, the triggers on the table.
// Always: inside an OwnerSession; of two sessions that want the same name one waits for the other. At commit the delivery workers hear of
//   a change (a relcache message for gqlsvl.trigger), are woken and read the definitions anew.
#pragma once
#include "events/definition.h"
#include "events/owner_sql.h"

namespace gqlsvl::events {

struct DefinitionRow {
  int id;
  Oid table, owner; // table: invalid for cron triggers and scheduled events
};

[[noreturn]] void refuse_absent(const std::string &name); // 42704
[[noreturn]] void refuse_taken(const std::string &name);  // 42710
std::optional<DefinitionRow> find_definition(const std::string &name);
// The same row, which nobody else can change until we commit; none: it is gone meanwhile.
std::optional<DefinitionRow> lock_definition(const std::string &name);

std::optional<DefinitionRow> existing_definition(const std::string &name); // outside an OwnerSession
// Rights are checked outside, so that nobody waits for the lock of a row he may not change; `checked` must still be that row.
std::optional<DefinitionRow> lock_checked(const std::string &name, const DefinitionRow &checked);

// Calls `change` with the row of that name, locked, in an OwnerSession, after the caller's rights were checked.
template <typename F> void with_definition(const std::string &name, const char *function, F &&change) {
  for (;;) {
    auto existing = existing_definition(name);
    if (!existing) refuse_absent(name);
    check_rights(existing->table, existing->owner, function);
    OwnerSession session;
    auto row = lock_checked(name, *existing);
    if (!row) continue;
    change(*row);
    return;
  }
}

// The new row's number; none: the name is taken.
std::optional<int> insert_definition(const Definition &definition, const Arguments &arguments);
// `row` is locked. An identical definition changes nothing; the table is touched only when what its triggers hold has changed.
void replace_definition(const DefinitionRow &row, const Definition &definition, const Arguments &arguments);
void end_definition(const DefinitionRow &row);
void set_paused(const DefinitionRow &row, bool paused);
// Sets the options that `arguments` leaves NULL to what the row holds, copied into the memory context that is current.
void complete(Arguments &arguments, const DefinitionRow &row, MemoryContext memory);
// At commit the workers look anew at definitions and at gqlsvl.retry.
void announce_change();
// The first definition says whose events these are. Not the worker: in a database being restored it would come before the dumped row.
void own_events();

} // namespace gqlsvl::events
