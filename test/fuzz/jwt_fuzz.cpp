// Headers of a request: no token of unknown origin gets in, and none crashes the check.
#include "server/auth.h"

#include <cstdlib>

using namespace gqlsvl::server;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static const AuthConfig config = [] {
    AuthConfig c;
    c.jwt = parse_jwt_config(R"({"type":"HS256","key":"a key that the fuzzer does not know.."})");
    c.admin_secret = "a secret that the fuzzer does not know";
    return c;
  }();
  std::string text(reinterpret_cast<const char *>(data), size);
  if (std::holds_alternative<Session>(authenticate(config, {{"authorization", "Bearer " + text}}, 0))) abort();
  if (std::holds_alternative<Session>(authenticate(config, {{"x-hasura-admin-secret", text}}, 0))) abort();
  return 0;
}
