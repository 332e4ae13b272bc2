#include "workers/listener_config.h"

#include "base/error.h"
#include "workers/secret.h"

#include <algorithm>

#include <sys/resource.h>

#include "pg/settings.h"

namespace gqlsvl::workers {

namespace {

constexpr std::size_t reserved_files = 100; // of the process itself: WAL, relations, epoll, log

std::string text(const char *setting) { return setting ? setting : ""; }

// Raises the limit of open files to what is allowed; fewer connections where that is too few.
std::size_t connections_that_fit(std::size_t wanted, const server::Log &log) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur == RLIM_INFINITY || files.rlim_cur >= wanted + reserved_files) return wanted;
  std::size_t fit = files.rlim_cur > 2 * reserved_files ? files.rlim_cur - reserved_files : files.rlim_cur / 2;
  log(server::LogLevel::Warning, "gqlsvl takes " + std::to_string(fit) + " connections instead of " + std::to_string(wanted),
      "The limit of open files is " + std::to_string(files.rlim_cur) + ".", "Raise it for the server, or lower gqlsvl.max_connections.");
  return fit;
}

} // namespace

ListenerConfig read_listener_config(const server::Log &log) {
  const pg::Settings &s = pg::settings();
  ListenerConfig config;
  server::Options &options = config.options;
  auto attempt = [&](auto read) {
    try {
      read();
    } catch (const Error &e) {
      log(server::LogLevel::Warning, e.message(), e.detail, e.hint);
      config.problem = e.message();
    }
  };
  attempt([&] { options.auth.jwt = server::parse_jwt_config(secret_setting("gqlsvl.jwt_secret", s.jwt_secret)); });
  attempt([&] { options.auth.admin_secret = secret_setting("gqlsvl.admin_secret", s.admin_secret); });
  attempt([&] { options.auth.role_map = server::parse_role_map(text(s.role_map)); });
  options.auth.admin_role = text(s.admin_role);
  options.auth.anonymous_role = text(s.anonymous_role);
  options.cors = server::Cors(text(s.cors_origins));
  options.listen_addresses = text(s.listen_addresses);
  options.port = s.port;
  options.most_connections = connections_that_fit(static_cast<std::size_t>(s.max_connections), log);
  options.most_operations = static_cast<std::size_t>(s.max_subscriptions_per_connection);
  options.most_request_bytes = static_cast<std::size_t>(s.max_request_kb) * 1024;
  options.live_refresh_ms = s.live_refresh_ms;
  options.version = GQLSVL_VERSION;
  return config;
}

} // namespace gqlsvl::workers
