// Whose Lambda functions are called: keys, region and endpoint, from the settings (gqlsvl.aws_*), else from the environment.
//
// In:  settings, environment. Out: an account; `problem` when a setting names a secret that cannot be read. Never throws for that: only
//   Lambda triggers need it.
// Always: a key id of one source is never used with the secret of the other.
#pragma once
#include "outbound/target.h"

namespace gqlsvl::workers {

struct AwsAccount {
  outbound::Credentials credentials;
  outbound::LambdaEndpoint endpoint;
  std::string problem; // of reading a secret; never holds its value
};

AwsAccount read_aws_account(); // outside a transaction: secret:NAME opens one

} // namespace gqlsvl::workers
