#include "server/chunked_body.h"

#include <algorithm>

namespace gqlsvl::server {

namespace {

constexpr int most_digits = 15;                 // a size beyond this is nobody's
constexpr std::size_t most_extra_bytes = 16384; // extensions and trailers, together

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

} // namespace

std::size_t ChunkedBody::feed(std::string_view bytes, std::string &content) {
  const std::size_t offered = bytes.size();
  while (!bytes.empty() && !done() && !bad()) {
    if (state_ != State::Data) {
      take(bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    content += bytes.substr(0, part);
    bytes.remove_prefix(part);
    left_ -= part;
    if (left_ == 0) state_ = State::DataReturn;
  }
  return offered - bytes.size();
}

void ChunkedBody::take(char c) {
  switch (state_) {
  case State::Size: return take_size(c);
  case State::Extension:
    if (++extra_ > most_extra_bytes || c == '\n')
      state_ = State::Bad;
    else if (c == '\r')
      state_ = State::SizeEnd;
    return;
  case State::SizeEnd: state_ = c != '\n' ? State::Bad : left_ > 0 ? State::Data : State::Trailer; return;
  case State::DataReturn: state_ = c == '\r' ? State::DataEnd : State::Bad; return;
  case State::DataEnd:
    state_ = c == '\n' ? State::Size : State::Bad;
    digits_ = 0;
    return;
  case State::Trailer: return take_trailer(c);
  case State::TrailerEnd:
    state_ = c != '\n' ? State::Bad : line_ > 0 ? State::Trailer : State::Done;
    line_ = 0;
    return;
  case State::Data:
  case State::Done:
  case State::Bad: return;
  }
}

void ChunkedBody::take_size(char c) {
  if (int digit = hex_digit(c); digit >= 0) {
    left_ = digits_ == 0 ? 0 : left_;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    if (++digits_ > most_digits) state_ = State::Bad;
    return;
  }
  bool extended = c == ';' || c == ' ' || c == '\t';
  state_ = digits_ == 0 ? State::Bad : c == '\r' ? State::SizeEnd : extended ? State::Extension : State::Bad;
}

void ChunkedBody::take_trailer(char c) {
  if (c == '\r') {
    state_ = State::TrailerEnd;
    return;
  }
  ++line_;
  if (++extra_ > most_extra_bytes || c == '\n') state_ = State::Bad;
}

} // namespace gqlsvl::server
