#include "graphql/schema/schema.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

namespace {

// Entries are sorted by name except arguments, which are few: a linear search serves both.
template <typename Entry> const Entry *find_named(const std::vector<Entry> &entries, const std::string &name) {
  auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry &entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

} // namespace

std::string TypeRef::to_string() const {
  std::string text = type ? type->name : std::string();
  if (list) text = "[" + text + (item_non_null ? "!" : "") + "]";
  if (non_null) text += "!";
  return text;
}

const InputValue *Field::argument(const std::string &argument_name) const { return find_named(arguments, argument_name); }
const Field *NamedType::field(const std::string &field_name) const { return find_named(fields, field_name); }
const InputValue *NamedType::input(const std::string &input_name) const { return find_named(inputs, input_name); }
const EnumValue *NamedType::value(const std::string &value_name) const { return find_named(values, value_name); }

} // namespace gqlsvl::graphql::schema
