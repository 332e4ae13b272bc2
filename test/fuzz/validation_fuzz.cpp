// GraphQL text against a schema: the rules end, say at most so many errors, each with its place, and what they let pass can be compiled.
#include "fuzz_schema.h"
#include "graphql/compile/compile.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"

#include <cstdlib>

using namespace gqlsvl::graphql;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  const schema::Schema &schema = fuzz::fuzz_schema();
  GraphQLError error;
  const auto document = language::parse({reinterpret_cast<const char *>(data), size}, error);
  if (!document) return 0;
  const validation::ValidationLimits limits;
  const Errors errors = validation::validate(schema, *document, limits);
  if (errors.size() > limits.max_errors) abort();
  for (const GraphQLError &one : errors)
    if (one.message.empty() || one.locations.empty() || one.path.empty() || one.path[0] != '$') abort();
  if (!errors.empty()) return 0;
  for (const language::Operation &operation : document->operations) {
    Errors problems;
    const auto variables = validation::coerce_variables(schema, *document, operation, nullptr, problems);
    if (variables.has_value() != problems.empty()) abort();
    if (!variables) continue;
    if (!compile::compile(schema, *document, operation, *variables, error) && error.message.empty()) abort();
  }
  return 0;
}
