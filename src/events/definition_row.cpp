#include "events/definition_row.h"

#include "events/buffer.h"
#include "events/relation.h"
#include "events/table_triggers.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/inval.h"
}

namespace gqlsvl::events {

using pg::call;

namespace {

constexpr char column_list[] =
    "name, table_name, table_schema, table_relname, owner, webhook, operations, columns, payload_columns, headers, "
    "num_retries, retry_interval, backoff, max_interval, timeout, ordering, max_in_flight, invocation_type, signing_secret";
constexpr char value_list[] = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19";

// $1 .. $19 in the order of column_list.
Values values_of(const Definition &d, const Arguments &a) {
  Values v;
  auto given = [&](Oid type, Option option) { v.add(type, a.datum(option), a.is_null(option)); };
  v.add(d.name);
  v.add(REGCLASSOID, ObjectIdGetDatum(d.table));
  v.add(d.table_schema).add(d.table_name);
  v.add(REGROLEOID, ObjectIdGetDatum(d.owner));
  given(TEXTOID, Option::Webhook);
  v.add(d.operations);
  given(TEXTARRAYOID, Option::Columns);
  given(TEXTARRAYOID, Option::PayloadColumns);
  given(JSONBOID, Option::Headers);
  given(INT4OID, Option::NumRetries);
  given(INTERVALOID, Option::RetryInterval);
  given(FLOAT8OID, Option::Backoff);
  given(INTERVALOID, Option::MaxInterval);
  given(INTERVALOID, Option::Timeout);
  v.add(d.ordering);
  given(INT4OID, Option::MaxInFlight);
  given(TEXTOID, Option::InvocationType);
  given(TEXTOID, Option::SigningSecret);
  return v;
}

// The first definition says whose events these are. Not the worker: in a database being restored it would come before the dumped row.
void own_events() {
  run("INSERT INTO gqlsvl.control (system_identifier, database_oid, database_name) SELECT s.system_identifier, d.oid, d.datname "
      "FROM pg_control_system() s, pg_database d WHERE d.datname = current_database() ON CONFLICT DO NOTHING");
}

std::optional<DefinitionRow> definition_named(const std::string &name, const char *locking) {
  Rows rows(std::string("SELECT t.id, t.table_name::oid, t.owner::oid FROM gqlsvl.trigger t WHERE t.name = $1 AND t.dropped_at IS NULL") +
                locking,
            Values().add(name));
  if (rows.count() == 0) return std::nullopt;
  return DefinitionRow{DatumGetInt32(rows.datum(1)), DatumGetObjectId(rows.datum(2)), DatumGetObjectId(rows.datum(3))};
}

} // namespace

void announce_change() {
  call([] { CacheInvalidateRelcacheByRelid(relation_named("trigger")); });
  wake_after_definition();
}

std::optional<DefinitionRow> find_definition(const std::string &name) { return definition_named(name, ""); }
std::optional<DefinitionRow> lock_definition(const std::string &name) { return definition_named(name, " FOR UPDATE"); }

std::optional<int> insert_definition(const Definition &d, const Arguments &a) {
  Rows made(std::string("INSERT INTO gqlsvl.trigger (") + column_list + ") VALUES (" + value_list + ") ON CONFLICT DO NOTHING RETURNING id",
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
  Rows compared(
      "SELECT (t.webhook, t.headers, t.num_retries, t.retry_interval::text, t.backoff, t.max_interval::text, t.timeout::text, "
      "t.max_in_flight, t.invocation_type, t.signing_secret, t.owner::oid, t.table_schema, t.table_relname) "
      "IS NOT DISTINCT FROM ($6, $10, $11, $12::text, $13, $14::text, $15::text, $17, $18, $19, $5::oid, $3, $4), "
      "(t.table_name::oid, t.operations, t.columns, t.payload_columns, t.ordering) IS NOT DISTINCT FROM ($2::oid, $7, $8, $9, $16) "
      "FROM gqlsvl.trigger t WHERE t.id = $20 AND t.name = $1",
      values);
  bool same_delivery = DatumGetBool(compared.datum(1)), same_capture = DatumGetBool(compared.datum(2));
  if (same_delivery && same_capture) return;
  Rows changed(std::string("UPDATE gqlsvl.trigger SET (") + column_list + ") = ROW(" + value_list + ") WHERE id = $20", values);
  if (!same_capture) {
    remove_table_triggers(row.id, row.table);
    make_table_triggers(row.id, d);
  }
  announce_change();
}

void end_definition(const DefinitionRow &row) {
  remove_table_triggers(row.id, row.table);
  Rows ended("UPDATE gqlsvl.trigger SET dropped_at = now() WHERE id = $1", Values().add(row.id));
  announce_change();
}

} // namespace gqlsvl::events
