#include "graphql/schema/sdl.h"

#include "base/json.h"
#include "graphql/language/printer.h"

#include <algorithm>

namespace gqlsvl::graphql::schema {

namespace {

bool is_built_in(const NamedType &type) {
  static constexpr std::string_view scalars[] = {"Boolean", "Float", "ID", "Int", "String"};
  return type.name.starts_with("__") || std::find(std::begin(scalars), std::end(scalars), type.name) != std::end(scalars);
}

// Whether a block string means exactly this text, indented as its place is.
bool fits_block_string(const std::string &text) {
  if (text.find("\"\"\"") != std::string::npos || text.ends_with('"') || text.ends_with('\\')) return false;
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= 0x20; });
  std::size_t start = 0;
  for (std::size_t end = 0; plain && end != std::string::npos; start = end + 1) {
    end = text.find('\n', start);
    if (start < text.size() && text[start] == ' ') return false; // indentation would be taken off
  }
  return plain && !text.starts_with('\n') && !text.ends_with('\n') && !text.ends_with(' ');
}

class Printer {
public:
  explicit Printer(const Schema &schema) : schema_(schema) {}

  std::string print() {
    schema_.complete();
    roots();
    for (const DirectiveDefinition &definition : schema_.directives)
      if (definition.name != "skip" && definition.name != "include") directive(definition);
    for (const auto &type : schema_.types)
      if (!is_built_in(*type)) named(*type);
    return std::move(out_);
  }

private:
  void roots() {
    out_ += "schema {\n";
    auto root = [&](const char *kind, const NamedType *type) {
      if (type) out_ += std::string("  ") + kind + ": " + type->name + "\n";
    };
    root("query", schema_.query);
    root("mutation", schema_.mutation);
    root("subscription", schema_.subscription);
    out_ += "}\n";
  }

  void directive(const DirectiveDefinition &definition) {
    out_ += '\n';
    description(definition.description, "");
    out_ += "directive @" + definition.name;
    arguments(definition.arguments, "");
    out_ += " on ";
    for (std::size_t i = 0; i < definition.locations.size(); ++i) out_ += (i ? " | " : "") + definition.locations[i];
    out_ += '\n';
  }

  void named(const NamedType &type) {
    out_ += '\n';
    description(type.description, "");
    switch (type.kind) {
    case NamedKind::Scalar: out_ += "scalar " + type.name + "\n"; break;
    case NamedKind::Object: object(type); break;
    case NamedKind::Input: block("input", type, type.inputs, [&](const InputValue &one) { input(one); }); break;
    case NamedKind::Enum: block("enum", type, type.values, [&](const EnumValue &one) { out_ += one.name; }); break;
    }
  }

  void object(const NamedType &type) {
    std::vector<Field> fields;
    for (const Field *one : fields_by_name(schema_, type)) fields.push_back(*one);
    block("type", type, fields, [&](const Field &one) { field(one); });
  }

  template <typename Entries, typename F> void block(const char *keyword, const NamedType &type, const Entries &entries, F &&print_one) {
    out_ += std::string(keyword) + " " + type.name + " {\n";
    for (const auto &entry : entries) {
      description(entry.description, "  ");
      out_ += "  ";
      print_one(entry);
      out_ += '\n';
    }
    out_ += "}\n";
  }

  void field(const Field &field) {
    out_ += field.name;
    arguments(field.arguments, "  ");
    out_ += ": " + field.type.to_string();
  }

  void input(const InputValue &input) {
    out_ += input.name + ": " + input.type.to_string();
    if (input.default_value) out_ += " = " + language::print(*input.default_value);
  }

  // On one line when none has a description.
  void arguments(const std::vector<InputValue> &arguments, const std::string &indent) {
    if (arguments.empty()) return;
    const bool described = std::any_of(arguments.begin(), arguments.end(), [](const auto &one) { return !one.description.empty(); });
    out_ += described ? "(\n" : "(";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (described) {
        description(arguments[i].description, indent + "  ");
        out_ += indent + "  ";
      } else if (i)
        out_ += ", ";
      input(arguments[i]);
      if (described) out_ += '\n';
    }
    out_ += described ? indent + ")" : ")";
  }

  void description(const std::string &text, const std::string &indent) {
    if (text.empty()) return;
    out_ += indent;
    if (!fits_block_string(text)) {
      json::append_string(out_, text); // JSON's escapes are GraphQL's
    } else if (text.find('\n') == std::string::npos) {
      out_ += "\"\"\"" + text + "\"\"\"";
    } else {
      out_ += "\"\"\"\n" + indent;
      for (char c : text) {
        out_ += c;
        if (c == '\n') out_ += indent;
      }
      out_ += "\n" + indent + "\"\"\"";
    }
    out_ += '\n';
  }

  const Schema &schema_;
  std::string out_;
};

} // namespace

std::string sdl(const Schema &schema) { return Printer(schema).print(); }

} // namespace gqlsvl::graphql::schema
