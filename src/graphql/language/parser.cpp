#include "graphql/language/parser.h"
#include "graphql/language/lexer.h"

namespace gqlsvl::graphql::language {

std::string TypeReference::to_string() const {
  std::string out = of ? "[" + of->to_string() + "]" : name;
  if (non_null) out += '!';
  return out;
}

namespace {

// Recursive descent, one token ahead. Leaves by SyntaxError, which parse() turns into a GraphQLError.
struct SyntaxError {
  std::string message;
  Location at;
};

class Parser {
public:
  Parser(std::string_view text, const ParseLimits &limits) : lexer_(text), limits_(limits) { advance(); }

  Document document() {
    Document out;
    do definition(out);
    while (token_.kind != TokenKind::EndOfFile);
    return out;
  }

private:
  // Counts a level of nesting for as long as it lives.
  class Nested {
  public:
    explicit Nested(Parser &parser) : parser_(parser) {
      if (parser_.depth_ >= parser_.limits_.max_depth)
        parser_.fail("nested deeper than " + std::to_string(parser_.limits_.max_depth) + " levels (gqlsvl.max_depth)");
      ++parser_.depth_;
    }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested &) = delete;
    Nested &operator=(const Nested &) = delete;

  private:
    Parser &parser_;
  };

  [[noreturn]] void fail(const std::string &message) const { throw SyntaxError{message, token_.at}; }
  [[noreturn]] void unexpected(const std::string &expected) const { fail("expected " + expected + ", but found " + describe(token_)); }
  static std::string describe(const Token &token) {
    if (token.kind == TokenKind::EndOfFile) return "the end of the document";
    if (token.kind == TokenKind::String || token.kind == TokenKind::BlockString) return "a string";
    return "'" + std::string(token.text.substr(0, 60)) + "'";
  }

  void advance() {
    if (++tokens_ > limits_.max_tokens) fail("more than " + std::to_string(limits_.max_tokens) + " tokens");
    if (!lexer_.next(token_)) throw SyntaxError{lexer_.error().message, lexer_.error().at};
  }
  bool accept(std::string_view punctuator) {
    if (!token_.is(punctuator)) return false;
    advance();
    return true;
  }
  void expect(std::string_view punctuator) {
    if (!accept(punctuator)) unexpected("'" + std::string(punctuator) + "'");
  }
  std::string name(const std::string &what) {
    if (token_.kind != TokenKind::Name) unexpected(what);
    std::string out(token_.text);
    advance();
    return out;
  }

  void definition(Document &out);
  Operation operation();
  Fragment fragment();
  VariableDefinition variable_definition();
  std::vector<VariableDefinition> variable_definitions();
  TypeReference type_reference();
  std::vector<Directive> directives(bool constant);
  std::vector<Argument> arguments(bool constant);
  std::vector<Selection> selection_set();
  Selection selection();
  Selection field();
  Selection spread();
  Value value(bool constant);
  Value scalar_value();
  template <typename F> Value container(ValueKind kind, std::string_view open, std::string_view close, F &&element);
  ObjectField object_field(bool constant);

  Lexer lexer_;
  const ParseLimits &limits_;
  Token token_;
  std::size_t tokens_ = 0;
  int depth_ = 0;
};

void Parser::definition(Document &out) {
  if (token_.is("{")) {
    out.operations.push_back(operation());
    return;
  }
  const bool described = token_.kind == TokenKind::String || token_.kind == TokenKind::BlockString;
  if (described) advance();
  if (token_.kind != TokenKind::Name) unexpected("an operation or a fragment definition");
  if (token_.is_keyword("query") || token_.is_keyword("mutation") || token_.is_keyword("subscription"))
    out.operations.push_back(operation());
  else if (token_.is_keyword("fragment"))
    out.add(fragment());
  else {
    for (const char *keyword : {"schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"})
      if (token_.is_keyword(keyword))
        fail("a type-system definition ('" + std::string(keyword) + "') cannot be executed: the schema comes from the database");
    unexpected("an operation or a fragment definition");
  }
}

Operation Parser::operation() {
  Operation out;
  out.at = token_.at;
  if (!token_.is("{")) {
    if (token_.is_keyword("mutation")) out.kind = OperationKind::Mutation;
    if (token_.is_keyword("subscription")) out.kind = OperationKind::Subscription;
    advance();
    if (token_.kind == TokenKind::Name) out.name = name("a name");
    out.variables = variable_definitions();
    out.directives = directives(false);
  }
  out.selections = selection_set();
  return out;
}

Fragment Parser::fragment() {
  Fragment out;
  out.at = token_.at;
  advance();
  if (token_.is_keyword("on")) unexpected("the fragment's name");
  out.name = name("the fragment's name");
  if (!token_.is_keyword("on")) unexpected("'on'");
  advance();
  out.type_condition = name("a type name");
  out.directives = directives(false);
  out.selections = selection_set();
  return out;
}

std::vector<VariableDefinition> Parser::variable_definitions() {
  std::vector<VariableDefinition> out;
  if (!accept("(")) return out;
  do out.push_back(variable_definition());
  while (!accept(")"));
  return out;
}

VariableDefinition Parser::variable_definition() {
  VariableDefinition out;
  if (token_.kind == TokenKind::String || token_.kind == TokenKind::BlockString) advance();
  out.at = token_.at;
  expect("$");
  out.name = name("a variable's name");
  expect(":");
  out.type = type_reference();
  if (accept("=")) out.default_value = value(true);
  out.directives = directives(true);
  return out;
}

TypeReference Parser::type_reference() {
  Nested level(*this);
  TypeReference out;
  out.at = token_.at;
  if (accept("[")) {
    out.of = std::make_shared<TypeReference>(type_reference());
    expect("]");
  } else
    out.name = name("a type");
  out.non_null = accept("!");
  return out;
}

std::vector<Directive> Parser::directives(bool constant) {
  std::vector<Directive> out;
  while (token_.is("@")) {
    Directive directive;
    directive.at = token_.at;
    advance();
    directive.name = name("a directive's name");
    directive.arguments = arguments(constant);
    out.push_back(std::move(directive));
  }
  return out;
}

std::vector<Argument> Parser::arguments(bool constant) {
  std::vector<Argument> out;
  if (!accept("(")) return out;
  do {
    Argument argument;
    argument.at = token_.at;
    argument.name = name("an argument's name");
    expect(":");
    argument.value = value(constant);
    out.push_back(std::move(argument));
  } while (!accept(")"));
  return out;
}

std::vector<Selection> Parser::selection_set() {
  Nested level(*this);
  std::vector<Selection> out;
  expect("{");
  do out.push_back(selection());
  while (!accept("}"));
  return out;
}

Selection Parser::selection() { return token_.is("...") ? spread() : field(); }

Selection Parser::field() {
  Selection out;
  out.at = token_.at;
  out.name = name("a field");
  if (accept(":")) {
    out.alias = std::move(out.name);
    out.name = name("a field");
  }
  out.arguments = arguments(false);
  out.directives = directives(false);
  if (token_.is("{")) {
    out.selections = selection_set();
    out.has_selection_set = true;
  }
  return out;
}

Selection Parser::spread() {
  Selection out;
  out.at = token_.at;
  expect("...");
  if (token_.kind == TokenKind::Name && !token_.is_keyword("on")) {
    out.kind = Selection::Kind::FragmentSpread;
    out.name = name("a fragment's name");
    out.directives = directives(false);
    return out;
  }
  out.kind = Selection::Kind::InlineFragment;
  if (token_.is_keyword("on")) {
    advance();
    out.type_condition = name("a type name");
  }
  out.directives = directives(false);
  out.selections = selection_set();
  out.has_selection_set = true;
  return out;
}

// A list or an object: what `element` reads, between `open` and `close`.
template <typename F> Value Parser::container(ValueKind kind, std::string_view open, std::string_view close, F &&element) {
  Nested level(*this);
  Value out;
  out.kind = kind;
  out.at = token_.at;
  expect(open);
  while (!accept(close)) element(out);
  return out;
}

Value Parser::value(bool constant) {
  if (token_.is("[")) return container(ValueKind::List, "[", "]", [&](Value &list) { list.items.push_back(value(constant)); });
  if (token_.is("{"))
    return container(ValueKind::Object, "{", "}", [&](Value &object) { object.fields.push_back(object_field(constant)); });
  if (!token_.is("$")) return scalar_value();
  if (constant) fail("a variable is not allowed in a default value or in a directive of a variable definition");
  Value out;
  out.at = token_.at;
  advance();
  out.kind = ValueKind::Variable;
  out.text = name("a variable's name");
  return out;
}

Value Parser::scalar_value() {
  Value out;
  out.at = token_.at;
  out.text = token_.text;
  switch (token_.kind) {
  case TokenKind::Int: out.kind = ValueKind::Int; break;
  case TokenKind::Float: out.kind = ValueKind::Float; break;
  case TokenKind::String:
  case TokenKind::BlockString:
    out.kind = ValueKind::String;
    out.text = std::move(token_.value);
    break;
  case TokenKind::Name:
    if (out.text == "true" || out.text == "false")
      out.kind = ValueKind::Boolean;
    else
      out.kind = out.text == "null" ? ValueKind::Null : ValueKind::Enum;
    break;
  default: unexpected("a value");
  }
  advance();
  return out;
}

ObjectField Parser::object_field(bool constant) {
  ObjectField out;
  out.at = token_.at;
  out.name = name("an input field's name");
  expect(":");
  out.value = value(constant);
  return out;
}

} // namespace

std::optional<Document> parse(std::string_view text, GraphQLError &error, const ParseLimits &limits) {
  try {
    return Parser(text, limits).document();
  } catch (const SyntaxError &problem) {
    error = GraphQLError{};
    error.message = "not a valid graphql query: " + problem.message;
    error.path = "$.query";
    error.locations = {problem.at};
    return std::nullopt;
  }
}

} // namespace gqlsvl::graphql::language
