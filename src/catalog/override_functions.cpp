// gqlsvl.write_override, gqlsvl.write_table_option and the trigger of their tables: how the SQL functions of 21_graphql_overrides.sql and
// 22_graphql_tables.sql keep what owners of tables want.
#include "pg/compat.h"
#include "pg/extension_owner.h"
#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

using namespace gqlsvl;

namespace {

void require_owner(Oid table) {
  const char *name = pg::call([table] { return get_rel_name(table); });
  if (!name) throw Error(sqlstate::undefined_table, "table does not exist", "Its OID is " + std::to_string(table) + ".", "Name a table.");
  if (pg::call([table] { return pg::owns_relation(table, GetUserId()); })) return;
  throw Error(sqlstate::insufficient_privilege, "must be owner of table " + std::string(name), {},
              "Overrides of the API are for the table's owner.");
}

constexpr char remove_sql[] = "DELETE FROM gqlsvl.override WHERE table_name = $1 AND kind = $2 AND key = $3";
constexpr char write_sql[] = "INSERT INTO gqlsvl.override (table_name, kind, key, value, remote_table) VALUES ($1, $2, $3, $4, $5)";

constexpr char remove_option_sql[] = "DELETE FROM gqlsvl.table_option WHERE table_name = $1 AND role IS NOT DISTINCT FROM $2";
constexpr char write_option_sql[] = "INSERT INTO gqlsvl.table_option VALUES ($1, $2, $3, $4, $5, $6, $7)";

} // namespace

GQLSVL_FUNCTION(gqlsvl_write_override) {
  for (int argument : {0, 1, 2})
    if (PG_ARGISNULL(argument))
      throw Error("22004", "table, kind and key of an override must not be null", "Argument " + std::to_string(argument + 1) + " is.",
                  "Give all three.");
  require_owner(PG_GETARG_OID(0));
  Oid types[] = {REGCLASSOID, TEXTOID, TEXTOID, JSONBOID, REGCLASSOID};
  Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3), PG_GETARG_DATUM(4)};
  const char nulls[] = {' ', ' ', ' ', ' ', PG_ARGISNULL(4) ? 'n' : ' '};
  bool existed = false;
  {
    pg::Spi spi;
    pg::AsExtensionOwner owner;
    pg::call([&] {
      SPI_execute_with_args(remove_sql, 3, types, values, nulls, false, 0);
      existed = SPI_processed > 0;
      if (!PG_ARGISNULL(3)) SPI_execute_with_args(write_sql, 5, types, values, nulls, false, 0);
    });
  }
  PG_RETURN_BOOL(existed);
}

// The row of one role (null: of all) is written anew, or only removed when nothing is given.
GQLSVL_FUNCTION(gqlsvl_write_table_option) {
  if (PG_ARGISNULL(0)) throw Error("22004", "table_name must not be null", {}, "Name a table.");
  require_owner(PG_GETARG_OID(0));
  Oid types[] = {REGCLASSOID, REGROLEOID, INT4OID, BOOLOID, TEXTARRAYOID, TEXTARRAYOID, BOOLOID};
  constexpr int count = sizeof types / sizeof *types;
  Datum values[count];
  char nulls[count];
  bool given = false;
  for (int i = 0; i < count; ++i) {
    values[i] = PG_GETARG_DATUM(i);
    nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
    given = given || (i > 1 && !PG_ARGISNULL(i));
  }
  pg::Spi spi;
  pg::AsExtensionOwner owner;
  pg::call([&] {
    SPI_execute_with_args(remove_option_sql, 2, types, values, nulls, false, 0);
    if (given) SPI_execute_with_args(write_option_sql, count, types, values, nulls, false, 0);
  });
  PG_RETURN_VOID();
}

// Rows are changed without a relcache invalidation; the schema is read from them (docs/rules.md, 22).
GQLSVL_FUNCTION(gqlsvl_announce_override) {
  if (!CALLED_AS_TRIGGER(fcinfo))
    throw Error("39P01", "gqlsvl.announce_override is for a trigger", "It was called as a function.", "Leave it to the extension.");
  Relation table = reinterpret_cast<TriggerData *>(fcinfo->context)->tg_relation;
  pg::call([table] { CacheInvalidateRelcache(table); });
  PG_RETURN_POINTER(nullptr);
}
