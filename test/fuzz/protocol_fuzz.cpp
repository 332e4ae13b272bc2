// Frames of a client, split at zero bytes: no input crashes the machine, and after a Close nothing comes out.
#include "server/protocol.h"

#include <cstdlib>

using gqlsvl::server::Protocol;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  Protocol protocol(3, size % 2 ? Protocol::Dialect::Legacy : Protocol::Dialect::TransportWs);
  std::string_view rest(reinterpret_cast<const char *>(data), size);
  bool closed = false;
  while (!rest.empty()) {
    std::string_view frame = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(frame.size() + 1, rest.size()));
    for (Protocol::Action &action : protocol.receive(frame, false)) {
      if (closed) abort();
      if (std::holds_alternative<Protocol::Authenticate>(action)) protocol.accept();
      if (auto *close = std::get_if<Protocol::Close>(&action)) {
        closed = true;
        if (close->reason.size() > 123) abort();
      }
    }
  }
  return 0;
}
