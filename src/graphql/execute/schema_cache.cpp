#include "graphql/execute/schema_cache.h"

#include "catalog/load.h"
#include "catalog/refresh.h"
#include "graphql/schema/build.h"
#include "pg/settings.h"

#include <algorithm>
#include <list>

extern "C" {
#include "utils/inval.h"
}

namespace gqlsvl::graphql::execute {

namespace {

struct Entry {
  Oid role;
  std::string schemas;    // gqlsvl.schemas
  bool backend;           // gqlsvl.use_backend_only_permissions
  std::uint64_t position; // of the catalog changes that were looked at
  std::shared_ptr<const schema::Schema> schema;
};

constexpr std::size_t most_roles = 16;

std::list<Entry> &entries() { // most recently used first; never freed, so that no destructor runs at exit
  static auto *list = new std::list<Entry>;
  return *list;
}

std::shared_ptr<const schema::Schema> build(std::shared_ptr<const catalog::Model> model) {
  const char *role = model->audience.role_name.c_str();
  const int tables = static_cast<int>(model->tables.size());
  pg::call([=] { ereport(DEBUG1, (errmsg("gqlsvl builds the GraphQL schema of role \"%s\"", role), errdetail("Of %d tables.", tables))); });
  return schema::build_schema(std::move(model));
}

void bring_up_to_date(Entry &entry) {
  while (entry.position != catalog::changes_heard()) {
    pg::call([] { CHECK_FOR_INTERRUPTS(); });
    const std::uint64_t now = catalog::changes_heard();
    std::shared_ptr<const catalog::Model> model = catalog::refresh_model(entry.schema->model, catalog::changes_since(entry.position));
    if (model != entry.schema->model) entry.schema = build(std::move(model));
    entry.position = now;
  }
}

Entry new_entry(Oid role, const std::string &schemas, bool backend) {
  const std::uint64_t position = catalog::changes_heard();
  return Entry{role, schemas, backend, position, build(catalog::load_model())};
}

} // namespace

std::shared_ptr<const schema::Schema> current_schema() {
  catalog::watch_catalogs();
  pg::call([] { AcceptInvalidationMessages(); });
  const Oid role = GetUserId();
  const std::string schemas = pg::settings().schemas ? pg::settings().schemas : "";
  const bool backend = pg::settings().use_backend_only_permissions;
  auto &list = entries();
  auto entry = std::find_if(list.begin(), list.end(),
                            [&](const Entry &e) { return e.role == role && e.schemas == schemas && e.backend == backend; });
  if (entry != list.end())
    list.splice(list.begin(), list, entry);
  else
    list.push_front(new_entry(role, schemas, backend));
  if (list.size() > most_roles) list.pop_back();
  bring_up_to_date(list.front());
  return list.front().schema;
}

} // namespace gqlsvl::graphql::execute
