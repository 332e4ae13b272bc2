// JSON of a client: no input crashes the parser, and what it takes is written as JSON that it takes again, the same.
#include "base/json.h"

#include <cstdlib>

using namespace gqlsvl;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  json::ParseError error;
  const std::optional<json::Value> value = json::parse(text, error);
  if (!value) {
    if (error.message.empty() || error.byte > size) abort();
    return 0;
  }
  const std::string written = json::to_string(*value);
  const std::optional<json::Value> again = json::parse(written, error);
  if (!again || json::to_string(*again) != written) abort();
  return 0;
}
