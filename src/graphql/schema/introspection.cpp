#include "graphql/schema/introspection.h"
#include "base/error.h"
#include "base/json.h"
#include "graphql/language/printer.h"

namespace gqlsvl::graphql::schema {

namespace {

using validation::ResponseField;
using validation::SelectionSets;

// A type as introspection shows it: the named type under the wrappers that are left.
struct Wrapped {
  TypeRef ref;
  bool is_non_null() const { return ref.non_null; }
  bool is_list() const { return !ref.non_null && ref.list; }
  Wrapped inner() const {
    Wrapped out = *this;
    if (ref.non_null) {
      out.ref.non_null = false;
    } else {
      out.ref.list = false;
      out.ref.non_null = ref.item_non_null;
      out.ref.item_non_null = false;
    }
    return out;
  }
};

const char *kind_name(NamedKind kind) {
  switch (kind) {
  case NamedKind::Scalar: return "SCALAR";
  case NamedKind::Object: return "OBJECT";
  case NamedKind::Input: return "INPUT_OBJECT";
  case NamedKind::Enum: return "ENUM";
  }
  return "SCALAR";
}

// Writes JSON as it walks the selections; each method answers one introspection type.
class Answer {
public:
  Answer(const Schema &schema, const language::Document &document, const validation::Variables &variables, std::size_t max_bytes)
      : schema_(schema), document_(document), variables_(variables), max_bytes_(max_bytes) {}

  std::string take() { return std::move(out_); }
  void root(const ResponseField &field) {
    if (field.selection->name == "__schema") {
      schema_object(field.selection_sets);
      return;
    }
    const NamedType *found = nullptr;
    for (const language::Argument &argument : field.selection->arguments)
      if (argument.name == "name") found = schema_.type(validation::evaluate(argument.value, variables_).text);
    named_or_null(found, field.selection_sets);
  }

private:
  // {"key": value, ...}: `write(name, field)` writes one value; "" never comes.
  template <typename F> void object(const char *type_name, const SelectionSets &selection_sets, F &&write) {
    if (out_.size() > max_bytes_)
      throw Error(sqlstate::program_limit, "the answer to the introspection query is too large",
                  "It is longer than " + std::to_string(max_bytes_) + " bytes.", "Nest fewer lists of types and fields.");
    const NamedType *type = schema_.type(type_name);
    out_ += '{';
    bool first = true;
    for (const ResponseField &field : collect_fields(document_, variables_, *type, selection_sets)) {
      if (!first) out_ += ',';
      first = false;
      json::append_string(out_, field.response_key);
      out_ += ':';
      if (field.selection->name == "__typename")
        string(type_name);
      else
        write(field.selection->name, field);
    }
    out_ += '}';
  }
  template <typename List, typename F> void list(const List &entries, F &&write) {
    out_ += '[';
    bool first = true;
    for (const auto &entry : entries) {
      if (!first) out_ += ',';
      first = false;
      write(entry);
    }
    out_ += ']';
  }
  void string(const std::string &text) { json::append_string(out_, text); }
  void string_or_null(const std::string &text) {
    if (text.empty())
      null();
    else
      string(text);
  }
  void boolean(bool value) { out_ += value ? "true" : "false"; }
  void null() { out_ += "null"; }

  const std::vector<std::unique_ptr<NamedType>> &all_types() {
    schema_.complete();
    return schema_.types;
  }

  void schema_object(const SelectionSets &sets) {
    object("__Schema", sets, [&](const std::string &name, const ResponseField &field) {
      if (name == "types")
        list(all_types(), [&](const auto &type) { named(*type, field.selection_sets); });
      else if (name == "directives")
        list(schema_.directives, [&](const DirectiveDefinition &d) { directive(d, field.selection_sets); });
      else if (name == "queryType")
        named_or_null(schema_.query, field.selection_sets);
      else if (name == "mutationType")
        named_or_null(schema_.mutation, field.selection_sets);
      else if (name == "subscriptionType")
        named_or_null(schema_.subscription, field.selection_sets);
      else
        null(); // description
    });
  }

  void named_or_null(const NamedType *type, const SelectionSets &sets) {
    if (type)
      named(*type, sets);
    else
      null();
  }
  void named(const NamedType &type, const SelectionSets &sets) {
    TypeRef ref;
    ref.type = &type;
    wrapped({ref}, sets);
  }

  void wrapped(const Wrapped &type, const SelectionSets &sets) {
    const bool wrapper = type.is_non_null() || type.is_list();
    object("__Type", sets, [&](const std::string &name, const ResponseField &field) {
      if (name == "kind")
        string(type.is_non_null() ? "NON_NULL" : type.is_list() ? "LIST" : kind_name(type.ref.type->kind));
      else if (wrapper && name == "ofType")
        wrapped(type.inner(), field.selection_sets);
      else if (wrapper)
        null();
      else
        named_member(*type.ref.type, name, field);
    });
  }

  void named_member(const NamedType &type, const std::string &name, const ResponseField &field) {
    const SelectionSets &sets = field.selection_sets;
    if (name == "name")
      string(type.name);
    else if (name == "description")
      string_or_null(type.description);
    else if (name == "fields" && type.kind == NamedKind::Object)
      list(fields_by_name(schema_, type), [&](const Field *f) { field_object(*f, sets); });
    else if (name == "interfaces" && type.kind == NamedKind::Object)
      out_ += "[]";
    else if (name == "inputFields" && type.kind == NamedKind::Input)
      list(type.inputs, [&](const InputValue &i) { input(i, sets); });
    else if (name == "enumValues" && type.kind == NamedKind::Enum)
      list(type.values, [&](const EnumValue &v) { enum_value(v, sets); });
    else if (name == "isOneOf" && type.kind == NamedKind::Input)
      boolean(false);
    else
      null(); // specifiedByURL, possibleTypes, ofType; members of other kinds
  }

  void field_object(const Field &definition, const SelectionSets &sets) {
    object("__Field", sets, [&](const std::string &name, const ResponseField &field) {
      if (name == "args")
        list(definition.arguments, [&](const InputValue &i) { input(i, field.selection_sets); });
      else
        common(definition.name, definition.description, definition.type, name, field);
    });
  }

  void input(const InputValue &definition, const SelectionSets &sets) {
    object("__InputValue", sets, [&](const std::string &name, const ResponseField &field) {
      if (name == "defaultValue")
        string_or_null(definition.default_value ? language::print(*definition.default_value) : "");
      else
        common(definition.name, definition.description, definition.type, name, field);
    });
  }

  // What fields and input values have alike.
  void common(const std::string &own_name, const std::string &description, const TypeRef &type, const std::string &name,
              const ResponseField &field) {
    if (name == "name")
      string(own_name);
    else if (name == "description")
      string_or_null(description);
    else if (name == "type")
      wrapped({type}, field.selection_sets);
    else if (name == "isDeprecated")
      boolean(false);
    else
      null(); // deprecationReason
  }

  void enum_value(const EnumValue &value, const SelectionSets &sets) {
    object("__EnumValue", sets,
           [&](const std::string &name, const ResponseField &field) { common(value.name, value.description, {}, name, field); });
  }

  void directive(const DirectiveDefinition &definition, const SelectionSets &sets) {
    object("__Directive", sets, [&](const std::string &name, const ResponseField &field) {
      if (name == "name")
        string(definition.name);
      else if (name == "description")
        string_or_null(definition.description);
      else if (name == "isRepeatable")
        boolean(false);
      else if (name == "locations")
        list(definition.locations, [&](const std::string &location) { string(location); });
      else
        list(definition.arguments, [&](const InputValue &i) { input(i, field.selection_sets); });
    });
  }

  const Schema &schema_;
  const language::Document &document_;
  const validation::Variables &variables_;
  const std::size_t max_bytes_;
  std::string out_;
};

} // namespace

std::string introspect(const Schema &schema, const language::Document &document, const validation::Variables &variables,
                       const validation::ResponseField &field, std::size_t max_bytes) {
  Answer answer(schema, document, variables, max_bytes);
  answer.root(field);
  return answer.take();
}

} // namespace gqlsvl::graphql::schema
