// gqlsvl.create_trigger and gqlsvl.drop_trigger: the caller's rights (events/definition.h), then the definition's row and the triggers on
// the table (events/definition_row.h) as the extension's owner.
#include "events/definition.h"
#include "events/definition_row.h"
#include "events/owner_sql.h"
#include "events/unfinished.h"

#include "pg/extension_owner.h"
#include "pg/settings.h"

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

[[noreturn]] void refuse_taken(const std::string &name) {
  throw Error(sqlstate::duplicate_object, "event trigger \"" + name + "\" exists already", {},
              "Use another name, or replace => true to change it.");
}

[[noreturn]] void refuse_absent(const std::string &name) {
  throw Error(sqlstate::undefined_object, "event trigger \"" + name + "\" does not exist", {}, "The names are in gqlsvl.trigger.");
}

std::optional<DefinitionRow> existing_definition(const std::string &name) {
  OwnerSession session;
  return find_definition(name);
}

// Rights are checked outside, so that nobody waits for the lock of a row he may not change; `checked` must still be that row.
std::optional<DefinitionRow> lock_checked(const std::string &name, const DefinitionRow &checked) {
  auto row = lock_definition(name);
  return row && row->id == checked.id && row->table == checked.table && row->owner == checked.owner ? row : std::nullopt;
}

// The number, or none when another session made or dropped the trigger meanwhile.
std::optional<int> try_create(const Definition &definition, const Arguments &arguments) {
  auto existing = existing_definition(definition.name);
  if (!existing) {
    OwnerSession session;
    return insert_definition(definition, arguments);
  }
  if (!definition.replace) refuse_taken(definition.name);
  check_rights(existing->table, existing->owner, "gqlsvl.create_trigger");
  OwnerSession session;
  auto row = lock_checked(definition.name, *existing);
  if (!row) return std::nullopt;
  replace_definition(*row, definition, arguments);
  return row->id;
}

void drop(const std::string &name) {
  for (;;) {
    auto existing = existing_definition(name);
    if (!existing) refuse_absent(name);
    check_rights(existing->table, existing->owner, "gqlsvl.drop_trigger");
    OwnerSession session;
    auto row = lock_checked(name, *existing);
    if (!row) continue;
    end_definition(*row);
    if (!has_unfinished_events(row->id)) return;
    const char *text = name.c_str();
    call([text] {
      ereport(NOTICE, (errmsg("undelivered events of trigger \"%s\" will not be sent", text), errhint("They are kept in gqlsvl.dead.")));
    });
    return;
  }
}

void notice_no_order(const Definition &definition) {
  const char *table = definition.table_name.c_str();
  call([table] {
    ereport(NOTICE, (errmsg("events of table \"%s\" are delivered without order", table), errdetail("The table has no primary key."),
                     errhint("Add a primary key and create the trigger with ordering => 'row', or pass ordering => 'none'.")));
  });
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_create_trigger) {
  Arguments arguments(fcinfo);
  Definition definition = checked(arguments);
  gqlsvl::pg::require_preload("gqlsvl.create_trigger");
  std::optional<int> id;
  while (!id) id = try_create(definition, arguments);
  if (definition.ordering_was_chosen) notice_no_order(definition);
  PG_RETURN_INT32(*id);
}

GQLSVL_FUNCTION(gqlsvl_drop_trigger) {
  drop(call([fcinfo] { return text_to_cstring(PG_GETARG_TEXT_PP(0)); }));
  PG_RETURN_VOID();
}
