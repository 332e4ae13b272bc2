#include "graphql/language/error.h"
#include "base/json.h"

namespace gqlsvl::graphql {

namespace {

void append_member(std::string &out, std::string_view name, const std::string &value) {
  if (value.empty()) return;
  out += ",\"";
  out += name;
  out += "\":";
  json::append_string(out, value);
}

void append_locations(std::string &out, const std::vector<language::Location> &locations) {
  bool first = true;
  for (const language::Location &at : locations) {
    if (at.line == 0) continue;
    out += first ? ",\"locations\":[" : ",";
    out += "{\"line\":" + std::to_string(at.line) + ",\"column\":" + std::to_string(at.column) + "}";
    first = false;
  }
  if (!first) out += ']';
}

} // namespace

std::string errors_response(const Errors &errors) {
  std::string out = "{\"errors\":[";
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const GraphQLError &error = errors[i];
    out += i ? ",{\"message\":" : "{\"message\":";
    json::append_string(out, error.message);
    append_locations(out, error.locations);
    out += ",\"extensions\":{\"path\":";
    json::append_string(out, error.path);
    out += ",\"code\":";
    json::append_string(out, error.code);
    append_member(out, "detail", error.detail);
    append_member(out, "hint", error.hint);
    append_member(out, "sqlstate", error.sqlstate);
    out += "}}";
  }
  return out + "]}";
}

} // namespace gqlsvl::graphql
