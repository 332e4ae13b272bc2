// A fault of the request found while compiling or binding: ends the operation, becomes its one error. Never leaves graphql/.
#pragma once
#include "graphql/language/error.h"

namespace gqlsvl::graphql::compile {

struct Fault {
  GraphQLError error;
  Fault(const std::string &message, const std::string &path, const std::string &code = "validation-failed") {
    error.message = message;
    error.path = path;
    error.code = code;
  }
};

} // namespace gqlsvl::graphql::compile
