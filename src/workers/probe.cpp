// The probe: one short process per database that looks whether it has the extension, and tells the plan.
//
// In:  bgw_main_arg: the database. Out: plan_database or forget_database. Always: reads two catalogs in one transaction and ends.
// A database that cannot be connected to ends the probe with a FATAL line; the launcher leaves that database as it was.
#include "pg/settings.h"
#include "pg/transaction.h"
#include "workers/plan.h"

extern "C" {
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
}

namespace gqlsvl::workers {

namespace {

bool port_is_set_for_the_database() {
  struct config_generic **all = get_guc_variables();
  for (int i = 0, count = GetNumConfigOptions(); i < count; i++)
    if (strcmp(all[i]->name, "gqlsvl.port") == 0) return all[i]->source == PGC_S_DATABASE;
  return false;
}

void report(Oid database, const Shortage &shortage) {
  const char *of = shortage.database ? "databases" : shortage.workers ? "worker processes" : nullptr;
  if (!of) return;
  ereport(WARNING, (errmsg("gqlsvl has no room for all %s: database %u is not served as it should be", of, database),
                    shortage.database ? errdetail("At most %d databases of a cluster are served.", max_databases)
                                      : errdetail("%d worker processes were left out; there may be %d, of these %d executors.",
                                                  shortage.workers, max_slots, max_channels),
                    errhint("Lower gqlsvl.executors or gqlsvl.delivery_workers, or drop the extension where it is not used.")));
}

// The role that executors may connect as; else a line in the log and InvalidOid. Plain Postgres code.
Oid find_authenticator() {
  const char *setting = pg::settings().authenticator_role;
  const char *name = setting && *setting ? setting : "gqlsvl_authenticator";
  const Oid role = get_role_oid(name, true);
  const char *problem = !OidIsValid(role) ? "There is no such role." : superuser_arg(role) ? "It is a superuser." : nullptr;
  if (!problem) return role;
  ereport(WARNING, (errcode(ERRCODE_INVALID_ROLE_SPECIFICATION),
                    errmsg("gqlsvl runs no requests in database \"%s\": role \"%s\" cannot be its authenticator",
                           get_database_name(MyDatabaseId), name),
                    errdetail("%s", problem),
                    errhint("Create the role with LOGIN and without SUPERUSER, or name another one in gqlsvl.authenticator_role.")));
  return InvalidOid;
}

void look(Oid database) {
  DatabaseFacts facts{database, InvalidOid, pg::settings().port, port_is_set_for_the_database()};
  bool present = false;
  {
    pg::Transaction transaction;
    present = OidIsValid(pg::call([] { return get_extension_oid("gqlsvl", true); }));
    if (present) facts.authenticator = pg::call([] { return find_authenticator(); });
    transaction.commit();
  }
  if (present)
    report(database, plan_database(facts));
  else
    forget_database(database);
}

} // namespace
} // namespace gqlsvl::workers

extern "C" {
extern PGDLLEXPORT void gqlsvl_probe_main(Datum database);

void gqlsvl_probe_main(Datum database) {
  using namespace gqlsvl;
  pqsignal(SIGTERM, die);
  workers::connect_worker(DatumGetObjectId(database), InvalidOid, "gqlsvl probe");
  pg::entry([database] { workers::look(DatumGetObjectId(database)); });
  proc_exit(0);
}
}
