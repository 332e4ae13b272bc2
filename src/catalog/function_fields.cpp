// gqlsvl.write_function_field and remove_function_field: how the SQL functions of 22_graphql_functions.sql keep what owners made fields.
#include "catalog/functions.h"
#include "pg/compat.h"
#include "pg/extension_owner.h"
#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
}

using namespace gqlsvl;

namespace {

void require_owner(bool owns, const std::string &what) {
  if (owns) return;
  throw Error(sqlstate::insufficient_privilege, "must be owner of " + what, {},
              "Root fields are for the function's owner, computed fields for the table's.");
}

void require_table_owner(Oid table) {
  const char *name = pg::call([table] { return get_rel_name(table); });
  if (!name) throw Error(sqlstate::undefined_table, "table does not exist", "Its OID is " + std::to_string(table) + ".", "Name a table.");
  require_owner(pg::call([table] { return pg::owns_relation(table, GetUserId()); }), "table " + std::string(name));
}

// One that is gone is the superuser's.
void require_function_owner(Oid function, const std::string &signature) {
  require_owner(pg::call([function] { return OidIsValid(function) ? pg::owns_function(function, GetUserId()) : superuser(); }),
                "function " + signature);
}

const char *signature_of(Oid function) {
  return pg::call([function] { return format_procedure_qualified(function); });
}

constexpr Oid types[] = {TEXTOID, REGCLASSOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};
constexpr char remove_sql[] = "DELETE FROM gqlsvl.function_field WHERE CASE WHEN $2 IS NULL THEN table_name IS NULL AND function = $1 "
                              "ELSE table_name = $2 AND name = $3 END";
constexpr char write_sql[] = "INSERT INTO gqlsvl.function_field (function, table_name, name, expose_as, table_argument, session_argument) "
                             "VALUES ($1, $2, $3, $4, $5, $6)";

// Removes the row that is like these values, and writes them. Returns whether there was one.
bool replace(Datum *values, const char *nulls, bool write) {
  pg::Spi spi;
  pg::AsExtensionOwner owner;
  return pg::call([&] {
    SPI_execute_with_args(remove_sql, 3, const_cast<Oid *>(types), values, nulls, false, 0);
    const bool existed = SPI_processed > 0;
    if (write) SPI_execute_with_args(write_sql, 6, const_cast<Oid *>(types), values, nulls, false, 0);
    return existed;
  });
}

} // namespace

GQLSVL_FUNCTION(gqlsvl_write_function_field) {
  if (PG_ARGISNULL(0) || (!PG_ARGISNULL(1) && PG_ARGISNULL(2)))
    throw Error("22004", "a function, and the name of a computed field, must not be null", "One of them is.", "Give both.");
  const Oid function = PG_GETARG_OID(0);
  const char *signature = signature_of(function);
  if (PG_ARGISNULL(1))
    require_function_owner(function, signature);
  else
    require_table_owner(PG_GETARG_OID(1));
  Datum values[6];
  char nulls[6];
  for (int i = 0; i < 6; ++i) {
    values[i] = PG_GETARG_DATUM(i);
    nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
  }
  values[0] = pg::call([signature] { return CStringGetTextDatum(signature); });
  replace(values, nulls, true);
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_remove_function_field) {
  Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};
  const char nulls[] = {PG_ARGISNULL(0) ? 'n' : ' ', PG_ARGISNULL(1) ? 'n' : ' ', PG_ARGISNULL(2) ? 'n' : ' '};
  if (!PG_ARGISNULL(1)) {
    require_table_owner(PG_GETARG_OID(1));
  } else if (!PG_ARGISNULL(0)) {
    const char *given = pg::call([&] { return TextDatumGetCString(values[0]); });
    const Oid function = pg::call([given] { return catalog::function_of(given); });
    require_function_owner(function, given);
    if (OidIsValid(function)) {
      const char *signature = signature_of(function);
      values[0] = pg::call([signature] { return CStringGetTextDatum(signature); });
    }
  }
  PG_RETURN_BOOL(replace(values, nulls, false));
}
