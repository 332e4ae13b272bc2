// What differs between major versions of Postgres, and nothing else (docs/rules.md, 29).
//
// In:  PG_VERSION_NUM. Out: one name for each thing that moved. Tested: 15; 16 to 18 compile by the same names where known.
#pragma once
#include "pg/boundary.h"

#include <cstring>

extern "C" {
#include "catalog/pg_auth_members.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_namespace.h"
#include "commands/sequence.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/rel.h"
}

namespace gqlsvl::pg {

// pg_database_ownercheck became object_ownercheck in 16.
inline bool owns_database(Oid database, Oid role) {
#if PG_VERSION_NUM >= 160000
  return object_ownercheck(DatabaseRelationId, database, role);
#else
  return pg_database_ownercheck(database, role);
#endif
}

// The same for pg_class_ownercheck.
inline bool owns_relation(Oid relation, Oid role) {
#if PG_VERSION_NUM >= 160000
  return object_ownercheck(RelationRelationId, relation, role);
#else
  return pg_class_ownercheck(relation, role);
#endif
}

// And for pg_proc_ownercheck.
inline bool owns_function(Oid function, Oid role) {
#if PG_VERSION_NUM >= 160000
  return object_ownercheck(ProcedureRelationId, function, role);
#else
  return pg_proc_ownercheck(function, role);
#endif
}

// xl_seq_rec's only field is called locator since 16.
inline xl_seq_rec sequence_record(Relation sequence) {
#if PG_VERSION_NUM >= 160000
  return {sequence->rd_locator};
#else
  return {sequence->rd_node};
#endif
}

// pg_proc_aclcheck became object_aclcheck in 16.
inline bool may_execute(Oid function, Oid role) {
#if PG_VERSION_NUM >= 160000
  return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK;
#else
  return pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

// LockHeldByMe has a third parameter since 17: whether a stronger lock counts too.
inline bool holds_exclusive_lock(const LOCKTAG &tag) {
#if PG_VERSION_NUM >= 170000
  return LockHeldByMe(&tag, ExclusiveLock, false);
#else
  return LockHeldByMe(&tag, ExclusiveLock);
#endif
}

// The memory of a string setting: malloc's until 15, Postgres's own since. Null when there is none left.
inline char *copy_setting(const char *value) {
#if PG_VERSION_NUM >= 160000
  return guc_strdup(LOG, value);
#else
  return strdup(value);
#endif
}

// pg_namespace_aclcheck became object_aclcheck in 16.
inline bool has_schema_right(Oid schema, Oid role, AclMode right) {
#if PG_VERSION_NUM >= 160000
  return object_aclcheck(NamespaceRelationId, schema, role, right) == ACLCHECK_OK;
#else
  return pg_namespace_aclcheck(schema, role, right) == ACLCHECK_OK;
#endif
}

// Whether a membership gives the member the role's rights: since 16 said by each grant, before by the member's INHERIT alone.
inline bool passes_rights_on(Form_pg_auth_members membership) {
#if PG_VERSION_NUM >= 160000
  return membership->inherit_option;
#else
  return true;
#endif
}

} // namespace gqlsvl::pg
