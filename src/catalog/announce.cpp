#include "catalog/announce.h"

#include "pg/server.h"

extern "C" {
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
}

namespace gqlsvl::catalog {

namespace {

void announce_relation(List *name) {
  const Oid relation = RangeVarGetRelid(makeRangeVarFromNameList(name), NoLock, true);
  if (OidIsValid(relation)) CacheInvalidateRelcacheByRelid(relation);
}

// The comment of one that is a field describes it. Which one it is hardly matters: functions are seldom commented on.
void announce_functions() {
  const Oid schema = get_namespace_oid("gqlsvl", true);
  const Oid fields = OidIsValid(schema) ? get_relname_relid("function_field", schema) : InvalidOid;
  if (OidIsValid(fields)) CacheInvalidateRelcacheByRelid(fields);
}

void announce(ObjectType kind, Node *object) {
  switch (kind) {
  case OBJECT_TABLE:
  case OBJECT_VIEW:
  case OBJECT_MATVIEW:
  case OBJECT_FOREIGN_TABLE: return announce_relation(castNode(List, object));
  case OBJECT_FUNCTION: return announce_functions();
  case OBJECT_COLUMN: {
    List *name = castNode(List, object);
    return announce_relation(list_copy_head(name, list_length(name) - 1));
  }
  default: return;
  }
}

} // namespace

void announce_utility_statement(Node *statement) {
  if (IsA(statement, CommentStmt)) {
    auto *comment = reinterpret_cast<CommentStmt *>(statement);
    announce(comment->objtype, comment->object);
  } else if (IsA(statement, AlterExtensionContentsStmt)) {
    auto *alter = reinterpret_cast<AlterExtensionContentsStmt *>(statement);
    announce(alter->objtype, alter->object);
  }
}

} // namespace gqlsvl::catalog
