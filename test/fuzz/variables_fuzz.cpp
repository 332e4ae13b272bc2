// A document and its variables (before and after the first zero byte): coercion ends, and what it lets pass compiles to parameters that
// have a text. Requests of one shape have one plan.
#include "fuzz_schema.h"
#include "graphql/compile/compile.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"

#include <cstdlib>

using namespace gqlsvl;
using namespace gqlsvl::graphql;

namespace {

void check(const compile::Statement &statement, const validation::Variables &variables) {
  for (const compile::Parameter &parameter : statement.parameters)
    if (parameter.source == compile::ParameterSource::Literal || parameter.source == compile::ParameterSource::Variable)
      compile::parameter_text(parameter, variables);
}

void compile_and_bind(const schema::Schema &schema, const language::Document &document, const language::Operation &operation,
                      const validation::Variables &variables) {
  GraphQLError error;
  const auto plan = compile::compile(schema, document, operation, variables, error);
  if (!plan) {
    if (error.message.empty()) abort();
    return;
  }
  if (compile::shape_of(schema, operation, variables, {}).empty() && !operation.variables.empty()) abort();
  check(plan->query, variables);
  for (const compile::Change &change : plan->changes) {
    check(change.change, variables);
    check(change.answer, variables);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  const std::string_view input(reinterpret_cast<const char *>(data), size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  const schema::Schema &schema = fuzz::fuzz_schema();
  GraphQLError error;
  const auto document = language::parse(input.substr(0, end), error);
  if (!document || !validation::validate(schema, *document).empty()) return 0;
  json::ParseError where;
  const auto given = json::parse(input.substr(std::min(end + 1, size)), where);
  for (const language::Operation &operation : document->operations) {
    Errors errors;
    const auto variables = validation::coerce_variables(schema, *document, operation, given ? &*given : nullptr, errors);
    if (variables.has_value() != errors.empty()) abort();
    if (variables) compile_and_bind(schema, *document, operation, *variables);
  }
  return 0;
}
