// A request body in chunks, without its framing.
//
// In:  the bytes as they come, cut anywhere. Out: the content appended; done() after the last chunk and its trailer.
// Pure. Always: constant memory of its own; any bytes are safe; what follows the end is left; trailers are read over.
// Source: RFC 9112, section 7.1. Tests: test/unit/chunked_body_test.cpp.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gqlsvl::server {

class ChunkedBody {
public:
  std::size_t feed(std::string_view bytes, std::string &content); // how many bytes belong to the body
  bool done() const { return state_ == State::Done; }
  bool bad() const { return state_ == State::Bad; }

private:
  enum class State { Size, Extension, SizeEnd, Data, DataReturn, DataEnd, Trailer, TrailerEnd, Done, Bad };
  void take(char c);
  void take_size(char c);
  void take_trailer(char c);

  State state_ = State::Size;
  std::uint64_t left_ = 0;           // of the chunk
  int digits_ = 0;                   // of its size
  std::size_t extra_ = 0, line_ = 0; // bytes of extensions and trailers in all; of the present trailer line
};

} // namespace gqlsvl::server
