// What a capture trigger needs to know of its event trigger: read from gqlsvl.trigger, not kept in pg_trigger, so that it can be changed
// without a lock on the table.
//
// In:  the number of the event trigger. Out: its table, columns and ordering; none: there is no such trigger (any more).
// Always: no right of the writer is used; the state is that of the catalogs now, whatever snapshot the writer's transaction has.
#pragma once
#include "pg/boundary.h"

#include <optional>
#include <string>
#include <vector>

namespace gqlsvl::events {

struct CaptureDefinition {
  Oid table = InvalidOid;
  std::vector<std::string> columns, payload_columns; // empty: all
  std::vector<std::string> ordering_columns;         // empty: the primary key
  bool ordered = true;
};

std::optional<CaptureDefinition> read_capture_definition(std::int32_t id);

} // namespace gqlsvl::events
