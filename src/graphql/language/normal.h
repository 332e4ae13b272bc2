// A document -> the text that all documents have that differ from it in layout only.
//
// Out: one line. White space, commas, comments, descriptions and `__typename` (which clients add by themselves) count for nothing, the
// order of the fields of an object neither; everything else does. Pure. Used to compare documents with the allow list, as Hasura compares
// them.
#pragma once
#include "graphql/language/ast.h"

namespace gqlsvl::graphql::language {

std::string normal_text(const Document &document);

} // namespace gqlsvl::graphql::language
