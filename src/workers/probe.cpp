// The probe: one short process per database that looks whether it has the extension, and tells the plan.
//
// In:  bgw_main_arg: the database. Out: plan_database or forget_database. Always: reads two catalogs in one transaction and ends.
// A database that cannot be connected to ends the probe with a FATAL line; the launcher leaves that database as it was.
#include "pg/settings.h"
#include "pg/transaction.h"
#include "workers/plan.h"

extern "C" {
#include "commands/extension.h"
#include "postmaster/bgworker.h"
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

void look(Oid database) {
  bool present = false;
  Oid authenticator = InvalidOid;
  {
    pg::Transaction transaction;
    present = OidIsValid(pg::call([] { return get_extension_oid("gqlsvl", true); }));
    const char *role = pg::settings().authenticator_role;
    authenticator = pg::call([role] { return get_role_oid(role && *role ? role : "gqlsvl_authenticator", true); });
    transaction.commit();
  }
  if (present)
    plan_database(database, authenticator, port_is_set_for_the_database());
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
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
  pg::entry([database] { workers::look(DatumGetObjectId(database)); });
  proc_exit(0);
}
}
