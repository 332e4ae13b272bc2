// One GraphQL request in an executor: as whom it runs, and that nothing of it stays behind.
//
// In:  a WorkItem. Out: its Outcome; never an exception for what is the request's own fault.
// Always (docs/rules.md, 1, 2, 3, 24): the role is a member of the session user at this moment, no superuser, no pg_* role, BYPASSRLS
//   only as gqlsvl.admin_role by the admin secret. SET ROLE, RESET ROLE and SET SESSION AUTHORIZATION are refused while it runs. COMMIT
//   runs still as that role, so deferred triggers do too. An evaluation sees its role and claims in a subtransaction that is always rolled
//   back.
#pragma once
#include "workers/message.h"

namespace gqlsvl::workers {

void prepare_session(); // once, after the connection: the settings of rule 25; the callback that lets go of the role at PRE_COMMIT
server::Outcome run_request(const WorkItem &item);
void clean_session(server::CallKind kind); // after each request; throws when the session cannot be made as new: then the process must end

} // namespace gqlsvl::workers
