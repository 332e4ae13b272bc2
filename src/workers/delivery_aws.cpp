#include "workers/delivery_aws.h"

#include "base/error.h"
#include "workers/secret.h"

#include <cstdlib>
#include <initializer_list>

#include "pg/boundary.h"
#include "pg/settings.h"

namespace gqlsvl::workers {

namespace {

std::string from_environment(std::initializer_list<const char *> variables) {
  for (const char *variable : variables)
    if (const char *value = std::getenv(variable); value && *value) return value;
  return {};
}

std::string text(const char *setting) { return setting ? setting : ""; }

outbound::Credentials credentials() {
  const pg::Settings &s = pg::settings();
  std::string key_id = secret_setting("gqlsvl.aws_access_key_id", s.aws_access_key_id);
  if (key_id.empty())
    return {from_environment({"AWS_ACCESS_KEY_ID"}), from_environment({"AWS_SECRET_ACCESS_KEY"}), from_environment({"AWS_SESSION_TOKEN"})};
  return {key_id, secret_setting("gqlsvl.aws_secret_access_key", s.aws_secret_access_key),
          secret_setting("gqlsvl.aws_session_token", s.aws_session_token)};
}

} // namespace

AwsAccount read_aws_account() {
  const pg::Settings &s = pg::settings();
  AwsAccount account;
  account.endpoint = {text(s.aws_region), text(s.aws_endpoint)};
  if (account.endpoint.region.empty()) account.endpoint.region = from_environment({"AWS_REGION", "AWS_DEFAULT_REGION"});
  try {
    account.credentials = credentials();
  } catch (const Error &error) {
    account.problem = error.message();
    pg::Report report = pg::report_of_current_exception();
    pg::log(LOG, report);
  }
  return account;
}

} // namespace gqlsvl::workers
