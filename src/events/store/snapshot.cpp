#include "events/store/snapshot.h"

#include "base/error.h"

#include <algorithm>
#include <charconv>

namespace gqlsvl::events {

Snapshot Snapshot::parse(const std::string &text) {
  Snapshot snapshot;
  const char *at = text.data(), *end = at + text.size();
  auto number = [&](std::uint64_t &into, char behind) {
    auto [next, error] = std::from_chars(at, end, into);
    if (error != std::errc() || (next != end && *next != behind))
      throw Error("XX001", "\"" + text + "\" is not a transaction snapshot", "It comes from gqlsvl.checkpoint.",
                  "Delete that row: delivery goes on from the one before and repeats what came after it.");
    at = next == end ? end : next + 1;
  };
  number(snapshot.xmin_, ':');
  number(snapshot.xmax_, ':');
  while (at != end) number(snapshot.running_.emplace_back(), ',');
  std::sort(snapshot.running_.begin(), snapshot.running_.end());
  return snapshot;
}

std::string Snapshot::text() const {
  std::string out = std::to_string(xmin_) + ':' + std::to_string(xmax_) + ':';
  for (std::uint64_t transaction : running_) (out += out.back() == ':' ? "" : ",") += std::to_string(transaction);
  return out;
}

bool Snapshot::sees(std::uint64_t transaction) const {
  return transaction < xmin_ || (transaction < xmax_ && !std::binary_search(running_.begin(), running_.end(), transaction));
}

Candidates::Candidates(const Snapshot &from, const Snapshot &to) : first(from.xmax_), end(to.xmax_) {
  for (std::uint64_t transaction : from.running_)
    if (to.sees(transaction)) running.push_back(transaction);
}

} // namespace gqlsvl::events
