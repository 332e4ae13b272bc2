// gqlsvl.create_trigger, alter_trigger, pause_trigger, resume_trigger and drop_trigger: the caller's rights (events/definition.h), then the
// definition's row and the triggers on the table (events/definition_row.h) as the extension's owner.
#include "events/definition.h"
#include "events/definition_row.h"
#include "events/owner_sql.h"
#include "events/unfinished.h"

#include "pg/extension_owner.h"
#include "pg/settings.h"

extern "C" {
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

[[noreturn]] void refuse_taken(const std::string &name) {
  throw Error(sqlstate::duplicate_object, "event trigger \"" + name + "\" exists already", {},
              "Use another name, or replace => true to change it.");
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

// Calls `change` with the row of that name, locked, after the caller's rights were checked.
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

void drop(const std::string &name) {
  with_definition(name, "gqlsvl.drop_trigger", [&](const DefinitionRow &row) {
    end_definition(row);
    if (!has_unfinished_events(row.id)) return;
    const char *text = name.c_str();
    call([text] {
      ereport(NOTICE, (errmsg("undelivered events of trigger \"%s\" will not be sent", text), errhint("They are kept in gqlsvl.dead.")));
    });
  });
}

void pause(const std::string &name, const char *function, bool paused) {
  with_definition(name, function, [&](const DefinitionRow &row) { set_paused(row, paused); });
}

bool is_empty_array(Datum array) {
  return ARR_NDIM(call([array] { return DatumGetArrayTypeP(array); })) == 0;
}

bool is_zero_interval(Datum interval) {
  const Interval *span = DatumGetIntervalP(interval);
  return span->time == 0 && span->day == 0 && span->month == 0;
}

// In alter_trigger NULL keeps an option, so an empty value stands for "none".
std::vector<Option> taken_away(const Arguments &arguments) {
  std::vector<Option> out;
  for (Option option : {Option::Columns, Option::PayloadColumns, Option::OrderingColumns})
    if (!arguments.is_null(option) && is_empty_array(arguments.datum(option))) out.push_back(option);
  for (Option option : {Option::Condition, Option::SigningSecret, Option::Transform})
    if (!arguments.is_null(option) && arguments.string(option).empty()) out.push_back(option);
  if (!arguments.is_null(Option::RateLimit) && DatumGetFloat8(arguments.datum(Option::RateLimit)) == 0) out.push_back(Option::RateLimit);
  if (!arguments.is_null(Option::MaxAge) && is_zero_interval(arguments.datum(Option::MaxAge))) out.push_back(Option::MaxAge);
  return out;
}

void alter(Arguments arguments) {
  if (arguments.is_null(Option::Name)) throw Error(sqlstate::invalid_parameter, "option \"name\" must not be NULL", {}, "Give it a value.");
  const std::string name = arguments.string(Option::Name);
  const std::vector<Option> none = taken_away(arguments);
  MemoryContext memory = CurrentMemoryContext;
  std::optional<DefinitionRow> locked;
  with_definition(name, "gqlsvl.alter_trigger", [&](const DefinitionRow &row) {
    if (arguments.is_null(Option::Table) && !call([&row] { return get_rel_name(row.table); }))
      throw Error(sqlstate::undefined_table, "the table of event trigger \"" + name + "\" does not exist any more", {},
                  "Give table_name too, or call gqlsvl.drop_trigger.");
    complete(arguments, row, memory);
    locked = row;
  });
  for (Option option : none) arguments.set(option, {0, true});
  arguments.set(Option::Replace, {BoolGetDatum(true), false});
  Definition definition = checked(arguments); // with the caller's own rights and search_path
  OwnerSession session;
  replace_definition(*locked, definition, arguments);
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

GQLSVL_FUNCTION(gqlsvl_alter_trigger) {
  alter(Arguments(fcinfo));
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_pause_trigger) {
  pause(text_argument(fcinfo, 0), "gqlsvl.pause_trigger", true);
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_resume_trigger) {
  pause(text_argument(fcinfo, 0), "gqlsvl.resume_trigger", false);
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_drop_trigger) {
  drop(text_argument(fcinfo, 0));
  PG_RETURN_VOID();
}
