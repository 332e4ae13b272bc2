#include "workers/delivery_watch.h"

#include <algorithm>
#include <utility>

extern "C" {
#include "catalog/namespace.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace gqlsvl::workers {

namespace {

bool changed = true;
Oid definitions = InvalidOid;
std::vector<Oid> *tables_watched = nullptr; // sorted; for the life of the process

void on_relation(Datum, Oid relation) {
  changed |= !OidIsValid(relation) || relation == definitions ||
             (tables_watched && std::binary_search(tables_watched->begin(), tables_watched->end(), relation));
}
void on_schema(Datum, int, uint32) { changed = true; }

} // namespace

void watch_definitions() {
  static bool watching = false;
  pg::call([] { definitions = get_relname_relid("trigger", get_namespace_oid("gqlsvl", false)); });
  if (watching) return;
  pg::call([] {
    CacheRegisterRelcacheCallback(on_relation, 0);
    CacheRegisterSyscacheCallback(NAMESPACEOID, on_schema, 0);
  });
  watching = true;
}

bool take_definitions_changed() {
  pg::call([] { AcceptInvalidationMessages(); });
  return std::exchange(changed, false);
}

void announce_definitions_changed() {
  pg::call([] { CacheInvalidateRelcacheByRelid(definitions); });
}

void watch_tables(std::vector<Oid> tables) {
  std::sort(tables.begin(), tables.end());
  if (!tables_watched) tables_watched = new std::vector<Oid>;
  tables_watched->swap(tables);
}

} // namespace gqlsvl::workers
