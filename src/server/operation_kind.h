// Is the operation that a request would run a query, a mutation or a subscription? Decides the path it takes (HTTP refuses
// subscriptions; a subscription is evaluated again and again), nothing else: the executor parses and validates.
//
// In:  document and operation name. Out: the kind; Query for a document that is wrong in any way (the executor words the error).
// Pure. One pass, no recursion, any bytes. Source: GraphQL September 2025, section 2. Tests: test/unit/operation_kind_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <string_view>

namespace gqlsvl::server {

enum class OperationKind { Query, Mutation, Subscription };

OperationKind operation_kind(std::string_view document, std::string_view operation_name);

} // namespace gqlsvl::server
