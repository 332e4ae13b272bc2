#include "graphql/schema/schema.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

namespace {

// Entries are sorted by name except arguments, which are few: a linear search serves both.
template <typename Entries> const typename Entries::value_type *find_named(const Entries &entries, const std::string &name) {
  auto found = std::find_if(entries.begin(), entries.end(), [&](const auto &entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

} // namespace

const NamedType *TypePointer::get() const {
  if (type_ && !type_->complete) type_->maker->complete(*type_);
  return type_;
}

const NamedType *Schema::type(const std::string &type_name) const {
  auto found = by_name.find(type_name);
  if (found == by_name.end() && maker) {
    maker->make_type(type_name);
    found = by_name.find(type_name);
  }
  return found == by_name.end() ? nullptr : TypePointer(found->second).get();
}

void Schema::complete() const {
  if (maker) maker->make_all();
}

std::string TypeRef::to_string() const {
  std::string text = type ? type->name : std::string();
  if (list) text = "[" + text + (item_non_null ? "!" : "") + "]";
  if (non_null) text += "!";
  return text;
}

const InputValue *Field::argument(const std::string &argument_name) const { return find_named(arguments, argument_name); }
const Field *NamedType::field(const std::string &field_name) const {
  const Field *found = find_named(fields, field_name);
  if (found || !is_root || !maker) return found;
  maker->make_root_field(field_name);
  return find_named(fields, field_name);
}
const InputValue *NamedType::input(const std::string &input_name) const { return find_named(inputs, input_name); }
const EnumValue *NamedType::value(const std::string &value_name) const { return find_named(values, value_name); }

std::vector<const Field *> fields_by_name(const Schema &schema, const NamedType &type) {
  if (type.is_root) schema.complete();
  std::vector<const Field *> fields;
  for (const Field &field : type.fields) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(), [](const Field *a, const Field *b) { return a->name < b->name; });
  return fields;
}

} // namespace gqlsvl::graphql::schema
