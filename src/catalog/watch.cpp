#include "catalog/watch.h"

#include "pg/boundary.h"

#include <algorithm>

extern "C" {
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace gqlsvl::catalog {

namespace {

enum class ChangeKind : std::uint32_t { Everything, Roles, Schemas, Enums, Functions, Relation, Type };

struct Change {
  ChangeKind kind;
  std::uint32_t value; // Relation: its OID; Type: hash of its TYPEOID entry
};

constexpr std::uint64_t ring_size = 1024;

Change ring[ring_size];
std::uint64_t heard = 0; // ring[heard % ring_size] is written next

void hear(ChangeKind kind, std::uint32_t value = 0) { ring[heard++ % ring_size] = {kind, value}; }

void hear_relation(Datum, Oid relation) { hear(OidIsValid(relation) ? ChangeKind::Relation : ChangeKind::Everything, relation); }

// A hash of 0 stands for all entries of the cache.
void hear_type(Datum, int, uint32 hash) { hear(hash ? ChangeKind::Type : ChangeKind::Everything, hash); }

void hear_entry(Datum kind, int, uint32) { hear(static_cast<ChangeKind>(DatumGetUInt32(kind))); }

void add(Changes &changes, const Change &change) {
  switch (change.kind) {
  case ChangeKind::Everything: changes.everything = true; break;
  case ChangeKind::Roles: changes.roles = true; break;
  case ChangeKind::Schemas: changes.schemas = true; break;
  case ChangeKind::Enums: changes.enums = true; break;
  case ChangeKind::Functions: changes.functions = true; break;
  case ChangeKind::Relation: changes.relations.push_back(change.value); break;
  case ChangeKind::Type: changes.type_hashes.push_back(change.value); break;
  }
}

void keep_unique(std::vector<std::uint32_t> &values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

} // namespace

void watch_catalogs() {
  static bool watching = false;
  if (watching) return;
  static constexpr struct {
    SysCacheIdentifier cache;
    ChangeKind kind;
  } caches[] = {{AUTHOID, ChangeKind::Roles},        {AUTHMEMROLEMEM, ChangeKind::Roles}, {DATABASEOID, ChangeKind::Roles},
                {NAMESPACEOID, ChangeKind::Schemas}, {ENUMOID, ChangeKind::Enums},        {PROCOID, ChangeKind::Functions},
                {OPEROID, ChangeKind::Everything},   {CLAOID, ChangeKind::Everything},    {FOREIGNSERVEROID, ChangeKind::Everything}};
  pg::call([] {
    CacheRegisterRelcacheCallback(hear_relation, 0);
    CacheRegisterSyscacheCallback(TYPEOID, hear_type, 0);
    for (const auto &entry : caches)
      CacheRegisterSyscacheCallback(entry.cache, hear_entry, UInt32GetDatum(static_cast<std::uint32_t>(entry.kind)));
  });
  watching = true;
}

std::uint64_t changes_heard() { return heard; }

Changes changes_since(std::uint64_t position) {
  Changes changes;
  if (heard - position > ring_size) {
    changes.everything = true;
    return changes;
  }
  for (std::uint64_t i = position; i != heard; ++i) add(changes, ring[i % ring_size]);
  keep_unique(changes.relations);
  keep_unique(changes.type_hashes);
  return changes;
}

} // namespace gqlsvl::catalog
