// Where in a token's payload Hasura's claims are: under a name, at a path, or put together by a map.
//
// In:  the settings of a key, a payload. Out: the claims' object, its absence, or what is wrong.
// Pure. Source: Hasura v2 docs "JWT config": claims_namespace, claims_namespace_path, claims_format, claims_map.
// Tests: test/unit/claims_path_test.cpp.
#pragma once
#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gqlsvl::server {

using ClaimsPath = std::vector<std::string>; // names of members, or places in arrays

// $, $.name, $['name'], $[0] and what can be made of them.
std::optional<ClaimsPath> parse_claims_path(std::string_view text);
const json::Value *at_path(const json::Value &root, const ClaimsPath &path); // null: nothing is there

struct ClaimsRule { // one entry of claims_map: the value at the path, else `value`; neither: an error
  std::string name;
  std::optional<ClaimsPath> path;
  std::optional<json::Value> value;
};

struct ClaimsPlace {
  std::string name = "https://hasura.io/jwt/claims"; // claims_namespace
  std::optional<ClaimsPath> path;                    // claims_namespace_path: instead of the name
  bool are_text = false;                             // claims_format = stringified_json
  std::vector<ClaimsRule> map;                       // not empty: instead of all the above
};

struct NoClaims {
  std::string wrong; // empty: there are none
};
std::variant<json::Value, NoClaims> find_claims(const ClaimsPlace &place, const json::Value &payload);

} // namespace gqlsvl::server
