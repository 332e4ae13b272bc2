// What each request gets: by path, method, media type, origin and health.
// Dialect: D9-batch
#include "server/routes.h"

#include <gtest/gtest.h>

using namespace gqlsvl::server;

namespace {

Options configured() {
  Options options;
  options.version = "1.2.3";
  options.auth.admin_secret = "open sesame";
  options.auth.admin_role = "boss";
  options.cors = Cors("https://shop.example");
  return options;
}

HttpRequest request(std::string method, std::string path, Headers headers = {}, std::string body = {}) {
  HttpRequest r;
  r.method = std::move(method);
  r.path = std::move(path);
  r.headers = std::move(headers);
  r.body = std::move(body);
  return r;
}

HttpRequest graphql(Headers headers = {}, std::string body = R"({"query":"{a}"})") {
  headers.try_emplace("content-type", "application/json");
  headers.try_emplace("x-hasura-admin-secret", "open sesame");
  return request("POST", "/v1/graphql", std::move(headers), std::move(body));
}

HttpResponse answer(const HttpRequest &r, const Options &options = configured(), std::string_view problem = {}) {
  Routed routed = route(options, r, problem, 0);
  if (!std::holds_alternative<HttpResponse>(routed)) ADD_FAILURE() << "not answered at once";
  return std::holds_alternative<HttpResponse>(routed) ? std::get<HttpResponse>(routed) : HttpResponse{};
}

std::string header(const HttpResponse &response, std::string_view name) {
  for (const auto &[key, value] : response.headers)
    if (key == name) return value;
  return "";
}

HttpResponse result(const std::string &accept, const std::string &json, bool failed) {
  return graphql_response(configured(), graphql({{"accept", accept}}), {{json, failed}}, false);
}

const std::string by_specification = "application/graphql-response+json";

} // namespace

TEST(Routes, AGraphqlRequestBecomesWork) {
  Routed routed = route(configured(), graphql(), "", 0);
  ASSERT_TRUE(std::holds_alternative<HttpWork>(routed));
  EXPECT_EQ(std::get<HttpWork>(routed).session.role, "boss");
  EXPECT_EQ(std::get<HttpWork>(routed).requests.at(0).query, "{a}");
  EXPECT_TRUE(
      std::holds_alternative<HttpWork>(route(configured(), graphql({{"content-type", "Application/JSON ; charset=utf-8"}}), "", 0)));
  EXPECT_TRUE(std::get<HttpWork>(route(configured(), graphql({}, R"([{"query":"{a}"}])"), "", 0)).batch);
}

TEST(Routes, AQueryMayComeInTheUrlAMutationMayNot) {
  auto get = [](std::vector<std::pair<std::string, std::string>> arguments) {
    HttpRequest r = request("GET", "/v1/graphql", {{"x-hasura-admin-secret", "open sesame"}});
    r.arguments = std::move(arguments);
    return r;
  };
  Routed routed = route(configured(),
                        get({{"query", "query A {a}"}, {"variables", R"({"n": 1})"}, {"operationName", "A"}, {"extensions", "{}"}}), "", 0);
  ASSERT_TRUE(std::holds_alternative<HttpWork>(routed));
  const GraphqlRequest &one = std::get<HttpWork>(routed).requests.at(0);
  EXPECT_EQ(one.query + one.variables + one.operation_name, R"(query A {a}{"n":1}A)");
  EXPECT_EQ(answer(get({{"query", "mutation {a}"}})).status, 405);
  EXPECT_EQ(header(answer(get({{"query", "mutation {a}"}})), "allow"), "POST");
  for (const char *variables : {"{", "[]", "1"}) EXPECT_EQ(answer(get({{"query", "{a}"}, {"variables", variables}})).status, 400);
  EXPECT_EQ(answer(get({{"query", "{a}"}, {"extensions", "x"}})).status, 400);
  EXPECT_NE(answer(get({})).body.find("the argument \\\"query\\\" is missing"), std::string::npos);
}

TEST(Routes, WhatIsWrongHasItsStatus) {
  EXPECT_EQ(answer(request("PUT", "/v1/graphql")).status, 405);
  EXPECT_EQ(header(answer(request("PUT", "/v1/graphql")), "allow"), "GET, POST, OPTIONS");
  EXPECT_EQ(answer(request("POST", "/healthz")).status, 405);
  EXPECT_EQ(answer(request("GET", "/v2/query")).status, 404);
  EXPECT_NE(answer(request("GET", "/v2/query")).body.find("/v2/query"), std::string::npos);
  for (const char *type : {"", "text/plain", "application/jsonx", "text/json"})
    EXPECT_EQ(answer(graphql({{"content-type", type}})).status, 415);
  EXPECT_EQ(answer(graphql({}, "{")).status, 400);
  HttpRequest large = graphql();
  large.body_too_large = true;
  EXPECT_EQ(answer(large).status, 413);
}

TEST(Routes, WithoutCredentialsItIs401AndAWrongSecretIsNot200ForThoseWhoAskByTheSpecification) {
  HttpRequest nobody = graphql();
  nobody.headers.erase("x-hasura-admin-secret");
  EXPECT_EQ(answer(nobody).status, 401);
  EXPECT_EQ(header(answer(nobody), "www-authenticate"), "Bearer");
  EXPECT_EQ(answer(graphql({{"x-hasura-admin-secret", "x"}})).status, 200);
  EXPECT_EQ(answer(graphql({{"x-hasura-admin-secret", "x"}, {"accept", by_specification}})).status, 401);
}

TEST(Routes, ASubscriptionIsPointedToTheWebSocket) {
  HttpResponse response = answer(graphql({}, R"({"query":"subscription { a }"})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("use websockets"), std::string::npos);
}

TEST(Routes, WhoAcceptsEventsGetsAStream) {
  Headers events{{"accept", "application/json, text/event-stream"}};
  Routed routed = route(configured(), graphql(events, R"({"query":"subscription { a }"})"), "", 0);
  ASSERT_TRUE(std::holds_alternative<HttpWork>(routed));
  EXPECT_TRUE(std::get<HttpWork>(routed).events);
  EXPECT_FALSE(std::get<HttpWork>(route(configured(), graphql(events), "", 0)).events) << "one piece, and JSON is welcome";
  events["accept"] = "text/event-stream";
  EXPECT_TRUE(std::get<HttpWork>(route(configured(), graphql(events), "", 0)).events);
  EXPECT_EQ(answer(graphql(events, R"([{"query":"{a}"}])")).status, 400);
  EXPECT_EQ(event_stream_response(configured(), graphql(events)).content_type, "text/event-stream");
  EXPECT_EQ(next_event("{\"a\":\r\n1}"), "event: next\ndata: {\"a\":  1}\n\n");
  EXPECT_EQ(complete_event(), "event: complete\ndata:\n\n");
}

TEST(Routes, TheMediaTypeIsTheOneTheClientPrefers) {
  auto type = [](const std::string &accept) { return result(accept, R"({"data":{}})", false).content_type; };
  for (const char *accept : {"", "*/*", "application/json", "text/html", "application/graphql-response+json;q=0.5, application/json",
                             "application/graphql-response+json;q=0", "application/graphql-response+jsonx"})
    EXPECT_EQ(type(accept), "application/json; charset=utf-8") << accept;
  for (const char *accept :
       {"application/graphql-response+json", "Application/GraphQL-Response+JSON",
        "application/json;q=0.9, application/graphql-response+json", "application/graphql-response+json,application/json"})
    EXPECT_EQ(type(accept), "application/graphql-response+json; charset=utf-8") << accept;
}

TEST(Routes, TheStatusOfAFailureIsByTheSpecificationWhereThatIsAskedFor) {
  std::string invalid = error_json("validation-failed", "m"), denied = error_json("access-denied", "m"),
              ran = error_json("constraint-violation", "m");
  for (const std::string &json : {invalid, denied, ran}) EXPECT_EQ(result("application/json", json, true).status, 200);
  EXPECT_EQ(result(by_specification, invalid, true).status, 400);
  EXPECT_EQ(result(by_specification, denied, true).status, 403);
  // With a 2xx status the member `data` must be there: what ran and failed has none to show.
  EXPECT_EQ(result(by_specification, ran, true).status, 200);
  EXPECT_TRUE(result(by_specification, ran, true).body.starts_with(R"({"data":null,"errors":[)"));
  EXPECT_EQ(result("application/json", ran, true).body, ran);
}

TEST(Routes, ABatchIsAnArrayInOrder) {
  EXPECT_EQ(graphql_response(configured(), graphql(), {{"1", false}, {"2", true}}, true).body, "[1,2]");
}

TEST(Routes, OnlyAllowedOriginsReadAnything) {
  for (const char *path : {"/v1/graphql", "/healthz", "/nowhere"}) {
    HttpRequest asked = request("OPTIONS", path, {{"origin", "https://shop.example"}, {"access-control-request-headers", "x-a, x-b"}});
    EXPECT_EQ(header(answer(asked), "access-control-allow-origin"), "https://shop.example") << path;
    asked.headers["origin"] = "https://evil.example";
    EXPECT_EQ(header(answer(asked), "access-control-allow-origin"), "") << path;
  }
  HttpRequest preflight =
      request("OPTIONS", "/v1/graphql", {{"origin", "https://shop.example"}, {"access-control-request-headers", "x-a, x-b"}});
  EXPECT_EQ(answer(preflight).status, 204);
  EXPECT_EQ(header(answer(preflight), "access-control-allow-headers"), "x-a, x-b");
}

TEST(Routes, TheRequestIdIsEchoedWithoutControlCharacters) {
  EXPECT_EQ(header(answer(request("GET", "/v1/version", {{"x-request-id", "a\x01\x7f b"}})), "x-request-id"), "a b");
  EXPECT_EQ(answer(request("GET", "/v1/version")).body, R"({"version":"1.2.3","server_type":"gqlsvl"})");
}

TEST(Routes, HealthIsTheProblemOrAQuestionToTheDatabase) {
  EXPECT_EQ(answer(request("GET", "/healthz"), configured(), "no \"executor\"").status, 503);
  EXPECT_EQ(answer(request("GET", "/healthz"), configured(), "no \"executor\"").body, R"({"status":"error","reason":"no \"executor\""})");
  HttpRequest strict = request("GET", "/healthz");
  strict.arguments = {{"strict", "true"}};
  EXPECT_TRUE(std::get<HealthQuestion>(route(configured(), strict, "", 0)).strict);
  EXPECT_FALSE(std::get<HealthQuestion>(route(configured(), strict, "", 0)).details);
  strict.headers["x-hasura-admin-secret"] = "open sesame";
  EXPECT_TRUE(std::get<HealthQuestion>(route(configured(), strict, "", 0)).details);
}

TEST(Routes, HealthShowsNamesToAllAndMessagesToTheAdminOnly) {
  std::string rows = R"([{"name":"delivery","message":"table secret_plans"},{"name":"worker","message":"m"}])";
  auto health = [&](HealthQuestion question, const std::string &of) {
    return health_response(configured(), request("GET", "/healthz"), question, of);
  };
  EXPECT_EQ(health({}, "[]").body, R"({"status":"ok"})");
  EXPECT_EQ(health({true, false}, "[]").status, 200);
  EXPECT_EQ(health({}, rows).status, 200);
  EXPECT_EQ(health({}, rows).body, R"({"status":"warn","checks":["delivery","worker"]})");
  EXPECT_EQ(health({true, false}, rows).status, 503);
  EXPECT_NE(health({false, true}, rows).body.find("secret_plans"), std::string::npos);
  EXPECT_EQ(health({}, "rubbish").body, R"({"status":"warn","checks":[]})");
}

TEST(Routes, AnUpgradeIsRefusedUnlessAllIsRight) {
  Headers right{{"upgrade", "WebSocket"},
                {"sec-websocket-key", "k"},
                {"sec-websocket-version", "13"},
                {"sec-websocket-protocol", "x, graphql-transport-ws"}};
  auto refused = [](const HttpRequest &r) {
    auto refusal = refuse_upgrade(configured(), r);
    return refusal ? refusal->status : 0;
  };
  auto with = [&](const char *name, const char *value) {
    HttpRequest r = request("GET", "/v1/graphql", right);
    r.headers[name] = value;
    return refused(r);
  };
  EXPECT_EQ(refused(request("GET", "/v1/graphql", right)), 0);
  EXPECT_EQ(with("origin", "https://shop.example"), 0);
  EXPECT_EQ(with("sec-websocket-protocol", ""), 0) << "is closed with 4406";
  EXPECT_EQ(with("origin", "https://evil.example"), 400);
  EXPECT_EQ(with("sec-websocket-protocol", "graphql-transport-wss"), 400);
  EXPECT_EQ(with("sec-websocket-version", "8"), 426);
  EXPECT_EQ(with("sec-websocket-key", ""), 400);
  EXPECT_EQ(with("upgrade", "h2c"), 400);
  EXPECT_EQ(refused(request("POST", "/v1/graphql", right)), 400);
  EXPECT_EQ(refused(request("GET", "/", right)), 404);
}
