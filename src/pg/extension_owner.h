// For SQL functions that write gqlsvl's own tables, after the caller's rights were checked.
//
// Superuser with a pinned search path, while this lives: the caller has no rights on gqlsvl's tables, and none of his functions or
// operators must be found by our statements.
#pragma once
#include "pg/boundary.h"

extern "C" {
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/guc.h"
}

namespace gqlsvl::pg {

class AsExtensionOwner {
public:
  AsExtensionOwner() {
    GetUserIdAndSecContext(&user_, &context_);
    call([this] {
      settings_ = NewGUCNestLevel();
      set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    });
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, context_ | SECURITY_LOCAL_USERID_CHANGE);
  }
  ~AsExtensionOwner() {
    SetUserIdAndSecContext(user_, context_);
    AtEOXact_GUC(true, settings_);
  }
  AsExtensionOwner(const AsExtensionOwner &) = delete;

private:
  Oid user_;
  int context_, settings_ = 0;
};

} // namespace gqlsvl::pg
