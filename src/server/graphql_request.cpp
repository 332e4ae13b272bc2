#include "server/graphql_request.h"

namespace gqlsvl::server {

namespace {

constexpr std::size_t most_requests_in_batch = 100;

RequestBody wrong(std::string code, std::string message) {
  RequestBody body;
  body.error_code = std::move(code);
  body.error = std::move(message);
  return body;
}

} // namespace

std::optional<GraphqlRequest> read_request(const json::Value &object, std::string &error) {
  if (!object.is_object()) {
    error = "a GraphQL request is a JSON object with the member \"query\"";
    return std::nullopt;
  }
  GraphqlRequest request;
  const json::Value *query = object.find("query"), *variables = object.find("variables"), *name = object.find("operationName");
  if (!query || !query->is_string()) {
    error = query ? "the member \"query\" is not a string" : "the member \"query\" is missing";
    return std::nullopt;
  }
  request.query = query->text;
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

RequestBody read_arguments(const std::vector<std::pair<std::string, std::string>> &arguments) {
  json::ParseError where;
  RequestBody body;
  GraphqlRequest &request = body.requests.emplace_back();
  bool has_query = false;
  for (const auto &[name, text] : arguments) {
    if (name == "query") {
      request.query = text;
      has_query = true;
    } else if (name == "operationName")
      request.operation_name = text;
    else if (name == "variables" && !text.empty()) {
      std::optional<json::Value> value = json::parse(text, where);
      if (!value) return wrong("invalid-json", "the argument \"variables\" is not valid JSON (at byte " + std::to_string(where.byte) + ")");
      if (!value->is_object() && !value->is_null()) return wrong("parse-failed", "the argument \"variables\" is not an object");
      request.variables = value->is_object() ? json::to_string(*value) : "";
    }
  }
  return has_query ? body : wrong("parse-failed", "the argument \"query\" is missing");
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
  for (const char *known : {"validation-failed", "parse-failed", "bad-request", "access-denied", "not-supported"})
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
