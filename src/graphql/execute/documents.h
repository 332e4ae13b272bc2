// The documents of gqlsvl.document: those that clients name by id or hash, and those that the allow list lets run.
//
// In:  a reference ("sha256:" and 64 hexadecimal digits, or an id), or a document; the current role. Out: the document's text, or whether
// it may run. Always: read past the role's rights, as the role need not be able to read the table; a row for other roles is as good as
// none. Source: GraphQL over HTTP, appendix persisted documents; Apollo's automatic persisted queries; docs/dialect.md, D10-allow-list.
#pragma once
#include "graphql/language/error.h"

#include <optional>
#include <string>
#include <string_view>

namespace gqlsvl::graphql::execute {

// Nothing: there is none.
std::optional<std::string> find_document(std::string_view reference);

// Whether the table holds `query`, or a document that differs from it in layout only.
bool is_listed(std::string_view query);

// SHA-256 in hexadecimal digits.
std::string hash_of(std::string_view text);

// See language/normal.h. Nothing and `error` when it is no executable document.
std::optional<std::string> normal_form(std::string_view query, GraphQLError &error);

} // namespace gqlsvl::graphql::execute
