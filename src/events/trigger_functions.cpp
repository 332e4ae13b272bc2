// gqlsvl.create_trigger and gqlsvl.drop_trigger: the definition's row and the triggers on the table, written as the extension's owner
// after the caller's own rights were checked (events/definition.h).
#include "events/definition.h"
#include "events/relation.h"

#include "base/json.h"
#include "events/buffer.h"

#include <algorithm>

#include "pg/extension_owner.h"
#include "pg/settings.h"
#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace json = gqlsvl::json;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

void run(const std::string &sql) {
  const char *text = sql.c_str();
  call([text] { SPI_execute(text, false, 0); });
}

std::string quoted(const std::string &identifier) {
  const char *name = identifier.c_str();
  return call([name] { return quote_identifier(name); });
}

std::string literal(const std::string &value) {
  const char *text = value.c_str();
  return call([text] { return quote_literal_cstr(text); });
}

std::string json_array(const std::vector<std::string> &names) {
  if (names.empty()) return {};
  std::string out;
  for (const std::string &name : names) json::append_string(out += out.empty() ? '[' : ',', name);
  return out + ']';
}

// "!" sorts before every letter: the row trigger must run before a user's AFTER trigger that changes the row again.
std::string trigger_name(int id, const char *what) { return quoted("!gqlsvl_" + std::to_string(id) + '_' + what); }

constexpr const char *parts[] = {"insert", "update", "delete", "flush"};

void remove_triggers(int id, Oid table) {
  for (const char *part : parts) {
    std::string qualified = call([table] { return get_rel_name(table) != nullptr; })
                                ? quoted(call([table] { return get_namespace_name(get_rel_namespace(table)); })) + '.' +
                                      quoted(call([table] { return get_rel_name(table); }))
                                : std::string();
    if (!qualified.empty()) run("DROP TRIGGER IF EXISTS " + trigger_name(id, part) + " ON " + qualified);
  }
}

void make_triggers(int id, const Definition &d) {
  std::string table = quoted(d.table_schema) + '.' + quoted(d.table_name), events;
  auto make = [&](const std::string &name, const std::string &rest) {
    run("CREATE TRIGGER " + name + rest);
    run("ALTER TRIGGER " + name + " ON " + table + " DEPENDS ON EXTENSION gqlsvl"); // else DROP EXTENSION would fail
  };
  std::string call_text = " FOR EACH ROW EXECUTE FUNCTION gqlsvl.capture(" + literal(std::to_string(id)) + ", " + literal(d.ordering) +
                          ", " + literal(json_array(d.columns)) + ", " + literal(json_array(d.payload_columns)) + ')';
  for (const std::string &operation : d.operations) {
    std::string part = operation == "INSERT" ? "insert" : operation == "UPDATE" ? "update" : "delete";
    make(trigger_name(id, part.c_str()), " AFTER " + operation + " ON " + table + call_text);
    events += (events.empty() ? "" : " OR ") + operation;
  }
  make(trigger_name(id, "flush"), " AFTER " + events + " ON " + table + " FOR EACH STATEMENT EXECUTE FUNCTION gqlsvl.capture_flush()");
}

Datum text_array(const std::vector<std::string> &values) {
  std::vector<Datum> elements;
  for (const std::string &value : values) {
    const char *text = value.c_str();
    elements.push_back(call([text] { return CStringGetTextDatum(text); }));
  }
  Datum *first = elements.data();
  int count = static_cast<int>(elements.size());
  return call([first, count] { return PointerGetDatum(construct_array(first, count, TEXTOID, -1, false, TYPALIGN_INT)); });
}

constexpr int columns = 19;
constexpr char column_list[] =
    "name, table_name, table_schema, table_relname, owner, webhook, operations, columns, payload_columns, headers, "
    "num_retries, retry_interval, backoff, max_interval, timeout, ordering, max_in_flight, invocation_type";

// The statement's parameters $1 .. $18, and $19: the trigger's number.
struct Parameters {
  Oid types[columns];
  Datum values[columns];
  char nulls[columns];
  int used = 0;
  void add(Oid type, Datum value, bool is_null = false) {
    types[used] = type;
    values[used] = value;
    nulls[used++] = is_null ? 'n' : ' ';
  }
  void add(const std::string &text) {
    const char *value = text.c_str();
    add(TEXTOID, call([value] { return CStringGetTextDatum(value); }));
  }
};

Parameters parameters(const Definition &d, const Arguments &a) {
  Parameters p;
  auto given = [&](Oid type, Option option) { p.add(type, a.datum(option), a.is_null(option)); };
  p.add(d.name);
  p.add(REGCLASSOID, ObjectIdGetDatum(d.table));
  p.add(d.table_schema);
  p.add(d.table_name);
  p.add(REGROLEOID, ObjectIdGetDatum(d.owner));
  given(TEXTOID, Option::Webhook);
  p.add(TEXTARRAYOID, text_array(d.operations));
  given(TEXTARRAYOID, Option::Columns);
  given(TEXTARRAYOID, Option::PayloadColumns);
  given(JSONBOID, Option::Headers);
  given(INT4OID, Option::NumRetries);
  given(INTERVALOID, Option::RetryInterval);
  given(FLOAT8OID, Option::Backoff);
  given(INTERVALOID, Option::MaxInterval);
  given(INTERVALOID, Option::Timeout);
  p.add(d.ordering);
  given(INT4OID, Option::MaxInFlight);
  given(TEXTOID, Option::InvocationType);
  return p;
}

// Rows returned; the first row's columns are in SPI_tuptable.
std::uint64_t execute(const std::string &sql, Parameters &p) {
  const char *text = sql.c_str();
  return call([&] {
    SPI_execute_with_args(text, p.used, p.types, p.values, p.nulls, false, 0);
    return SPI_processed;
  });
}

Datum result(int column) {
  bool is_null;
  return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);
}

// At commit the delivery workers hear of it (a relcache message for gqlsvl.trigger), are woken and read the definitions anew.
void announce_change() {
  call([] { CacheInvalidateRelcacheByRelid(relation_named("trigger")); });
  wake_delivery_at_commit();
}

int insert_definition(const Definition &d, Parameters &p) {
  execute(std::string("INSERT INTO gqlsvl.trigger (") + column_list +
              ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING id",
          p);
  int id = DatumGetInt32(result(1));
  make_triggers(id, d);
  announce_change();
  return id;
}

// The existing trigger's number. Its triggers are made anew only when what they hold has changed.
int replace_definition(const Definition &d, Parameters &p) {
  execute(
      "SELECT t.id, t.table_name::oid, "
      "(t.webhook, t.headers, t.num_retries, t.retry_interval::text, t.backoff, t.max_interval::text, t.timeout::text, t.max_in_flight, "
      "t.invocation_type, t.owner::oid, t.table_schema, t.table_relname) "
      "IS NOT DISTINCT FROM ($6, $10, $11, $12::text, $13, $14::text, $15::text, $17, $18, $5::oid, $3, $4), "
      "(t.table_name::oid, t.operations, t.columns, t.payload_columns, t.ordering) IS NOT DISTINCT FROM ($2::oid, $7, $8, $9, $16) "
      "FROM gqlsvl.trigger t WHERE t.name = $1 FOR UPDATE",
      p);
  int id = DatumGetInt32(result(1));
  Oid old_table = DatumGetObjectId(result(2));
  bool same_delivery = DatumGetBool(result(3)), same_capture = DatumGetBool(result(4));
  if (same_delivery && same_capture) return id;
  p.add(INT4OID, Int32GetDatum(id));
  execute(std::string("UPDATE gqlsvl.trigger SET (") + column_list +
              ") = ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) WHERE id = $19",
          p);
  if (!same_capture) {
    remove_triggers(id, old_table);
    make_triggers(id, d);
  }
  announce_change();
  return id;
}

struct Existing {
  int id;
  Oid table;
};

std::optional<Existing> find_trigger(const std::string &name) {
  Parameters p;
  p.add(name);
  if (execute("SELECT t.id, t.table_name::oid FROM gqlsvl.trigger t WHERE t.name = $1", p) == 0) return std::nullopt;
  return Existing{DatumGetInt32(result(1)), DatumGetObjectId(result(2))};
}

// Events that no worker will send any more: kept with what they say, so that they can be looked at.
std::uint64_t archive_pending(int id) {
  Parameters p;
  p.add(INT4OID, Int32GetDatum(id));
  std::uint64_t archived = execute(
      "INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema, "
      "table_relname, owner, attempts, last_status, last_error) "
      "SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op, e.created_at, e.payload, t.name, t.table_schema, "
      "t.table_relname, "
      "t.owner, coalesce(r.attempts, 0), r.last_status, 'trigger dropped' FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id "
      "LEFT JOIN gqlsvl.retry r ON r.event_id = e.id AND r.trigger_id = e.trigger_id "
      "WHERE e.trigger_id = $1 AND NOT EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id AND d.trigger_id = e.trigger_id) "
      "AND (r.event_id IS NOT NULL OR NOT EXISTS (SELECT FROM gqlsvl.invocation i WHERE i.event_id = e.id))",
      p);
  execute("DELETE FROM gqlsvl.retry WHERE trigger_id = $1", p);
  return archived;
}

[[noreturn]] void refuse_taken(const std::string &name) {
  throw Error(sqlstate::duplicate_object, "event trigger \"" + name + "\" exists already", {},
              "Use another name, or replace => true to change it.");
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_create_trigger) {
  Arguments arguments(fcinfo);
  Definition definition = checked(arguments);
  gqlsvl::pg::require_preload("gqlsvl.create_trigger");
  int id = 0;
  {
    gqlsvl::pg::Spi spi;
    gqlsvl::pg::AsExtensionOwner owner;
    Parameters values = parameters(definition, arguments);
    if (auto existing = find_trigger(definition.name)) {
      if (!definition.replace) refuse_taken(definition.name);
      if (existing->table != definition.table) check_rights(existing->table, "gqlsvl.create_trigger");
      id = replace_definition(definition, values);
    } else {
      id = insert_definition(definition, values);
    }
    spi.finish();
  }
  if (definition.ordering_was_chosen) {
    const char *table = definition.table_name.c_str();
    call([table] {
      ereport(NOTICE, (errmsg("events of table \"%s\" are delivered without order", table), errdetail("The table has no primary key."),
                       errhint("Add a primary key and create the trigger with ordering => 'row', or pass ordering => 'none'.")));
    });
  }
  PG_RETURN_INT32(id);
}

GQLSVL_FUNCTION(gqlsvl_drop_trigger) {
  std::string name = call([fcinfo] { return text_to_cstring(PG_GETARG_TEXT_PP(0)); });
  std::uint64_t archived = 0;
  {
    gqlsvl::pg::Spi spi;
    std::optional<Existing> existing;
    {
      gqlsvl::pg::AsExtensionOwner owner;
      existing = find_trigger(name);
    }
    if (!existing)
      throw Error(sqlstate::undefined_object, "event trigger \"" + name + "\" does not exist", {}, "The names are in gqlsvl.trigger.");
    check_rights(existing->table, "gqlsvl.drop_trigger");
    gqlsvl::pg::AsExtensionOwner owner;
    remove_triggers(existing->id, existing->table);
    archived = archive_pending(existing->id);
    run("DELETE FROM gqlsvl.trigger WHERE id = " + std::to_string(existing->id));
    announce_change();
    spi.finish();
  }
  if (archived > 0) {
    const char *text = name.c_str();
    call([&] {
      ereport(NOTICE, (errmsg_plural("%llu undelivered event of trigger \"%s\" is archived",
                                     "%llu undelivered events of trigger \"%s\" are archived", archived,
                                     static_cast<unsigned long long>(archived), text),
                       errhint("See gqlsvl.dead.")));
    });
  }
  PG_RETURN_VOID();
}
