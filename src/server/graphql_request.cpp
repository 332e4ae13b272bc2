#include "server/graphql_request.h"

#include "base/text.h"

namespace gqlsvl::server {

namespace {

constexpr std::size_t most_requests_in_batch = 100;

RequestBody wrong(std::string code, std::string message) {
  RequestBody body;
  body.error_code = std::move(code);
  body.error = std::move(message);
  return body;
}

// Apollo's automatic persisted queries, or the documentId of GraphQL over HTTP; empty: neither.
std::string document_of(const json::Value *id, const json::Value *extensions) {
  if (id && id->is_string()) return id->text;
  const json::Value *persisted = extensions ? extensions->find("persistedQuery") : nullptr;
  const std::optional<std::string_view> hash = persisted ? persisted->string("sha256Hash") : std::nullopt;
  return hash ? "sha256:" + lower(*hash) : "";
}

// Of a request that names a document: whether it may come without a query, or with one.
std::string wrong_query(const GraphqlRequest &request, bool has_query) {
  if (!has_query && request.document.empty()) return "is missing";
  if (has_query && !request.document.empty() && !request.document.starts_with("sha256:"))
    return "is beside documentId: one of them says what to run";
  return "";
}

} // namespace

std::optional<GraphqlRequest> read_request(const json::Value &object, std::string &error) {
  if (!object.is_object()) {
    error = "a GraphQL request is a JSON object with the member \"query\"";
    return std::nullopt;
  }
  GraphqlRequest request;
  const json::Value *query = object.find("query"), *variables = object.find("variables"), *name = object.find("operationName");
  request.document = document_of(object.find("documentId"), object.find("extensions"));
  // The library graphql-ws sends no payload without a query: an empty one stands for none.
  const bool none = !query || query->is_null() || (query->is_string() && query->text.empty() && !request.document.empty());
  const bool has_query = !none;
  const std::string problem = has_query && !query->is_string() ? "is not a string" : wrong_query(request, has_query);
  if (!problem.empty()) {
    error = "the member \"query\" " + problem;
    return std::nullopt;
  }
  if (has_query) request.query = query->text;
  if (variables && !variables->is_null()) {
    if (!variables->is_object()) {
      error = "the member \"variables\" is not an object";
      return std::nullopt;
    }
    request.variables = json::to_string(*variables);
  }
  if (name && !name->is_null()) {
    if (!name->is_string()) {
      error = "the member \"operationName\" is not a string";
      return std::nullopt;
    }
    request.operation_name = name->text;
  }
  return request;
}

RequestBody parse_request_body(std::string_view text) {
  json::ParseError where;
  std::optional<json::Value> value = json::parse(text, where);
  if (!value) return wrong("invalid-json", "the body is not valid JSON (at byte " + std::to_string(where.byte) + ")");
  RequestBody body;
  body.batch = value->is_array();
  if (body.batch && (value->items.empty() || value->items.size() > most_requests_in_batch))
    return wrong("bad-request", "a batch has 1 to " + std::to_string(most_requests_in_batch) + " requests");
  std::vector<json::Value> single;
  if (!body.batch) single.push_back(std::move(*value));
  for (const json::Value &object : body.batch ? value->items : single) {
    std::string error;
    std::optional<GraphqlRequest> request = read_request(object, error);
    if (!request) return wrong("parse-failed", error);
    body.requests.push_back(std::move(*request));
  }
  return body;
}

// An argument that is JSON text; null: it is not there or empty. Nothing: `body` says what is wrong.
static std::optional<json::Value> json_argument(std::string_view name, std::string_view text, RequestBody &body) {
  if (text.empty()) return json::Value();
  json::ParseError where;
  std::optional<json::Value> value = json::parse(text, where);
  if (value && (value->is_object() || value->is_null())) return value;
  const std::string argument = "the argument \"" + std::string(name) + "\" is not ";
  body = value ? wrong("parse-failed", argument + "an object")
               : wrong("invalid-json", argument + "valid JSON (at byte " + std::to_string(where.byte) + ")");
  return std::nullopt;
}

RequestBody read_arguments(const std::vector<std::pair<std::string, std::string>> &arguments) {
  RequestBody body;
  GraphqlRequest request;
  bool has_query = false;
  std::string_view variables, extensions;
  for (const auto &[name, text] : arguments) {
    has_query = has_query || name == "query";
    if (name == "query") request.query = text;
    if (name == "operationName") request.operation_name = text;
    if (name == "documentId") request.document = text;
    if (name == "variables") variables = text;
    if (name == "extensions") extensions = text;
  }
  const std::optional<json::Value> given = json_argument("variables", variables, body);
  const std::optional<json::Value> extended = given ? json_argument("extensions", extensions, body) : std::nullopt;
  if (!extended) return body;
  if (given->is_object()) request.variables = json::to_string(*given);
  if (request.document.empty()) request.document = document_of(nullptr, &*extended);
  request.read_only = true;
  if (const std::string problem = wrong_query(request, has_query); !problem.empty())
    return wrong("parse-failed", "the argument \"query\" " + problem);
  body.requests.push_back(std::move(request));
  return body;
}

std::string first_error_code(std::string_view answer_json) {
  json::ParseError where;
  std::optional<json::Value> value = json::parse(answer_json, where);
  const json::Value *errors = value ? value->find("errors") : nullptr;
  if (!errors || errors->items.empty()) return {};
  const json::Value *extensions = errors->items.front().find("extensions");
  return std::string(extensions ? extensions->string("code").value_or("") : "");
}

std::string errors_of(std::string_view answer_json) {
  json::ParseError where;
  std::optional<json::Value> value = json::parse(answer_json, where);
  const json::Value *errors = value ? value->find("errors") : nullptr;
  return errors && errors->is_array() ? json::to_string(*errors) : errors_array("unexpected", "the request failed");
}

bool is_request_error(std::string_view answer_json) {
  std::string code = first_error_code(answer_json);
  for (const char *known :
       {"validation-failed", "parse-failed", "bad-request", "access-denied", "not-supported", "PERSISTED_QUERY_NOT_FOUND"})
    if (code == known) return true;
  return false;
}

std::string errors_array(std::string_view code, std::string_view message, std::string_view hint, std::string_view path) {
  std::string out = "[{\"message\":";
  json::append_string(out, message);
  out += ",\"extensions\":{\"path\":";
  json::append_string(out, path);
  out += ",\"code\":";
  json::append_string(out, code);
  if (!hint.empty()) {
    out += ",\"hint\":";
    json::append_string(out, hint);
  }
  return out + "}}]";
}

std::string error_json(std::string_view code, std::string_view message, std::string_view hint, std::string_view path) {
  return "{\"errors\":" + errors_array(code, message, hint, path) + "}";
}

} // namespace gqlsvl::server
