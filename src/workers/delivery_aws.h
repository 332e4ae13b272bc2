// Whose Lambda functions are called: keys, region and endpoint, from the settings (gqlsvl.aws_*), else from where AWS's clients look.
//
// In:  settings, environment, time. Out: an account. Without keys in the settings the search (outbound/aws_chain.h) begins with the first
//   event for Lambda, so that a server that calls no function asks nobody.
// Always: a key id of one source is never used with the secret of the other; no error holds a value of a secret.
#pragma once
#include "outbound/aws_chain.h"

#include <memory>

namespace gqlsvl::workers {

class AwsAccount {
public:
  AwsAccount() { reload(); }
  void reload();                    // reads the settings; outside a transaction: secret:NAME opens one
  bool must_wait(std::int64_t now); // keys are being looked for, and there are none yet
  bool searching() const { return chain_ && chain_->searching(); }
  void drive(std::int64_t now);                     // goes on with a search
  const outbound::Credentials &credentials() const; // Error: there are none
  const outbound::LambdaEndpoint &endpoint() const { return endpoint_; }

private:
  outbound::Credentials set_; // of the settings; empty: the chain's
  std::string problem_;       // of reading the settings
  outbound::LambdaEndpoint endpoint_;
  std::unique_ptr<outbound::AwsChain> chain_;
};

} // namespace gqlsvl::workers
