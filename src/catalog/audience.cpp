#include "catalog/audience.h"

#include "pg/compat.h"
#include "pg/settings.h"

#include <algorithm>

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"
}

namespace gqlsvl::catalog {

namespace {

// What a role passes on to those who ask for rights: its OID, and flags above it.
constexpr std::uint64_t inherits_flag = 1ull << 32, superuser_flag = 1ull << 33, passes_on_flag = 1ull << 34;

std::uint64_t role_word(Oid role) {
  HeapTuple row = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
  if (!HeapTupleIsValid(row)) return role;
  auto form = reinterpret_cast<Form_pg_authid>(GETSTRUCT(row));
  const std::uint64_t word = role | (form->rolinherit ? inherits_flag : 0) | (form->rolsuper ? superuser_flag : 0);
  ReleaseSysCache(row);
  return word;
}

// The OIDs, each with passes_on_flag where the grant itself lets rights through, of the roles that `member` was granted.
List *granted_to(Oid member, List *words) {
  CatCList *grants = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));
  for (int i = 0; i < grants->n_members; ++i) {
    auto form = reinterpret_cast<Form_pg_auth_members>(GETSTRUCT(&grants->members[i]->tuple));
    auto *word = static_cast<std::uint64_t *>(palloc(sizeof(std::uint64_t)));
    *word = form->roleid | (pg::passes_rights_on(form) ? passes_on_flag : 0);
    words = lappend(words, word);
  }
  ReleaseSysCacheList(grants);
  return words;
}

// All roles reached from `role` by membership. Wider than what Postgres counts when some do not inherit, which only means that a change
// there is looked at more closely for nothing.
List *reachable_roles(Oid role) {
  List *words = granted_to(role, NIL);
  List *visited = list_make1_oid(role);
  for (int i = 0; i < list_length(words); ++i) {
    const Oid next = static_cast<Oid>(*static_cast<std::uint64_t *>(list_nth(words, i)));
    if (list_member_oid(visited, next)) continue;
    visited = lappend_oid(visited, next);
    words = granted_to(next, words);
  }
  ListCell *cell;
  foreach (cell, visited) {
    auto *word = static_cast<std::uint64_t *>(palloc(sizeof(std::uint64_t)));
    *word = role_word(lfirst_oid(cell));
    words = lappend(words, word);
  }
  return words;
}

// Its owner is a member of pg_database_owner.
Oid database_owner() {
  HeapTuple row = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
  if (!HeapTupleIsValid(row)) return InvalidOid;
  const Oid owner = reinterpret_cast<Form_pg_database>(GETSTRUCT(row))->datdba;
  ReleaseSysCache(row);
  return owner;
}

List *usable_schemas(Oid role) {
  List *names = NIL, *schemas = NIL;
  const char *value = pg::settings().schemas ? pg::settings().schemas : "";
  if (!SplitIdentifierString(pstrdup(value), ',', &names)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("gqlsvl.schemas is not a list of schema names"),
                    errdetail("Its value is \"%s\".", value), errhint("Write names separated by commas, quoted as in SQL.")));
  }
  ListCell *cell;
  foreach (cell, names) {
    const Oid schema = get_namespace_oid(static_cast<const char *>(lfirst(cell)), true);
    if (OidIsValid(schema) && pg::has_schema_right(schema, role, ACL_USAGE)) schemas = list_append_unique_oid(schemas, schema);
  }
  return schemas;
}

} // namespace

Audience current_audience() {
  Audience audience;
  const Oid role = GetUserId();
  const char *name = nullptr;
  List *words = NIL, *schemas = NIL;
  Oid owner = InvalidOid;
  pg::call([&] {
    name = GetUserNameFromId(role, false);
    words = reachable_roles(role);
    owner = database_owner();
    schemas = usable_schemas(role);
  });
  audience.role = role;
  audience.role_name = name;
  audience.backend = pg::settings().use_backend_only_permissions;
  ListCell *cell;
  foreach (cell, words) audience.memberships.push_back(*static_cast<const std::uint64_t *>(lfirst(cell)));
  std::sort(audience.memberships.begin(), audience.memberships.end());
  audience.memberships.push_back(owner);
  foreach (cell, schemas) {
    const Oid schema = lfirst_oid(cell);
    const char *schema_name = pg::call([schema] { return get_namespace_name(schema); });
    audience.schemas.emplace_back(schema, schema_name ? schema_name : "");
  }
  return audience;
}

} // namespace gqlsvl::catalog
