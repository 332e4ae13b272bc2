// GraphQL text: no document crashes lexer, parser or the printer of values; an error says where; what is printed is read as the same.
#include "graphql/language/normal.h"
#include "graphql/language/parser.h"
#include "graphql/language/printer.h"

#include <cstdlib>

using namespace gqlsvl::graphql;

namespace {

void check(const language::Value &value) {
  const std::string printed = language::print(value);
  GraphQLError error;
  const auto document = language::parse("{a(x:" + printed + ")}", error, {1000000, 300});
  if (!document || language::print(document->operations.at(0).selections.at(0).arguments.at(0).value) != printed) abort();
}

void check(const std::vector<language::Selection> &selections) {
  for (const language::Selection &selection : selections) {
    for (const language::Argument &argument : selection.arguments) check(argument.value);
    check(selection.selections);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  GraphQLError error;
  const auto document = language::parse({reinterpret_cast<const char *>(data), size}, error);
  if (!document) {
    if (error.message.empty() || error.locations.size() != 1 || error.locations[0].line == 0 || error.locations[0].column == 0) abort();
    return 0;
  }
  if (language::normal_text(*document).empty()) abort();
  for (const language::Operation &operation : document->operations) check(operation.selections);
  for (const language::Fragment &fragment : document->fragments) check(fragment.selections);
  return 0;
}
