#include "pg/settings.h"

#include "pg/compat.h"

#include <climits>
#include <cstring>

namespace gqlsvl::pg {

namespace {

constexpr char rendezvous_name[] = "gqlsvl.settings";

struct Published {
  Settings settings;
  bool preloaded;
};

Published **place() { return reinterpret_cast<Published **>(find_rendezvous_variable(rendezvous_name)); }

constexpr int secret_flags = GUC_SUPERUSER_ONLY | GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE;

// A setting whose value is a secret. Postgres itself would show it to members of pg_read_all_settings and write it to the log when a
// reload changes it ("parameter ... changed to ..."): so all that Postgres keeps as the value is a constant, and the secret is its "extra".
template <char *Settings::*secret> struct Secret {
  static inline char *known_to_postgres;

  static bool check(char **value, void **extra, GucSource) {
    *extra = *value;
    *value = copy_setting("(hidden)");
    return *value != nullptr;
  }
  static void assign(const char *, void *extra) { (*place())->settings.*secret = static_cast<char *>(extra); }
  // For SHOW and current_setting: where the secret is, never what it is.
  static const char *show() {
    const char *value = (*place())->settings.*secret;
    return *value == 0 || strncmp(value, "file:", 5) == 0 || strncmp(value, "secret:", 7) == 0 ? value : "(hidden)";
  }
  static void define(const char *name, const char *description) {
    DefineCustomStringVariable(name, description, "The value itself, file:PATH, or secret:NAME (gqlsvl.set_secret).", &known_to_postgres,
                               "", PGC_SIGHUP, secret_flags, check, assign, show);
  }
};

const config_enum_entry delivery_values[] = {{"auto", 0, false}, {"on", 1, false}, {"off", 2, false}, {nullptr, 0, false}};

void define_string(const char *name, const char *description, char **variable, const char *initial, GucContext context) {
  DefineCustomStringVariable(name, description, nullptr, variable, initial, context, 0, nullptr, nullptr, nullptr);
}

void define_int(const char *name, const char *description, int *variable, int initial, int least, int most, GucContext context,
                int flags = 0) {
  DefineCustomIntVariable(name, description, nullptr, variable, initial, least, most, context, flags, nullptr, nullptr, nullptr);
}

void define_graphql(Settings &s) {
  define_string("gqlsvl.schemas", "Schemas whose tables the GraphQL API exposes, separated by commas.", &s.schemas, "public", PGC_SUSET);
  define_int("gqlsvl.max_depth", "Deepest nesting of a GraphQL document.", &s.max_depth, 50, 1, 500, PGC_SUSET);
  define_int("gqlsvl.max_aliases", "Most aliases of a GraphQL operation, counted through its fragments.", &s.max_aliases, 1000, 0, 20000,
             PGC_SUSET);
  define_int("gqlsvl.max_nodes", "Most fields of a GraphQL operation, counted through its fragments.", &s.max_nodes, 20000, 1, 1000000,
             PGC_SUSET);
  define_int("gqlsvl.max_rows", "Most rows of one list of an answer; 0: no limit. A larger limit of the client is lowered to it.",
             &s.max_rows, 0, 0, INT_MAX, PGC_SUSET);
  DefineCustomBoolVariable("gqlsvl.stringify_numerics", "Whether bigint, numeric and double precision are strings in answers.", nullptr,
                           &s.stringify_numerics, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("gqlsvl.use_backend_only_permissions",
                           "Whether mutations exist of tables that gqlsvl.set_table_option keeps for the back end.",
                           "Requests at the port set it themselves, by x-hasura-use-backend-only-permissions with the admin secret.",
                           &s.use_backend_only_permissions, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("gqlsvl.hasura_lenient_validation",
                           "Whether unused fragments and variables, and fragments that never apply, are let pass as in Hasura.", nullptr,
                           &s.hasura_lenient_validation, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("gqlsvl.allow_list", "Whether the port runs only the documents of gqlsvl.document.", nullptr, &s.allow_list,
                           false, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  define_int("gqlsvl.max_response_size", "Largest answer; a larger one is an error.", &s.max_response_kb, 64 * 1024, 1, 1024 * 1024,
             PGC_SUSET, GUC_UNIT_KB);
  define_int("gqlsvl.plan_cache_size", "GraphQL documents kept compiled in each backend.", &s.plan_cache_size, 200, 1, 100000, PGC_SUSET);
  DefineCustomBoolVariable("gqlsvl.introspection", "Whether __schema and __type are answered.", nullptr, &s.introspection, true, PGC_SUSET,
                           0, nullptr, nullptr, nullptr);
}

void define_port(Settings &s) {
  define_string("gqlsvl.listen_addresses", "Addresses the listener binds to.", &s.listen_addresses, "localhost", PGC_SIGHUP);
  define_int("gqlsvl.port", "TCP port of the listener; per database by ALTER DATABASE ... SET.", &s.port, 8080, 1, 65535, PGC_SUSET);
  define_int("gqlsvl.executors", "Executors per database.", &s.executors, 2, 1, 16, PGC_SIGHUP);
  define_int("gqlsvl.max_connections", "Most client connections of one listener.", &s.max_connections, 10000, 1, 1000000, PGC_SIGHUP);
  define_int("gqlsvl.max_subscriptions_per_connection", "Most open operations of one connection.", &s.max_subscriptions_per_connection, 100,
             1, 100000, PGC_SIGHUP);
  define_int("gqlsvl.max_request_size", "Largest request body or WebSocket message.", &s.max_request_kb, 1024, 1, 1024 * 1024, PGC_SIGHUP,
             GUC_UNIT_KB);
  define_int("gqlsvl.request_timeout", "Longest time of one request.", &s.request_timeout_ms, 30000, 10, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS);
  Secret<&Settings::jwt_secret>::define("gqlsvl.jwt_secret", "Key of JSON Web Tokens, as in HASURA_GRAPHQL_JWT_SECRET.");
  Secret<&Settings::admin_secret>::define("gqlsvl.admin_secret", "Secret of requests that run as gqlsvl.admin_role.");
  define_string("gqlsvl.admin_role", "Role of a request with the admin secret and no x-hasura-role.", &s.admin_role, "", PGC_SIGHUP);
  define_string("gqlsvl.anonymous_role", "Role of a request without credentials; empty: such requests get 401.", &s.anonymous_role, "",
                PGC_SIGHUP);
  define_string("gqlsvl.authenticator_role", "Session user of executors; empty: gqlsvl_authenticator.", &s.authenticator_role, "",
                PGC_SIGHUP);
  define_string("gqlsvl.role_map", "JSON object: role of a token -> database role.", &s.role_map, "", PGC_SIGHUP);
  define_string("gqlsvl.cors_origins", "Origins that browsers may call from, separated by commas.", &s.cors_origins, "", PGC_SIGHUP);
  define_int("gqlsvl.live_refresh", "How often live queries are re-evaluated whose result depends on more than tables.", &s.live_refresh_ms,
             1000, 10, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS);
}

void define_events(Settings &s) {
  define_int("gqlsvl.delivery_workers", "Delivery workers per database.", &s.delivery_workers, 1, 1, 16, PGC_SIGHUP);
  define_int(
      "gqlsvl.loop_limit",
      "Events of a row in a row that may each follow the delivery of the one before, until the row is tested for a loop; 0: none is.",
      &s.loop_limit, 100, 0, 1000000, PGC_SIGHUP);
  define_int("gqlsvl.event_retention", "How long delivered events and their attempts are kept.", &s.event_retention_minutes, 7 * 24 * 60, 1,
             INT_MAX, PGC_SIGHUP, GUC_UNIT_MIN);
  define_int("gqlsvl.event_max_size", "Size of all event tables from which delivered events go before their time.", &s.event_max_size_kb,
             10 * 1024 * 1024, 64, INT_MAX, PGC_SIGHUP, GUC_UNIT_KB);
  DefineCustomEnumVariable("gqlsvl.delivery", "Whether events are delivered: auto holds them after a restore.", nullptr, &s.delivery, 0,
                           delivery_values, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
  define_string("gqlsvl.outbound_allow", "Address ranges (CIDR) that requests may go to although gqlsvl.outbound_deny has them.",
                &s.outbound_allow, "", PGC_SIGHUP);
  define_string("gqlsvl.outbound_deny", "Address ranges (CIDR) that requests never go to.", &s.outbound_deny,
                // Loopback, unspecified, link-local; metadata services of AWS and others, Alibaba, Oracle, Azure, AWS and Google by IPv6.
                "127.0.0.0/8, ::1, 0.0.0.0/8, ::, 169.254.0.0/16, fe80::/10, 100.100.100.200, 192.0.0.192, 168.63.129.16, "
                "fd00:ec2::/32, fd20:ce::254",
                PGC_SIGHUP);
  define_string("gqlsvl.outbound_ca_file",
                "File of the certificate authorities (PEM) that receivers' certificates are verified with; empty: the system's.",
                &s.outbound_ca_file, "", PGC_SIGHUP);
  define_string("gqlsvl.env_allow", "Environment variables that event triggers of others than superusers may send, separated by commas.",
                &s.env_allow, "", PGC_SIGHUP);
  define_string(
      "gqlsvl.lambda_allow",
      "Lambda functions that event triggers of others than superusers may call: names or ARNs, separated by commas; * at the end.",
      &s.lambda_allow, "", PGC_SIGHUP);
  define_string("gqlsvl.aws_region", "AWS region of Lambda functions named without an ARN.", &s.aws_region, "", PGC_SIGHUP);
  define_string("gqlsvl.aws_endpoint", "URL used instead of https://lambda.REGION.amazonaws.com.", &s.aws_endpoint, "", PGC_SIGHUP);
  Secret<&Settings::aws_access_key_id>::define("gqlsvl.aws_access_key_id", "AWS access key; empty: the environment.");
  Secret<&Settings::aws_secret_access_key>::define("gqlsvl.aws_secret_access_key", "AWS secret key of gqlsvl.aws_access_key_id.");
  Secret<&Settings::aws_session_token>::define("gqlsvl.aws_session_token", "AWS session token of gqlsvl.aws_access_key_id.");
}

} // namespace

void define_settings() {
  if (*place()) return;
  static Published published; // no destructor; lives as long as the process
  *place() = &published;
  published.preloaded = process_shared_preload_libraries_in_progress;
  define_graphql(published.settings);
  define_port(published.settings);
  define_events(published.settings);
  MarkGUCPrefixReserved("gqlsvl");
}

const Settings &settings() {
  Published *published = *place();
  if (!published) throw Error(sqlstate::internal, "gqlsvl.so is not loaded");
  return published->settings;
}

bool preloaded() {
  Published *published = *place();
  return published && published->preloaded;
}

void require_preload(const char *what) {
  if (preloaded()) return;
  throw Error(sqlstate::not_in_state, std::string(what) + " needs gqlsvl to be loaded when the server starts",
              "gqlsvl is not in shared_preload_libraries.",
              "Add the line shared_preload_libraries = 'gqlsvl' to postgresql.conf and restart the server.");
}

} // namespace gqlsvl::pg
