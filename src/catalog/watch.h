// What has changed in the catalogs, as this backend's invalidation callbacks hear it.
//
// In:  relcache and syscache invalidations of other sessions (when they commit) and of this one (at each command, and again when it rolls
// back). Out: the changes after a position, for whoever keeps something read from the catalogs.
// Always: the callbacks only write into a ring of fixed size: they run where nothing may fail. Who has missed more than the ring holds is
// told "everything".
// Source: docs/rules.md, 21 and 22. No callback on CONSTROID: each change of a constraint also invalidates its table's relcache entry
// (tested in sql/graphql_schema_changes.sql), and constraints of temporary tables would be heard as well.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>
#include <vector>

namespace gqlsvl::catalog {

struct Changes {
  bool everything = false;
  bool roles = false;                     // a role, a membership, or the owner of the database
  bool schemas = false;                   // name, owner or rights of a schema
  bool enums = false;                     // labels of some enum type
  bool functions = false;                 // some function: its shape, owner or rights
  std::vector<std::uint32_t> relations;   // OIDs
  std::vector<std::uint32_t> type_hashes; // of their TYPEOID syscache entries
};

// Registers the callbacks; safe to call again.
void watch_catalogs();

// How many changes were heard so far.
std::uint64_t changes_heard();

Changes changes_since(std::uint64_t position);

} // namespace gqlsvl::catalog
