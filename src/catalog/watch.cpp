// One relcache callback and the syscaches a Model is read from. The callbacks only count: they run where nothing may fail.
#include "catalog/load.h"

#include "pg/boundary.h"

extern "C" {
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace gqlsvl::catalog {

namespace {

std::uint64_t changes = 1;

void count_relation(Datum, Oid) { ++changes; }
void count_entry(Datum, int, uint32) { ++changes; }

} // namespace

std::uint64_t generation() { return changes; }

void watch_catalogs() {
  static bool watching = false;
  if (watching) return;
  pg::call([] {
    CacheRegisterRelcacheCallback(count_relation, 0);
    for (int cache : {AUTHOID, AUTHMEMROLEMEM, NAMESPACEOID, TYPEOID, ENUMOID, CONSTROID, OPEROID})
      CacheRegisterSyscacheCallback(cache, count_entry, 0);
  });
  watching = true;
}

} // namespace gqlsvl::catalog
