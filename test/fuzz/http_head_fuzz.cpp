// Heads of requests and chunked bodies, any bytes: no crash, no more content than came, and the same wherever the bytes are cut.
#include "server/chunked_body.h"
#include "server/http_head.h"

#include <cstdlib>

using namespace gqlsvl::server;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  auto parsed = parse_request_head(bytes);
  if (auto *head = std::get_if<RequestHead>(&parsed))
    if (head->chunked && head->content_length) abort();
  ChunkedBody whole, cut;
  std::string content, pieces;
  std::size_t taken = whole.feed(bytes, content), half = size / 2;
  cut.feed(bytes.substr(0, half), pieces);
  cut.feed(bytes.substr(half), pieces);
  if (taken > size || content.size() > size || content != pieces || whole.done() != cut.done()) abort();
  return 0;
}
