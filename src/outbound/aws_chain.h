// Finds AWS keys where AWS's own clients look for them, and renews them before they end.
//
// In:  the environment, time. Out: keys, or why there are none. Order: environment variables, web identity (EKS), shared files, the
//   container's endpoint (ECS, EKS Pod Identity), the instance's metadata (IMDSv2); the first that is configured counts.
// States: idle -> a request to STS, to the container's endpoint, or three to the metadata (token, role, keys) -> idle until renewal is due.
// Always: never blocks on the network; short time-outs; keys that could not be renewed are used on; no problem holds a part of a key. Plain
//   http goes to the metadata services and to loopback only.
// Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers".
#pragma once
#include "outbound/aws_answers.h"

namespace gqlsvl::outbound {

class AwsChain {
public:
  using Environment = std::function<std::optional<std::string>(const std::string &name)>;
  explicit AwsChain(Environment environment);

  void drive(std::int64_t now); // Unix seconds; to be called often while searching()
  bool searching() const { return stage_ != Stage::Idle; }
  const Credentials *credentials() const { return keys_ ? &keys_->credentials : nullptr; }
  const std::string &problem() const { return problem_; } // of the last search; empty: it found keys

private:
  enum class Stage { Idle, WebIdentity, Container, MetadataToken, MetadataRole, MetadataKeys };
  void search(std::int64_t now);
  std::optional<TemporaryKeys> keys_of_files(std::string &problem) const;
  void take(const Answer &answer, std::int64_t now);
  void send(Stage stage, Request request);
  void found(std::optional<TemporaryKeys> keys, const std::string &where, std::int64_t now);
  void fail(const std::string &problem, std::int64_t now);
  std::string value(const char *name) const; // of a variable; empty: none
  void ask_web_identity();
  void ask_container();
  void ask_metadata(Stage stage, const std::string &path);

  Environment environment_;
  Client client_;
  Stage stage_ = Stage::Idle;
  std::optional<TemporaryKeys> keys_;
  std::string problem_, metadata_token_;
  std::int64_t next_search_ = 0;
};

} // namespace gqlsvl::outbound
