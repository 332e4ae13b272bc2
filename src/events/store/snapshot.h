// A transaction snapshot as Postgres writes it (pg_snapshot: "xmin:xmax:running,..."), and what became visible between two of them.
//
// In:  text. Out: text, sees(), candidates(). Pure. Throws XX001 for a text that no snapshot has.
// Always: for each transaction that `to` sees and `from` does not, candidates() has it in its range or in its list, and nothing else that
//   committed; an old transaction still open costs one list entry, not a range that begins with it.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gqlsvl::events {

class Snapshot {
public:
  Snapshot() = default; // sees nothing: before the first transaction
  static Snapshot parse(const std::string &text);
  std::string text() const;
  bool sees(std::uint64_t transaction) const; // it was over; whether it committed, the rows say
  bool operator==(const Snapshot &) const = default;

private:
  friend struct Candidates;
  std::uint64_t xmin_ = 3, xmax_ = 3;
  std::vector<std::uint64_t> running_; // sorted
};

struct Candidates {
  std::uint64_t first, end;           // [first, end)
  std::vector<std::uint64_t> running; // running in `from`, over in `to`
  Candidates(const Snapshot &from, const Snapshot &to);
};

} // namespace gqlsvl::events
