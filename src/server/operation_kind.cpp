#include "server/operation_kind.h"

#include <optional>

namespace gqlsvl::server {

namespace {

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

// The document's names and brackets; comments, strings and everything else are passed over.
class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // A name, or one character of "{}()[]@:$", or nothing at the end.
  std::string_view next() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '#')
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      else if (c == '"')
        skip_string();
      else if (starts_name(c)) {
        std::size_t start = at_;
        while (at_ < text_.size() && in_name(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
      } else if (std::string_view("{}()[]@:$").find(c) != std::string_view::npos)
        return text_.substr(at_++, 1);
      else
        ++at_;
    }
    return {};
  }

private:
  void skip_string() {
    bool block = text_.substr(at_, 3) == "\"\"\"";
    at_ += block ? 3 : 1;
    while (at_ < text_.size()) {
      if (block && text_.substr(at_, 4) == "\\\"\"\"")
        at_ += 4;
      else if (block && text_.substr(at_, 3) == "\"\"\"") {
        at_ += 3;
        return;
      } else if (!block && text_[at_] == '\\')
        at_ += 2;
      else if (!block && (text_[at_] == '"' || text_[at_] == '\n')) {
        ++at_;
        return;
      } else
        ++at_;
    }
    at_ = std::min(at_, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<OperationKind> keyword(std::string_view name) {
  if (name == "query") return OperationKind::Query;
  if (name == "mutation") return OperationKind::Mutation;
  if (name == "subscription") return OperationKind::Subscription;
  return std::nullopt;
}

} // namespace

OperationKind operation_kind(std::string_view document, std::string_view operation_name) {
  Scanner scanner(document);
  std::optional<OperationKind> first;
  int depth = 0;
  bool at_definition = true; // the next name or brace at depth 0 starts a definition
  for (std::string_view token = scanner.next(); !token.empty();) {
    std::string_view following = scanner.next();
    if (depth == 0 && at_definition) {
      std::optional<OperationKind> kind = token == "{" ? OperationKind::Query : keyword(token);
      std::string_view name = kind && token != "{" && starts_name(following.empty() ? '{' : following[0]) ? following : std::string_view();
      if (kind && !operation_name.empty() && name == operation_name) return *kind;
      if (kind && !first) first = kind;
      at_definition = false;
    }
    if (token == "{" || token == "(" || token == "[") ++depth;
    if (token == "}" || token == ")" || token == "]") {
      if (depth > 0) --depth;
      if (depth == 0 && token == "}") at_definition = true;
    }
    token = following;
  }
  return operation_name.empty() && first ? *first : OperationKind::Query;
}

} // namespace gqlsvl::server
