#include "outbound/sigv4.h"
#include "base/error.h"

#include <strings.h>

#include <algorithm>

namespace gqlsvl::outbound {

struct Endpoint {
  std::string origin; // scheme://host[:port]
  std::string host;   // as the Host header has it
  std::string prefix; // of the path; empty or /...
};

static Endpoint endpoint_of(const std::string &region, const std::string &override_url) {
  if (override_url.empty()) {
    std::string host = "lambda." + region + ".amazonaws.com" + (region.starts_with("cn-") ? ".cn" : "");
    return {"https://" + host, host, ""};
  }
  Target parsed = parse_target(override_url);
  if (parsed.kind != Target::Kind::Webhook || override_url.find('?') != std::string::npos)
    throw Error(sqlstate::invalid_parameter, "gqlsvl.aws_endpoint is not an http or https URL without a query", {},
                "Write it like https://lambda.eu-west-1.amazonaws.com or http://127.0.0.1:9001.");
  auto host_at = override_url.find("://") + 3;
  auto path_at = std::min(override_url.find('/', host_at), override_url.size());
  Endpoint endpoint{override_url.substr(0, path_at), override_url.substr(host_at, path_at - host_at), override_url.substr(path_at)};
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();
  return endpoint;
}

// Lambda's limits for a request: synchronous and asynchronous.
static constexpr std::size_t largest_call = 6 * 1024 * 1024, largest_event = 1024 * 1024;

static void check_size(const Invocation &invocation, const Target &target) {
  std::size_t largest = invocation.type == "Event" ? largest_event : largest_call;
  if (invocation.body.size() <= largest) return;
  throw Error(sqlstate::program_limit,
              "the body of " + std::to_string(invocation.body.size()) + " bytes is too large for Lambda, which takes " +
                  std::to_string(largest) + " with invocation type " + invocation.type,
              "The function is \"" + target.function + "\".", "Send fewer columns: option payload_columns.");
}

static void check_reachable(const std::string &region, const Credentials &credentials, const Target &target) {
  if (region.empty())
    throw Error(sqlstate::invalid_parameter, "no AWS region for Lambda function \"" + target.function + "\"", {},
                "Set gqlsvl.aws_region or AWS_REGION in the server's environment, or write the function's full ARN.");
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    throw Error(sqlstate::invalid_parameter, "no AWS credentials for Lambda function \"" + target.function + "\"", {},
                "Set gqlsvl.aws_access_key_id and gqlsvl.aws_secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
                "server's environment.");
}

// What proxies on the way may change is sent, but not signed; AWS's own clients do the same.
static bool is_left_unsigned(const std::string &name) {
  return strcasecmp(name.c_str(), "user-agent") == 0 || strcasecmp(name.c_str(), "x-amzn-trace-id") == 0;
}

Request lambda_request(const Target &target, const LambdaEndpoint &where, const Credentials &credentials, Invocation invocation,
                       std::int64_t now) {
  const std::string &region = target.region.empty() ? where.region : target.region;
  check_reachable(region, credentials, target);
  check_size(invocation, target);
  Endpoint endpoint = endpoint_of(region, where.endpoint);
  Request request;
  request.body = std::move(invocation.body);
  request.headers = {{"Host", endpoint.host},
                     {"Content-Type", "application/json"},
                     {"X-Amz-Date", amz_time(now)},
                     {"X-Amz-Invocation-Type", invocation.type}};
  if (!credentials.session_token.empty()) request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  Headers unsigned_headers;
  for (auto &header : invocation.headers) {
    if (lambda_sets_header(header.first))
      throw Error(sqlstate::invalid_parameter, "header \"" + header.first + "\" is set by gqlsvl itself in a Lambda request", {},
                  "Leave it out of the trigger's headers.");
    (is_left_unsigned(header.first) ? unsigned_headers : request.headers).push_back(std::move(header));
  }

  Signable signable{request.method,
                    endpoint.prefix + "/2015-03-31/functions/" + percent_encode(target.function, false) + "/invocations",
                    {},
                    request.headers,
                    request.body};
  if (!target.qualifier.empty()) signable.query.emplace_back("Qualifier", target.qualifier);
  request.headers.emplace_back("Authorization", authorization(signable, credentials, {region, "lambda", amz_time(now)}));
  request.headers.insert(request.headers.end(), unsigned_headers.begin(), unsigned_headers.end());
  request.url = endpoint.origin + signable.path + (signable.query.empty() ? "" : "?" + encoded_query(signable.query));
  return request;
}

} // namespace gqlsvl::outbound
