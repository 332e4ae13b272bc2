// The list of unfinished events in a checkpoint: where they are, coded as differences.
//
// In:  (child, txid, id) of each. Out: bytes, and back; decode() throws XX001 for bytes that encode() does not make.
// Format: per event three varints (7 bits each, low first; the high bit says more follow): child, then txid and id as zigzag-coded
//   differences to the event before.
#pragma once
#include "events/store/event.h"

namespace gqlsvl::events {

struct Place {
  std::int16_t child = 0;
  std::uint64_t txid = 0;
  std::int64_t id = 0;
  bool operator==(const Place &) const = default;
};

std::string encode(const std::vector<Place> &places);
std::vector<Place> decode(const std::string &bytes);

} // namespace gqlsvl::events
