// What a live query depends on, and what a commit is about: one number each.
//
//   whole(R)            any change of relation R
//   rows(R, column, h)  changes of rows of R whose `column` had or has a value of hash h
//   unseen(R)           changes of R whose values nobody hashed; goes with every rows(R, ...)
//
// Pure. Always: `bit` of two different topics may be equal (that over-notifies); of one topic it never changes. Columns start at 1.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>

namespace gqlsvl::live {

using Topic = std::uint64_t; // relation << 32 | column << 20 | bit

inline constexpr int topic_bits = 1 << 20;
inline constexpr std::uint32_t unseen_column = 0xfff; // no table has that many columns

constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

constexpr std::uint32_t relation_of(Topic topic) { return static_cast<std::uint32_t>(topic >> 32); }
constexpr std::uint32_t column_of(Topic topic) { return static_cast<std::uint32_t>(topic >> 20) & 0xfff; }
constexpr std::uint32_t bit_of(Topic topic) { return static_cast<std::uint32_t>(topic) & (topic_bits - 1); }

constexpr Topic whole(std::uint32_t relation) { return static_cast<Topic>(relation) << 32; }
constexpr bool is_whole(Topic topic) { return column_of(topic) == 0; }
constexpr Topic rows(std::uint32_t relation, std::uint32_t column, std::uint64_t value_hash) {
  const Topic place = whole(relation) | static_cast<Topic>(column) << 20;
  return place | (mix(place ^ value_hash) & (topic_bits - 1));
}
constexpr Topic unseen(std::uint32_t relation) { return rows(relation, unseen_column, 0); }

} // namespace gqlsvl::live
