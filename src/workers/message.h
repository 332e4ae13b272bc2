// Calls and outcomes as bytes, for the ring between listener and executor.
//
// In:  server::Call, server::Outcome. Out: bytes, and back.
// Pure: no Postgres. Always: decoding checks every length; wrong bytes give nothing, never a read beyond the end.
// Tests: test/unit/message_test.cpp.
#pragma once
#include "server/backend.h"

#include <optional>
#include <string_view>

namespace gqlsvl::workers {

struct WorkItem {
  server::Call call;
  std::uint32_t timeout_ms = 0; // what is left of the request's time; 0: none
};

std::string encode(const WorkItem &item);
std::string encode(const server::Outcome &outcome);
std::optional<WorkItem> decode_item(std::string_view bytes);
std::optional<server::Outcome> decode_outcome(std::string_view bytes);

// On the ring: 8 bytes number of the call, 4 bytes length, then the message.
struct Frame {
  std::uint64_t number = 0;
  std::string message;
};
std::string frame(std::uint64_t number, std::string_view message);

class FrameReader {
public:
  void feed(std::string_view bytes) { pending_.append(bytes); }
  std::optional<Frame> next();
  void clear() { pending_.clear(); }

private:
  std::string pending_;
};

// {"errors":[{"message":..,"extensions":{"path":"$","code":..}}]}: an answer that no part of graphql/ could give.
std::string error_response(std::string_view message, std::string_view code);

} // namespace gqlsvl::workers
