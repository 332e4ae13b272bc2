// A GraphQL request as JSON: the body of a POST, the payload of a subscribe message; and the JSON of an error.
//
// Pure. In: bytes. Out: requests in order, or what is wrong. Always: unknown members are ignored; `variables` and `query` have the right
// JSON type; an error is {"errors":[{"message","extensions":{"path","code"[,"hint"]}}]}.
// Source: GraphQL over HTTP, section 5; docs/dialect.md, 9 (Hasura v2: an array is a batch). Tests: test/unit/graphql_request_test.cpp.
#pragma once
#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gqlsvl::server {

struct GraphqlRequest {
  std::string query, variables, operation_name; // variables: JSON object text, or empty
  std::string document = {};                    // stands for the query, or is its hash: "sha256:HASH", or an id
  bool read_only = false;                       // from a URL: a mutation is refused
};

struct RequestBody {
  std::vector<GraphqlRequest> requests;
  bool batch = false;
  std::string error; // not empty: the body is wrong; `error_code` is the code to answer with
  std::string error_code;
};

RequestBody parse_request_body(std::string_view body);

// From the arguments of a URL (GraphQL over HTTP, section 6.3): `variables` is JSON text.
RequestBody read_arguments(const std::vector<std::pair<std::string, std::string>> &arguments);

// From the object {query, variables, operationName, documentId, extensions: {persistedQuery: {sha256Hash}}}; nothing and `error` filled
// when a member has the wrong type.
std::optional<GraphqlRequest> read_request(const json::Value &object, std::string &error);

// Of an answer that has failed. A request error is one that a document, its variables or its sender can never avoid, as opposed to a
// failure while it ran.
std::string first_error_code(std::string_view answer_json);
bool is_request_error(std::string_view answer_json);
std::string errors_of(std::string_view answer_json); // the array itself

std::string error_json(std::string_view code, std::string_view message, std::string_view hint = {}, std::string_view path = "$");
std::string errors_array(std::string_view code, std::string_view message, std::string_view hint = {}, std::string_view path = "$");

} // namespace gqlsvl::server
