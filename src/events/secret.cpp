// gqlsvl.set_secret and gqlsvl.drop_secret: values that settings (secret:NAME) use by name.
//
// In:  name and value. Out: rows of gqlsvl.secret (name and owner, dumped) and gqlsvl.secret_value (not dumped).
// Always: nobody but superusers reads a value back; a name belongs to who set it first; no error holds a value.
#include "events/definition.h"

#include <algorithm>
#include <cstring>

#include "pg/extension_owner.h"
#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/acl.h"
}

using gqlsvl::Error;
using gqlsvl::pg::call;
namespace sqlstate = gqlsvl::sqlstate;

namespace gqlsvl::events {

namespace {

constexpr std::size_t longest_name = 100, longest_value = 64 * 1024;

std::string text_argument(FunctionCallInfo fcinfo, int position) {
  return call([=] { return text_to_cstring(PG_GETARG_TEXT_PP(position)); });
}

void check_name(const std::string &name) {
  auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::strchr("_.-", c); };
  if (!name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), allowed)) return;
  throw Error(sqlstate::invalid_parameter, "invalid name of a secret", "It has " + std::to_string(name.size()) + " bytes.",
              "Use 1 to 100 letters, digits, \"_\", \".\" and \"-\".");
}

void check_value(const std::string &value) {
  if (!value.empty() && value.size() <= longest_value) return;
  throw Error(sqlstate::invalid_parameter, "the value of a secret is empty or too long",
              "It has " + std::to_string(value.size()) + " bytes.", "Use 1 to 65536 bytes.");
}

std::uint64_t execute(const char *sql, std::initializer_list<std::string> values) {
  return call([&] {
    Oid types[3] = {TEXTOID, TEXTOID, TEXTOID};
    Datum parameters[3];
    int count = 0;
    for (const std::string &value : values) parameters[count++] = CStringGetTextDatum(value.c_str());
    SPI_execute_with_args(sql, count, types, parameters, nullptr, false, 0);
    return SPI_processed;
  });
}

// The secret's owner, its row locked; none when there is no such secret.
std::optional<Oid> owner_of(const std::string &name) {
  if (execute("SELECT s.owner::oid FROM gqlsvl.secret s WHERE s.name = $1 FOR UPDATE", {name}) == 0) return std::nullopt;
  bool is_null;
  return DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
}

void require_own(Oid owner, Oid caller, const std::string &name) {
  if (call([=] { return has_privs_of_role(caller, owner); })) return;
  throw Error(sqlstate::insufficient_privilege, "must be owner of secret \"" + name + '"', "Another role has set a secret of this name.",
              "Use another name.");
}

} // namespace

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_set_secret) {
  std::string name = text_argument(fcinfo, 0), value = text_argument(fcinfo, 1);
  require_event_admin("gqlsvl.set_secret");
  check_name(name);
  check_value(value);
  Oid caller = GetUserId();
  gqlsvl::pg::Spi spi;
  {
    gqlsvl::pg::AsExtensionOwner owner;
    execute("INSERT INTO gqlsvl.secret (name, owner) VALUES ($1, $2::oid) ON CONFLICT (name) DO NOTHING", {name, std::to_string(caller)});
    require_own(owner_of(name).value_or(InvalidOid), caller, name);
    execute("UPDATE gqlsvl.secret SET changed_at = now() WHERE name = $1", {name});
    execute("INSERT INTO gqlsvl.secret_value (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            {name, value});
  }
  spi.finish();
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_drop_secret) {
  std::string name = text_argument(fcinfo, 0);
  require_event_admin("gqlsvl.drop_secret");
  Oid caller = GetUserId();
  gqlsvl::pg::Spi spi;
  {
    gqlsvl::pg::AsExtensionOwner owner;
    std::optional<Oid> belongs_to = owner_of(name);
    if (!belongs_to) throw Error(sqlstate::undefined_object, "secret \"" + name + "\" does not exist", {}, "Check the spelling.");
    require_own(*belongs_to, caller, name);
    execute("DELETE FROM gqlsvl.secret WHERE name = $1", {name});
  }
  spi.finish();
  PG_RETURN_VOID();
}
