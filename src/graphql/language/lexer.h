// GraphQL text -> tokens, one at a time.
//
// In:  UTF-8 text; it must outlive the lexer and its tokens.
// Out: the next token; at the end EndOfFile, again and again. White space, commas, comments and a byte order mark are passed over.
// Always: every call to next() consumes text or fails, so a document of n bytes has at most n tokens; no recursion.
// Source: GraphQL specification, September 2025, sections 2.1 (source text, lexical tokens) and 2.9.4 (strings).
#pragma once
#include "graphql/language/ast.h"

#include <string_view>

namespace gqlsvl::graphql::language {

enum class TokenKind { EndOfFile, Punctuator, Name, Int, Float, String, BlockString };

struct Token {
  TokenKind kind = TokenKind::EndOfFile;
  std::string_view text; // as written; Punctuator: "{", "...", ...
  std::string value;     // String, BlockString: decoded
  Location at;
  bool is(std::string_view punctuator) const { return kind == TokenKind::Punctuator && text == punctuator; }
  bool is_keyword(std::string_view name) const { return kind == TokenKind::Name && text == name; }
};

struct LexError {
  std::string message;
  Location at;
};

class Lexer {
public:
  explicit Lexer(std::string_view text);
  bool next(Token &token); // false: error() says why
  const LexError &error() const { return error_; }

private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  Location here() const { return {line_, static_cast<std::uint32_t>(position_ - line_start_ - continuation_bytes_ + 1)}; }
  void new_line(); // at a line terminator: passes it
  void skip_ignored();
  void skip_comment();
  bool fail(std::string message) { return fail(std::move(message), here()); }
  bool fail(std::string message, Location at);
  bool lex_name(Token &token);
  bool lex_number(Token &token);
  bool lex_digits();
  bool lex_string(Token &token);
  bool lex_escape(std::string &out);
  bool lex_code_unit(std::uint32_t &code);
  bool lex_unicode_escape(std::string &out);
  bool lex_block_string(Token &token);
  bool copy_character(std::string &out);

  std::string_view text_;
  std::size_t position_ = 0, line_start_ = 0;
  std::size_t continuation_bytes_ = 0; // of the line so far: columns count characters
  std::uint32_t line_ = 1;
  LexError error_;
};

// The value of a block string from its raw text: common indentation and blank first and last lines removed (BlockStringValue).
std::string block_string_value(std::string_view raw);

} // namespace gqlsvl::graphql::language
