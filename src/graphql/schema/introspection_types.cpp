#include "graphql/schema/introspection_types.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

namespace {

// Adds to the schema under construction; types are found by name, so they are all created before their fields.
class Builder {
public:
  explicit Builder(Schema &schema) : schema_(schema) {}

  NamedType &type(NamedKind kind, const std::string &name, const std::string &description) {
    auto owned = std::make_unique<NamedType>();
    owned->kind = kind;
    owned->name = name;
    owned->description = description;
    NamedType &created = *owned;
    schema_.by_name[name] = owned.get();
    schema_.types.push_back(std::move(owned));
    return created;
  }
  void scalar(const std::string &name, const std::string &description) {
    if (!schema_.type(name)) type(NamedKind::Scalar, name, description);
  }
  void enumeration(const std::string &name, const std::string &description, std::vector<std::string> values) {
    NamedType &created = type(NamedKind::Enum, name, description);
    std::sort(values.begin(), values.end());
    for (std::string &value : values) created.values.push_back({std::move(value), {}, nullptr});
  }
  // "String", "[__Type!]!"
  TypeRef ref(std::string text) const {
    TypeRef out;
    auto accept_last = [&](char c) {
      if (text.back() != c) return false;
      text.pop_back();
      return true;
    };
    out.non_null = accept_last('!');
    if (accept_last(']')) {
      out.list = true;
      text.erase(0, 1);
      out.item_non_null = accept_last('!');
    }
    out.type = schema_.type(text);
    return out;
  }
  InputValue input(const std::string &name, const std::string &type_text, const std::string &description,
                   std::optional<language::Value> default_value = {}) const {
    InputValue out;
    out.name = name;
    out.description = description;
    out.type = ref(type_text);
    out.default_value = std::move(default_value);
    return out;
  }
  Field field(const std::string &name, const std::string &type_text, std::vector<InputValue> arguments = {}) const {
    Field out;
    out.name = name;
    out.arguments = std::move(arguments);
    out.type = ref(type_text);
    return out;
  }
  void hidden_directive(const std::string &name, std::vector<std::string> locations) {
    schema_.hidden_directives.push_back({name, "", std::move(locations), {}});
  }
  void directive(const std::string &name, const std::string &description, std::vector<std::string> locations,
                 std::vector<InputValue> arguments) {
    schema_.directives.push_back({name, description, std::move(locations), std::move(arguments)});
  }
  Schema &schema() { return schema_; }

private:
  Schema &schema_;
};

language::Value literal(language::ValueKind kind, const std::string &text) {
  language::Value out;
  out.kind = kind;
  out.text = text;
  return out;
}

void add_scalars(Builder &b) {
  b.scalar("Boolean", "true or false");
  b.scalar("Float", "A number in double precision");
  b.scalar("ID", "An identifier: written as a string or an integer, answered as a string");
  b.scalar("Int", "A 32-bit integer");
  b.scalar("String", "Text in UTF-8");
}

void add_enums(Builder &b) {
  b.enumeration("__TypeKind", "The kind of a type", {"SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"});
  b.enumeration("__DirectiveLocation", "A place where a directive may stand",
                {"QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
                 "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INTERFACE", "UNION",
                 "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION"});
}

void add_objects(Builder &b) {
  const auto deprecated = b.input("includeDeprecated", "Boolean", "", literal(language::ValueKind::Boolean, "false"));
  NamedType &schema = b.type(NamedKind::Object, "__Schema", "What this GraphQL service can do");
  NamedType &type = b.type(NamedKind::Object, "__Type", "A type, or a list or non-null wrapper of one");
  NamedType &field = b.type(NamedKind::Object, "__Field", "A field of an object type");
  NamedType &input = b.type(NamedKind::Object, "__InputValue", "An argument, or a field of an input object type");
  NamedType &value = b.type(NamedKind::Object, "__EnumValue", "A value of an enum type");
  NamedType &directive = b.type(NamedKind::Object, "__Directive", "A directive and where it may stand");
  schema.fields = {b.field("description", "String"), b.field("directives", "[__Directive!]!"), b.field("mutationType", "__Type"),
                   b.field("queryType", "__Type!"),  b.field("subscriptionType", "__Type"),    b.field("types", "[__Type!]!")};
  type.fields = {b.field("description", "String"),
                 b.field("enumValues", "[__EnumValue!]", {deprecated}),
                 b.field("fields", "[__Field!]", {deprecated}),
                 b.field("inputFields", "[__InputValue!]", {deprecated}),
                 b.field("interfaces", "[__Type!]"),
                 b.field("isOneOf", "Boolean"),
                 b.field("kind", "__TypeKind!"),
                 b.field("name", "String"),
                 b.field("ofType", "__Type"),
                 b.field("possibleTypes", "[__Type!]"),
                 b.field("specifiedByURL", "String")};
  field.fields = {b.field("args", "[__InputValue!]!", {deprecated}),
                  b.field("deprecationReason", "String"),
                  b.field("description", "String"),
                  b.field("isDeprecated", "Boolean!"),
                  b.field("name", "String!"),
                  b.field("type", "__Type!")};
  input.fields = {b.field("defaultValue", "String"), b.field("deprecationReason", "String"),
                  b.field("description", "String"),  b.field("isDeprecated", "Boolean!"),
                  b.field("name", "String!"),        b.field("type", "__Type!")};
  value.fields = {b.field("deprecationReason", "String"), b.field("description", "String"), b.field("isDeprecated", "Boolean!"),
                  b.field("name", "String!")};
  directive.fields = {b.field("args", "[__InputValue!]!", {deprecated}), b.field("description", "String"),
                      b.field("isRepeatable", "Boolean!"), b.field("locations", "[__DirectiveLocation!]!"), b.field("name", "String!")};
}

void add_directives(Builder &b) {
  const std::vector<std::string> selections = {"FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"};
  b.directive("cached", "whether this query should be cached (accepted and without effect)", {"QUERY"},
              {b.input("refresh", "Boolean!", "refresh the cache entry", literal(language::ValueKind::Boolean, "false")),
               b.input("ttl", "Int!", "measured in seconds", literal(language::ValueKind::Int, "60"))});
  b.directive("include", "whether this should be included", selections, {b.input("if", "Boolean!", "include when true")});
  b.directive("skip", "whether this should be skipped", selections, {b.input("if", "Boolean!", "skip when true")});
  b.hidden_directive("_multiple_top_level_fields", {"SUBSCRIPTION"});
}

} // namespace

void add_introspection_types(Schema &schema) {
  Builder builder(schema);
  add_scalars(builder);
  add_enums(builder);
  add_objects(builder);
  add_directives(builder);
  schema.meta_fields = {builder.field("__typename", "String!"), builder.field("__schema", "__Schema!"),
                        builder.field("__type", "__Type", {builder.input("name", "String!", "name of the type")})};
}

const Field *meta_field(const Schema &schema, const NamedType &parent, const std::string &field_name) {
  for (const Field &field : schema.meta_fields)
    if (field.name == field_name && (field_name == "__typename" || &parent == schema.query)) return &field;
  return nullptr;
}

} // namespace gqlsvl::graphql::schema
