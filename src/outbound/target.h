// Where an event goes: an http(s) URL or a Lambda function.
//
// In:  the webhook text of create_trigger. Out: a Target, or gqlsvl::Error 22023 that names the part that is wrong and what is accepted.
// Source: AWS Lambda API, Invoke; the forms of FunctionName.
#pragma once
#include "outbound/client.h"

#include <optional>

namespace gqlsvl::outbound {

struct Target {
  enum class Kind { Webhook, Lambda } kind = Kind::Webhook;
  std::string url;                         // Webhook
  std::string function, qualifier, region; // Lambda: name or full ARN (without qualifier); region empty: gqlsvl.aws_region
};

Target parse_target(const std::string &webhook);

struct Credentials {
  std::string access_key_id, secret_access_key, session_token; // empty token: none
};

struct LambdaEndpoint {
  std::string region;   // required
  std::string endpoint; // empty: https://lambda.REGION.amazonaws.com
};

// Whether a Lambda request has this header of its own, so that a definition must not give it another value. `name` in any case.
bool lambda_sets_header(const std::string &name);

struct Invocation {
  std::string type = "RequestResponse"; // or Event
  Headers headers;                      // further ones, signed too
  std::string body;
};

// A signed Invoke request. `now`: seconds since the epoch.
// Error 54000: Lambda does not take so large a body; 22023: no region, no credentials, a header that the request has itself.
Request lambda_request(const Target &target, const LambdaEndpoint &where, const Credentials &credentials, Invocation invocation,
                       std::int64_t now);

// What an answer means for the event.
struct Verdict {
  bool delivered = false;
  bool retryable = true; // false: dead at once (Lambda's 4xx that no retry can mend)
  std::string error;     // of a failure: "HTTP 503", "Lambda function error Unhandled: ...", the client's error
  std::optional<std::chrono::seconds> retry_after;
};
Verdict judge(const Target &target, const Answer &answer, std::int64_t now);

} // namespace gqlsvl::outbound
