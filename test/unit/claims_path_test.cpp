// Where Hasura's claims are in a token: by name, path, text or map.
#include "server/claims_path.h"

#include <gtest/gtest.h>

using namespace gqlsvl;
using namespace gqlsvl::server;

namespace {

json::Value value(const std::string &text) {
  json::ParseError error;
  return json::parse(text, error).value();
}

std::string found(const ClaimsPlace &place, const std::string &payload) {
  auto result = find_claims(place, value(payload));
  if (auto *object = std::get_if<json::Value>(&result)) return json::to_string(*object);
  const std::string &wrong = std::get<NoClaims>(result).wrong;
  return wrong.empty() ? "none" : wrong;
}

std::string at(const std::string &path, const std::string &payload) {
  json::Value root = value(payload);
  auto parsed = parse_claims_path(path);
  if (!parsed) return "no path";
  const json::Value *there = at_path(root, *parsed);
  return there ? json::to_string(*there) : "nothing";
}

} // namespace

TEST(ClaimsPath, GoesByNamesAndPlaces) {
  std::string payload = R"({"a":{"b.c":[1,{"d":2}]},"https://x/y":3})";
  EXPECT_EQ(at("$", "{}"), "{}");
  EXPECT_EQ(at("$.a['b.c'][1].d", payload), "2");
  EXPECT_EQ(at("$[\"https://x/y\"]", payload), "3");
  for (const char *path : {"$.x", "$.a.x.y", "$.a['b.c'][2]", "$.a['b.c'].d", "$.a['b.c'][99999999999999999999]"})
    EXPECT_EQ(at(path, payload), "nothing") << path;
  for (const char *path : {"", "a", "$a", "$.", "$..a", "$[", "$[]", "$[a]", "$['a'", "$['']"})
    EXPECT_EQ(at(path, payload), "no path") << path;
}

TEST(FindClaims, ByNameByPathAndAsText) {
  ClaimsPlace place;
  EXPECT_EQ(found(place, R"({"https://hasura.io/jwt/claims":{"a":1}})"), R"({"a":1})");
  EXPECT_EQ(found(place, "{}"), "none");
  EXPECT_NE(found(place, R"({"https://hasura.io/jwt/claims":1})").find("not a JSON object"), std::string::npos);
  place.path = parse_claims_path("$.hasura.claims");
  EXPECT_EQ(found(place, R"({"hasura":{"claims":{"a":1}}})"), R"({"a":1})");
  place.are_text = true;
  EXPECT_EQ(found(place, R"({"hasura":{"claims":"{\"a\":1}"}})"), R"({"a":1})");
  for (const char *payload : {R"({"hasura":{"claims":{"a":1}}})", R"({"hasura":{"claims":"[]"}})", R"({"hasura":{"claims":"{"}})"})
    EXPECT_NE(found(place, payload).find("claims_namespace_path"), std::string::npos) << payload;
}

TEST(FindClaims, ByAMapWithDefaultsAndFixedValues) {
  ClaimsPlace place;
  place.map = {
      {"a", parse_claims_path("$.x"), std::nullopt}, {"b", parse_claims_path("$.y"), value("2")}, {"c", std::nullopt, value("\"3\"")}};
  EXPECT_EQ(found(place, R"({"x":1})"), R"({"a":1,"b":2,"c":"3"})");
  EXPECT_EQ(found(place, R"({"x":1,"y":9})"), R"({"a":1,"b":9,"c":"3"})");
  EXPECT_NE(found(place, "{}").find("looks for a"), std::string::npos);
}
