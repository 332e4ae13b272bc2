// gqlsvl.set_secret and gqlsvl.drop_secret: values that settings (secret:NAME) and event triggers use by name.
//
// In:  name and value. Out: rows of gqlsvl.secret (name and owner, dumped) and gqlsvl.secret_value (not dumped); the delivery workers
//   hear of the change at commit.
// Always: a name belongs to who set it first.
#include "events/secret.h"

#include <algorithm>
#include <cstring>

#include "events/definition_row.h"

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

Values named(const std::string &name) { return std::move(Values().add(name)); }

// The secret's owner, its row locked; none when there is no such secret.
std::optional<Oid> owner_of(const std::string &name) {
  Rows rows("SELECT s.owner::oid FROM gqlsvl.secret s WHERE s.name = $1 FOR UPDATE", named(name));
  return rows.count() == 0 ? std::nullopt : std::optional(DatumGetObjectId(rows.datum(1)));
}

void require_own(Oid owner, Oid caller, const std::string &name) {
  if (call([=] { return has_privs_of_role(caller, owner); })) return;
  throw Error(sqlstate::insufficient_privilege, "must be owner of secret \"" + name + '"', "Another role has set a secret of this name.",
              "Use another name.");
}

} // namespace

std::optional<std::string> own_secret(const std::string &name, Oid role) {
  OwnerSession session;
  Rows rows("SELECT v.value FROM gqlsvl.secret s JOIN gqlsvl.secret_value v ON v.name = s.name "
            "WHERE s.name = $1 AND pg_has_role($2, s.owner::oid, 'USAGE')",
            Values().add(name).add(OIDOID, ObjectIdGetDatum(role)));
  return rows.count() == 0 ? std::nullopt : std::optional(rows.text(1));
}

} // namespace gqlsvl::events

using namespace gqlsvl::events;

GQLSVL_FUNCTION(gqlsvl_set_secret) {
  std::string name = text_argument(fcinfo, 0), value = text_argument(fcinfo, 1);
  require_event_admin("gqlsvl.set_secret");
  check_name(name);
  check_value(value);
  Oid caller = GetUserId();
  {
    OwnerSession session;
    Rows inserted("INSERT INTO gqlsvl.secret (name, owner) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                  Values().add(name).add(REGROLEOID, ObjectIdGetDatum(caller)));
    require_own(owner_of(name).value_or(InvalidOid), caller, name);
    Rows touched("UPDATE gqlsvl.secret SET changed_at = now() WHERE name = $1", named(name));
    Rows stored("INSERT INTO gqlsvl.secret_value (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                Values().add(name).add(value));
    announce_change();
  }
  PG_RETURN_VOID();
}

GQLSVL_FUNCTION(gqlsvl_drop_secret) {
  std::string name = text_argument(fcinfo, 0);
  require_event_admin("gqlsvl.drop_secret");
  Oid caller = GetUserId();
  {
    OwnerSession session;
    std::optional<Oid> owner = owner_of(name);
    if (!owner) throw Error(sqlstate::undefined_object, "secret \"" + name + "\" does not exist", {}, "Check the spelling.");
    require_own(*owner, caller, name);
    Rows dropped("DELETE FROM gqlsvl.secret WHERE name = $1", named(name));
    announce_change();
  }
  PG_RETURN_VOID();
}
