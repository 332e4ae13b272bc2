// The settings (gqlsvl.*), read by both libraries.
//
// gqlsvl.so defines them in _PG_init (settings.cpp: define_settings); gqlsvl_worker.so finds the same struct through a rendezvous variable.
// Names and units are fixed by the design; settings that hold secrets are PGC_SIGHUP and superuser-only (docs/rules.md, 7).
#pragma once
#include "pg/boundary.h"

namespace gqlsvl::pg {

struct Settings {
  // GraphQL
  char *schemas;   // comma separated list of schemas; default "public"
  int max_depth;   // of a document
  int max_aliases; // of an operation
  int max_nodes;   // fields of an operation
  int max_rows;    // of a list; 0: no limit
  bool stringify_numerics;
  bool use_backend_only_permissions;
  bool hasura_lenient_validation;
  bool allow_list;     // the port runs only what gqlsvl.document has
  int max_response_kb; // answers above are an error
  bool introspection;
  int plan_cache_size; // documents kept per backend
  // the port
  char *listen_addresses; // default "localhost"
  int port;               // 8080; a second database gets a listener only when its own port is set
  int executors;
  int max_connections; // of clients at the port
  int max_subscriptions_per_connection;
  int max_request_kb;
  int request_timeout_ms;
  char *jwt_secret, *admin_secret; // as the configuration file has them; never log
  char *admin_role, *anonymous_role, *authenticator_role;
  char *role_map;
  char *cors_origins; // comma separated; empty: none
  int live_refresh_ms;
  // events
  int delivery_workers, loop_limit;
  int event_retention_minutes, event_max_size_kb;
  int delivery;                         // 0 auto, 1 on, 2 off
  char *outbound_allow, *outbound_deny; // CIDR lists
  char *outbound_ca_file;
  char *env_allow, *lambda_allow; // what owners of triggers who are no superusers may name
  char *aws_region, *aws_endpoint, *aws_access_key_id, *aws_secret_access_key, *aws_session_token;
};

// In _PG_init of gqlsvl.so only.
void define_settings();

// Never null once gqlsvl.so is loaded.
const Settings &settings();

// True when gqlsvl is in shared_preload_libraries (shared memory and hooks exist).
bool preloaded();

// Raises 55000 with the line to add when not preloaded. `what`: "gqlsvl.create_trigger".
void require_preload(const char *what);

} // namespace gqlsvl::pg
