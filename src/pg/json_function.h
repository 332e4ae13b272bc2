// A user's function f(json) RETURNS json: found by its signature, checked, called.
//
// In:  "schema"."name"(json), a role. Out: the function; Error 42883 no such function, 42809 another kind of function, 42501 the role may
//   not execute it. The call runs with the current user's rights.
#pragma once
#include "pg/boundary.h"

#include <optional>

namespace gqlsvl::pg {

std::string signature_of(Oid function); // with its schema, so that it means the same under every search_path
Oid find_json_function(const std::string &signature, Oid role);
std::optional<std::string> call_json_function(Oid function, const std::string &json); // none: it returned NULL

} // namespace gqlsvl::pg
