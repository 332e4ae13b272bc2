// GraphQL text -> the syntax tree of an executable document.
//
// In:  UTF-8 text and limits. Out: the document, or nothing and `error` (code validation-failed, path $.query, line and column).
// Always: work and memory are linear in the tokens, of which at most max_tokens are read; the recursion is never deeper than max_depth, for
// selection sets, values and types alike. Descriptions are accepted and dropped. Type-system documents are refused by name.
// Source: GraphQL specification, September 2025, section 2.
#pragma once
#include "graphql/language/error.h"

#include <string_view>

namespace gqlsvl::graphql::language {

struct ParseLimits {
  std::size_t max_tokens = 200000;
  int max_depth = 50; // nested selection sets; nested lists and objects of a value
};

std::optional<Document> parse(std::string_view text, GraphQLError &error, const ParseLimits &limits = {});

} // namespace gqlsvl::graphql::language
