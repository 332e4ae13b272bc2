#include "graphql/language/printer.h"
#include "base/json.h"

#include <algorithm>

namespace gqlsvl::graphql::language {

namespace {

void append(std::string &out, const Value &value, bool canonical);

void append_object(std::string &out, const Value &value, bool canonical) {
  std::vector<const ObjectField *> fields;
  for (const ObjectField &field : value.fields) fields.push_back(&field);
  if (canonical) std::stable_sort(fields.begin(), fields.end(), [](const auto *a, const auto *b) { return a->name < b->name; });
  out += '{';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i) out += ", ";
    out += fields[i]->name + ": ";
    append(out, fields[i]->value, canonical);
  }
  out += '}';
}

void append(std::string &out, const Value &value, bool canonical) {
  switch (value.kind) {
  case ValueKind::Variable: out += '$' + value.text; break;
  case ValueKind::String: json::append_string(out, value.text); break; // JSON's escapes are GraphQL's
  case ValueKind::Null: out += "null"; break;
  case ValueKind::List:
    out += '[';
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (i) out += ", ";
      append(out, value.items[i], canonical);
    }
    out += ']';
    break;
  case ValueKind::Object: append_object(out, value, canonical); break;
  default: out += value.text;
  }
}

} // namespace

std::string print(const Value &value) {
  std::string out;
  append(out, value, false);
  return out;
}

std::string print_canonical(const Value &value) {
  std::string out;
  append(out, value, true);
  return out;
}

} // namespace gqlsvl::graphql::language
