// Settings -> what the server is given. Secrets as workers/secret.h reads them.
#pragma once
#include "server/io/listen_socket.h"
#include "server/routes.h"

#include <string>

namespace gqlsvl::workers {

struct ListenerConfig {
  server::Options options;
  std::string problem; // a setting is wrong: what /healthz says. Never holds a value of a secret
};

// Never throws for a wrong setting: that one is logged and counts as not set, so it lets nobody in.
ListenerConfig read_listener_config(const server::Log &log);

} // namespace gqlsvl::workers
