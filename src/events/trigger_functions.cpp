// gqlsvl.create_trigger, alter_trigger, pause_trigger, resume_trigger and drop_trigger: the caller's rights (events/definition.h), then the
// definition's row and the triggers on the table (events/definition_row.h) as the extension's owner.
#include "events/definition.h"
#include "events/definition_row.h"
#include "events/owner_sql.h"
#include "events/unfinished.h"

#include "pg/extension_owner.h"
#include "pg/settings.h"

extern "C" {
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

void require_table(const DefinitionRow &row, const std::string &name) {
  if (!OidIsValid(row.table))
    throw Error(sqlstate::wrong_object_type, "event trigger \"" + name + "\" is not of a table",
                "It is a cron trigger, or was made by gqlsvl.schedule_event.",
                "Use gqlsvl.alter_cron_trigger or gqlsvl.create_cron_trigger(replace => true).");
}

// The number, or none when another session made or dropped the trigger meanwhile.
std::optional<int> try_create(const Definition &definition, const Arguments &arguments) {
  auto existing = existing_definition(definition.name);
  if (!existing) {
    OwnerSession session;
    return insert_definition(definition, arguments);
  }
  if (!definition.replace) refuse_taken(definition.name);
  require_table(*existing, definition.name);
  check_rights(existing->table, existing->owner, "gqlsvl.create_trigger");
  OwnerSession session;
  auto row = lock_checked(definition.name, *existing);
  if (!row) return std::nullopt;
  replace_definition(*row, definition, arguments);
  return row->id;
}

void drop(const std::string &name) {
  with_definition(name, "gqlsvl.drop_trigger", [&](const DefinitionRow &row) {
    end_definition(row);
    const std::int64_t left = unfinished_events(row.id);
    if (left == 0) return;
    const std::string shown = left > most_counted ? "more than " + std::to_string(most_counted) : std::to_string(left);
    const char *text = name.c_str(), *how_many = shown.c_str();
    call([text, how_many, left] {
      ereport(NOTICE,
              (errmsg_plural("%s undelivered event of trigger \"%s\" will not be sent",
                             "%s undelivered events of trigger \"%s\" will not be sent", static_cast<unsigned long>(left), how_many, text),
               errhint("They are kept in gqlsvl.dead.")));
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

// The options kept may hold what the table's owner of today must not learn, such as a token in a header.
void require_owner_of_options(Oid caller, Oid owner) {
  if (call([=] { return has_privs_of_role(caller, owner); })) return;
  throw Error(sqlstate::insufficient_privilege, "the options of this event trigger belong to the role that made it",
              "The table had another owner then.", "Call gqlsvl.create_trigger with replace => true, which keeps none of them.");
}

void alter(Arguments arguments) {
  if (arguments.is_null(Option::Name)) throw Error(sqlstate::invalid_parameter, "option \"name\" must not be NULL", {}, "Give it a value.");
  const std::string name = arguments.string(Option::Name);
  const std::vector<Option> none = taken_away(arguments);
  MemoryContext memory = CurrentMemoryContext;
  const Oid caller = GetUserId();
  std::optional<DefinitionRow> locked;
  with_definition(name, "gqlsvl.alter_trigger", [&](const DefinitionRow &row) {
    require_table(row, name);
    if (arguments.is_null(Option::Table) && !call([&row] { return get_rel_name(row.table); }))
      throw Error(sqlstate::undefined_table, "the table of event trigger \"" + name + "\" does not exist any more", {},
                  "Give table_name too, or call gqlsvl.drop_trigger.");
    require_owner_of_options(caller, row.owner);
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
