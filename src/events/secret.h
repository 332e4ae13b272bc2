// Secrets of this database by name: what gqlsvl.set_secret keeps (gqlsvl.secret, gqlsvl.secret_value).
//
// In:  a name and who wants it. Out: the value, none when there is no such secret or it belongs to another role.
// Always: nobody but superusers reads a value back by SQL; no error holds one.
#pragma once
#include "pg/boundary.h"

#include <optional>

namespace gqlsvl::events {

// Of `role` itself or of a role whose rights it has; all of them for a superuser. Inside a transaction.
std::optional<std::string> own_secret(const std::string &name, Oid role);

} // namespace gqlsvl::events
