#include "graphql/execute/schema_cache.h"

#include "catalog/load.h"
#include "graphql/schema/build.h"
#include "pg/settings.h"

#include <list>

extern "C" {
#include "utils/inval.h"
}

namespace gqlsvl::graphql::execute {

namespace {

struct Entry {
  Oid role;
  std::string schemas;
  std::uint64_t generation;
  std::shared_ptr<const schema::Schema> schema;
};

constexpr std::size_t most_roles = 16;

std::list<Entry> &entries() { // most recently used first; never freed, so that no destructor runs at exit
  static auto *list = new std::list<Entry>;
  return *list;
}

Entry build_entry(Oid role, const std::string &schemas) {
  for (;;) {
    const std::uint64_t before = catalog::generation();
    auto schema = schema::build_schema(catalog::load_model());
    if (before == catalog::generation()) return Entry{role, schemas, before, std::move(schema)};
    pg::call([] { CHECK_FOR_INTERRUPTS(); });
  }
}

} // namespace

std::shared_ptr<const schema::Schema> current_schema() {
  catalog::watch_catalogs();
  pg::call([] { AcceptInvalidationMessages(); });
  const Oid role = GetUserId();
  const std::string schemas = pg::settings().schemas ? pg::settings().schemas : "";
  auto &list = entries();
  for (auto entry = list.begin(); entry != list.end(); ++entry) {
    if (entry->role != role || entry->schemas != schemas) continue;
    if (entry->generation != catalog::generation()) {
      list.erase(entry);
      break;
    }
    list.splice(list.begin(), list, entry);
    return list.front().schema;
  }
  list.push_front(build_entry(role, schemas));
  if (list.size() > most_roles) list.pop_back();
  return list.front().schema;
}

} // namespace gqlsvl::graphql::execute
