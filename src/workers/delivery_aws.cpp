#include "workers/delivery_aws.h"

#include "base/error.h"
#include "workers/secret.h"

#include <cstdlib>

#include "pg/settings.h"

namespace gqlsvl::workers {

namespace {

std::optional<std::string> from_environment(const std::string &name) {
  const char *value = std::getenv(name.c_str());
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

outbound::Credentials of_settings() {
  const pg::Settings &s = pg::settings();
  std::string key_id = secret_setting("gqlsvl.aws_access_key_id", s.aws_access_key_id);
  if (key_id.empty()) return {};
  return {key_id, secret_setting("gqlsvl.aws_secret_access_key", s.aws_secret_access_key),
          secret_setting("gqlsvl.aws_session_token", s.aws_session_token)};
}

} // namespace

void AwsAccount::reload() {
  const pg::Settings &s = pg::settings();
  endpoint_ = {s.aws_region, s.aws_endpoint};
  if (endpoint_.region.empty())
    endpoint_.region = from_environment("AWS_REGION").value_or(from_environment("AWS_DEFAULT_REGION").value_or(""));
  set_ = {};
  problem_.clear();
  try {
    set_ = of_settings();
  } catch (const Error &error) {
    problem_ = error.message();
    pg::Report report = pg::report_of_current_exception();
    pg::log(LOG, report);
  }
}

void AwsAccount::drive(std::int64_t now) {
  if (chain_) chain_->drive(now);
}

bool AwsAccount::must_wait(std::int64_t now) {
  if (!set_.access_key_id.empty() || !problem_.empty()) return false;
  if (!chain_) chain_ = std::make_unique<outbound::AwsChain>(from_environment);
  chain_->drive(now);
  return chain_->searching() && !chain_->credentials();
}

const outbound::Credentials &AwsAccount::credentials() const {
  if (!problem_.empty()) throw Error(sqlstate::not_in_state, problem_);
  if (!set_.access_key_id.empty() || !chain_) return set_;
  if (const outbound::Credentials *keys = chain_->credentials()) return *keys;
  throw Error(sqlstate::not_in_state, chain_->problem());
}

} // namespace gqlsvl::workers
