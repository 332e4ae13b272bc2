#include "events/store/pending.h"

#include "base/error.h"

namespace gqlsvl::events {

namespace {

void put(std::string &out, std::uint64_t value) {
  for (; value >= 128; value >>= 7) out += static_cast<char>(value | 128);
  out += static_cast<char>(value);
}

std::uint64_t zigzag(std::uint64_t difference) { return (difference << 1) ^ (0 - (difference >> 63)); }

std::uint64_t get(const std::string &in, std::size_t &at) {
  std::uint64_t value = 0;
  for (int shift = 0; at < in.size() && shift < 64; shift += 7) {
    auto byte = static_cast<unsigned char>(in[at++]);
    value |= static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw Error("XX001", "the list of pending events in a checkpoint is damaged", "It ends at byte " + std::to_string(at) + '.',
              "Delete the newest row of gqlsvl.checkpoint: delivery goes on from the one before and repeats what came after it.");
}

std::uint64_t get_difference(const std::string &in, std::size_t &at) {
  std::uint64_t coded = get(in, at);
  return (coded >> 1) ^ (0 - (coded & 1));
}

} // namespace

std::string encode(const std::vector<Place> &places) {
  std::string out;
  Place before;
  for (const Place &place : places) {
    put(out, static_cast<std::uint64_t>(place.child));
    put(out, zigzag(place.txid - before.txid));
    put(out, zigzag(static_cast<std::uint64_t>(place.id) - static_cast<std::uint64_t>(before.id)));
    before = place;
  }
  return out;
}

std::vector<Place> decode(const std::string &bytes) {
  std::vector<Place> places;
  Place place;
  for (std::size_t at = 0; at < bytes.size();) {
    place.child = static_cast<std::int16_t>(get(bytes, at));
    place.txid += get_difference(bytes, at);
    place.id = static_cast<std::int64_t>(static_cast<std::uint64_t>(place.id) + get_difference(bytes, at));
    places.push_back(place);
  }
  return places;
}

} // namespace gqlsvl::events
