// What a transform function's answer makes of a request.
//
// In:  the request as it would be sent, the answer: {"url", "method", "headers", "body"}, all of them optional. Out: the request changed;
//   Error 22023 that names the member that is wrong.
// headers: a string replaces or adds a header, null takes it away. url: of webhooks only, and http or https. body: any JSON.
#pragma once
#include "outbound/client.h"

namespace gqlsvl::outbound {

struct Message {
  std::string method = "POST", url; // url empty: a Lambda function, which has neither
  Headers headers;
  std::string body;
};

void apply_transform(Message &message, const std::string &answer);

} // namespace gqlsvl::outbound
