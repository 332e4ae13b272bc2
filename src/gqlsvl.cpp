// _PG_init of gqlsvl.so: settings, shared memory, hooks, the launcher. Nothing else happens here.
#include "events/buffer.h"
#include "events/renamed_column.h"
#include "events/statement_end.h"
#include "pg/settings.h"
#include "workers/hooks.h"
#include "workers/launcher.h"

extern "C" {
PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
  gqlsvl::pg::entry([] {
    gqlsvl::pg::define_settings();
    if (!gqlsvl::pg::preloaded()) return;
    gqlsvl::workers::request_shared_memory();
    gqlsvl::workers::install_hooks();
    gqlsvl::events::install_statement_end_hooks();
    gqlsvl::events::install_rename_hook();
    gqlsvl::events::set_delivery(gqlsvl::workers::wake_delivery, gqlsvl::workers::current_event_child);
    gqlsvl::workers::register_launcher();
  });
}
}

GQLSVL_FUNCTION(gqlsvl_version) { PG_RETURN_TEXT_P(cstring_to_text(GQLSVL_VERSION)); }
