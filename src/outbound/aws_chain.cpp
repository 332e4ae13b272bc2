#include "outbound/aws_chain.h"
#include "base/error.h"
#include "outbound/sigv4.h"

#include <fstream>
#include <sstream>

namespace gqlsvl::outbound {

static constexpr std::int64_t renew_before_s = 300, look_again_s = 300, search_again_s = 10;
static constexpr std::size_t largest_answer = 64 * 1024;
static constexpr char nowhere[] = "no AWS credentials: set gqlsvl.aws_access_key_id and gqlsvl.aws_secret_access_key, "
                                  "or give the server AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a file of them, or an AWS role";
static constexpr char metadata_address[] = "http://169.254.169.254", container_address[] = "http://169.254.170.2";

static std::string content_of(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

static std::string without_newline(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// Keys over plain http only where AWS's clients accept it.
static bool may_be_plain(const std::string &url) {
  auto host = url.substr(7, url.find_first_of("/?", 7) - 7);
  for (std::string allowed : {"localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"})
    if (host == allowed || host.starts_with(allowed + ":")) return true;
  return false;
}

// The addresses asked are fixed or of the environment: no trigger's owner has a say, so gqlsvl.outbound_deny does not apply.
AwsChain::AwsChain(Environment environment) : environment_(std::move(environment)), client_(Options{.body_bytes = largest_answer}) {}

std::string AwsChain::value(const char *name) const { return environment_(name).value_or(""); }

void AwsChain::drive(std::int64_t now) {
  for (const Answer &answer : client_.drive()) take(answer, now);
  if (stage_ == Stage::Idle && now >= next_search_) search(now);
}

void AwsChain::send(Stage stage, Request request) {
  stage_ = stage;
  client_.add(std::move(request));
}

void AwsChain::found(std::optional<TemporaryKeys> keys, const std::string &where, std::int64_t now) {
  if (!keys) return fail(where + " gave no AWS keys", now);
  stage_ = Stage::Idle;
  problem_.clear();
  next_search_ =
      keys->expires_at ? std::max(*keys->expires_at - renew_before_s, now + search_again_s) : now + look_again_s; // files are written anew
  keys_ = std::move(keys);
}

void AwsChain::fail(const std::string &problem, std::int64_t now) {
  stage_ = Stage::Idle;
  problem_ = problem;
  next_search_ = now + search_again_s;
}

// `problem` when the profile asked for has none.
std::optional<TemporaryKeys> AwsChain::keys_of_files(std::string &problem) const {
  const std::string home = value("HOME"), named = value("AWS_PROFILE"), profile = named.empty() ? "default" : named;
  auto file = [&](const char *variable, const char *usual) {
    const std::string given = value(variable);
    return content_of(given.empty() ? home + usual : given);
  };
  std::string unsupported;
  auto found = keys_from_profile(file("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"), profile, unsupported);
  if (!found)
    found = keys_from_profile(file("AWS_CONFIG_FILE", "/.aws/config"), profile == "default" ? profile : "profile " + profile, unsupported);
  if (!found && !unsupported.empty())
    problem = "the AWS profile \"" + profile + "\" says " + unsupported + ", which gqlsvl does not follow";
  else if (!found && !named.empty())
    problem = "the AWS profile \"" + profile + "\" has no keys";
  return found;
}

void AwsChain::search(std::int64_t now) {
  TemporaryKeys keys{{value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN")}, {}};
  if (!keys.credentials.access_key_id.empty() && !keys.credentials.secret_access_key.empty()) return found(keys, "", now);
  if (!value("AWS_WEB_IDENTITY_TOKEN_FILE").empty() && !value("AWS_ROLE_ARN").empty()) return ask_web_identity();
  std::string problem;
  if (auto in_file = keys_of_files(problem)) return found(in_file, "", now);
  if (!problem.empty()) return fail(problem, now);
  if (!value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() || !value("AWS_CONTAINER_CREDENTIALS_FULL_URI").empty())
    return ask_container();
  if (value("AWS_EC2_METADATA_DISABLED") == "true") return fail(nowhere, now);
  ask_metadata(Stage::MetadataToken, "/latest/api/token");
}

void AwsChain::ask_web_identity() {
  const std::string region = value("AWS_REGION").empty() ? value("AWS_DEFAULT_REGION") : value("AWS_REGION");
  const std::string session = value("AWS_ROLE_SESSION_NAME"), given = value("AWS_ENDPOINT_URL_STS");
  Request request;
  request.url = (given.empty() ? "https://sts." + (region.empty() ? "" : region + ".") + "amazonaws.com" : given) + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.timeout = std::chrono::seconds(5);
  request.body = encoded_query({{"Action", "AssumeRoleWithWebIdentity"},
                                {"Version", "2011-06-15"},
                                {"RoleArn", value("AWS_ROLE_ARN")},
                                {"RoleSessionName", session.empty() ? "gqlsvl" : session},
                                {"WebIdentityToken", without_newline(content_of(value("AWS_WEB_IDENTITY_TOKEN_FILE")))}});
  send(Stage::WebIdentity, std::move(request));
}

void AwsChain::ask_container() {
  const std::string relative = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    token_file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  Request request;
  request.method = "GET";
  request.url = relative.empty() ? value("AWS_CONTAINER_CREDENTIALS_FULL_URI") : container_address + relative;
  request.timeout = std::chrono::seconds(2);
  const std::string token =
      token_file.empty() ? value("AWS_CONTAINER_AUTHORIZATION_TOKEN") : without_newline(content_of(token_file)); // may be written anew
  if (!token.empty()) request.headers = {{"Authorization", token}};
  if (request.url.starts_with("http://") && !may_be_plain(request.url))
    request.url = "refused:"; // answered with an error, as every request that cannot be sent
  send(Stage::Container, std::move(request));
}

void AwsChain::ask_metadata(Stage stage, const std::string &path) {
  const std::string given = value("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  Request request;
  request.method = stage == Stage::MetadataToken ? "PUT" : "GET";
  request.url = (given.empty() ? metadata_address : without_newline(given)) + path;
  request.timeout = std::chrono::seconds(1);
  if (stage == Stage::MetadataToken)
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
  else
    request.headers = {{"X-aws-ec2-metadata-token", metadata_token_}};
  send(stage, std::move(request));
}

void AwsChain::take(const Answer &answer, std::int64_t now) {
  static constexpr char roles[] = "/latest/meta-data/iam/security-credentials/";
  const bool metadata = stage_ != Stage::WebIdentity && stage_ != Stage::Container;
  const std::string where = stage_ == Stage::WebIdentity ? "STS (web identity)"
                            : metadata                   ? "the instance's metadata service"
                                                         : "the container's credentials endpoint";
  if (answer.status != 200) {
    const std::string why = answer.status == 0 ? answer.error : "HTTP " + std::to_string(answer.status);
    return fail((metadata ? std::string(nowhere) + "; " : "") + where + ": " + why, now);
  }
  switch (stage_) {
  case Stage::MetadataToken: metadata_token_ = without_newline(answer.body); return ask_metadata(Stage::MetadataRole, roles);
  case Stage::MetadataRole:
    return ask_metadata(Stage::MetadataKeys, roles + percent_encode(answer.body.substr(0, answer.body.find_first_of("\r\n")), false));
  case Stage::WebIdentity: return found(keys_from_xml(answer.body), where, now);
  default: return found(keys_from_json(answer.body), where, now);
  }
}

} // namespace gqlsvl::outbound
