#include "events/definition_row.h"

#include "events/buffer.h"
#include "events/relation.h"
#include "events/table_triggers.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

// What the row holds beside the name and the table: the option is the column's name. Rebuild: the triggers on the table depend on it.
struct Stored {
  Option option;
  Oid type;
  bool rebuild = false;
};
constexpr Stored stored[] = {{Option::Webhook, TEXTOID},
                             {Option::Operations, TEXTARRAYOID, true},
                             {Option::Columns, TEXTARRAYOID},
                             {Option::PayloadColumns, TEXTARRAYOID},
                             {Option::Condition, TEXTOID, true},
                             {Option::Headers, JSONBOID},
                             {Option::NumRetries, INT4OID},
                             {Option::RetryInterval, INTERVALOID},
                             {Option::Backoff, FLOAT8OID},
                             {Option::MaxInterval, INTERVALOID},
                             {Option::GiveUpOn, INT4ARRAYOID},
                             {Option::Timeout, INTERVALOID},
                             {Option::Ordering, TEXTOID},
                             {Option::OrderingColumns, TEXTARRAYOID},
                             {Option::MaxInFlight, INT4OID},
                             {Option::RateLimit, FLOAT8OID},
                             {Option::MaxAge, INTERVALOID},
                             {Option::InvocationType, TEXTOID},
                             {Option::SigningSecret, TEXTOID},
                             {Option::Transform, TEXTOID},
                             {Option::FireOnReplica, BOOLOID, true}};
constexpr const char *own_columns[] = {"name", "table_name", "table_schema", "table_relname", "owner"}; // $1 .. $5

// $1 .. in the order of own_columns, then of `stored`.
Values values_of(const Definition &d, const Arguments &a) {
  Values v;
  v.add(d.name);
  v.add(REGCLASSOID, ObjectIdGetDatum(d.table));
  v.add(d.table_schema).add(d.table_name);
  v.add(REGROLEOID, ObjectIdGetDatum(d.owner));
  for (const Stored &one : stored)
    if (one.option == Option::Operations)
      v.add(d.operations);
    else if (one.option == Option::Ordering)
      v.add(d.ordering);
    else
      v.add(one.type, a.datum(one.option), a.is_null(one.option));
  return v;
}

std::string column_list() {
  std::string out;
  for (const char *column : own_columns) (out += out.empty() ? "" : ", ") += column;
  for (const Stored &one : stored) (out += ", ") += name_of(one.option);
  return out;
}

std::string value_list() {
  std::string out;
  for (std::size_t i = 1; i <= std::size(own_columns) + std::size(stored); i++) (out += out.empty() ? "$" : ", $") += std::to_string(i);
  return out;
}

// True when row t holds the values given; `all`, or only those that the triggers on the table depend on.
std::string same(bool all) {
  std::string out = "t.table_name::oid = $2::oid";
  if (all) out += " AND t.table_schema = $3 AND t.table_relname = $4 AND t.owner::oid = $5::oid";
  std::size_t parameter = std::size(own_columns);
  for (const Stored &one : stored) {
    parameter++;
    if (all || one.rebuild)
      out += std::string(" AND t.") + name_of(one.option) + "::text IS NOT DISTINCT FROM $" + std::to_string(parameter) + "::text";
  }
  return out;
}

std::optional<DefinitionRow> definition_named(const std::string &name, const char *locking) {
  Rows rows(std::string("SELECT t.id, t.table_name::oid, t.owner::oid FROM gqlsvl.trigger t WHERE t.name = $1 AND t.dropped_at IS NULL") +
                locking,
            Values().add(name));
  if (rows.count() == 0) return std::nullopt;
  return DefinitionRow{DatumGetInt32(rows.datum(1)), DatumGetObjectId(rows.datum(2)), DatumGetObjectId(rows.datum(3))};
}

} // namespace

void own_events() {
  run("INSERT INTO gqlsvl.control (system_identifier, database_oid, database_name) SELECT s.system_identifier, d.oid, d.datname "
      "FROM pg_control_system() s, pg_database d WHERE d.datname = current_database() ON CONFLICT DO NOTHING");
}

void announce_change() {
  call([] { CacheInvalidateRelcacheByRelid(relation_named("trigger")); });
  wake_after_definition();
}

void refuse_absent(const std::string &name) {
  throw Error(sqlstate::undefined_object, "event trigger \"" + name + "\" does not exist", {}, "The names are in gqlsvl.trigger.");
}

void refuse_taken(const std::string &name) {
  throw Error(sqlstate::duplicate_object, "event trigger \"" + name + "\" exists already", {},
              "Use another name, or replace => true to change it.");
}

std::optional<DefinitionRow> existing_definition(const std::string &name) {
  OwnerSession session;
  return find_definition(name);
}

std::optional<DefinitionRow> lock_checked(const std::string &name, const DefinitionRow &checked) {
  auto row = lock_definition(name);
  return row && row->id == checked.id && row->table == checked.table && row->owner == checked.owner ? row : std::nullopt;
}

std::optional<DefinitionRow> find_definition(const std::string &name) { return definition_named(name, ""); }
std::optional<DefinitionRow> lock_definition(const std::string &name) { return definition_named(name, " FOR UPDATE"); }

std::optional<int> insert_definition(const Definition &d, const Arguments &a) {
  Rows made("INSERT INTO gqlsvl.trigger (" + column_list() + ") VALUES (" + value_list() + ") ON CONFLICT DO NOTHING RETURNING id",
            values_of(d, a));
  if (made.count() == 0) return std::nullopt;
  int id = DatumGetInt32(made.datum(1));
  make_table_triggers(id, d);
  own_events();
  announce_change();
  return id;
}

void replace_definition(const DefinitionRow &row, const Definition &d, const Arguments &a) {
  Values values = values_of(d, a).add(row.id);
  const std::string where = " WHERE t.name = $1 AND t.id = $" + std::to_string(values.count());
  Rows compared("SELECT " + same(true) + ", " + same(false) + " FROM gqlsvl.trigger t" + where, values);
  bool all_same = DatumGetBool(compared.datum(1)), table_same = DatumGetBool(compared.datum(2));
  if (all_same) return;
  Rows changed("UPDATE gqlsvl.trigger t SET (" + column_list() + ") = ROW(" + value_list() + ')' + where, values);
  if (!table_same) {
    remove_table_triggers(row.id, row.table);
    make_table_triggers(row.id, d);
  }
  announce_change();
}

void set_paused(const DefinitionRow &row, bool paused) {
  Rows changed("UPDATE gqlsvl.trigger SET paused = $2 WHERE id = $1 AND paused <> $2",
               Values().add(row.id).add(BOOLOID, BoolGetDatum(paused)));
  int released = 0;
  if (!paused) {
    Rows looping("UPDATE gqlsvl.retry SET looping = false, next_attempt_at = clock_timestamp(), last_error = NULL "
                 "WHERE trigger_id = $1 AND looping",
                 Values().add(row.id));
    released = static_cast<int>(looping.count());
  }
  if (changed.count() > 0 || released > 0) announce_change();
}

void complete(Arguments &arguments, const DefinitionRow &row, MemoryContext memory) {
  std::string columns = "t.table_name";
  for (const Stored &one : stored) (columns += ", t.") += name_of(one.option);
  Rows found("SELECT " + columns + " FROM gqlsvl.trigger t WHERE t.id = $1", Values().add(row.id));
  auto keep = [&](Option option, Oid type, int column) {
    if (!arguments.is_null(option) || found.is_null(column)) return;
    Datum value = found.datum(column);
    arguments.set(option, {call([&] {
                             std::int16_t length;
                             bool by_value;
                             get_typlenbyval(type, &length, &by_value);
                             MemoryContext before = MemoryContextSwitchTo(memory);
                             Datum copy = datumCopy(value, by_value, length);
                             MemoryContextSwitchTo(before);
                             return copy;
                           }),
                           false});
  };
  keep(Option::Table, REGCLASSOID, 1);
  for (std::size_t i = 0; i < std::size(stored); i++) keep(stored[i].option, stored[i].type, static_cast<int>(i) + 2);
}

void end_definition(const DefinitionRow &row) {
  remove_table_triggers(row.id, row.table);
  Rows ended("UPDATE gqlsvl.trigger SET dropped_at = now() WHERE id = $1", Values().add(row.id));
  announce_change();
}

} // namespace gqlsvl::events
