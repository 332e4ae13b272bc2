// AWS keys are found where AWS's own clients find them, in their order, renewed in time, and kept when the renewal fails.
#include "outbound/aws_chain.h"
#include "outbound_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

using namespace gqlsvl;
using namespace gqlsvl::outbound;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

static constexpr std::int64_t now = 1795521600; // 2026-11-24T12:00:00Z

static std::string json_keys(const std::string &id, const std::string &expiration = "2026-11-24T13:00:00Z") {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s/ecret","Token":"to+ken","Expiration":")" + expiration +
         "\"}";
}

class OutboundAwsChain : public ::testing::Test {
protected:
  OutboundAwsChain() {
    char name[] = "/tmp/gqlsvl-aws-XXXXXX";
    folder = mkdtemp(name);
    environment["HOME"] = folder;
    peer.script = [this](const std::string &path, const std::string &request) -> std::pair<std::string, std::string> {
      std::lock_guard lock(mutex);
      requests.push_back(request.substr(0, request.find(' ')) + " " + path);
      last = request;
      auto answer = answers.find(path);
      if (answer == answers.end()) return {"404 Not Found", "no such thing"};
      return {answer->second.empty() ? "500 Internal Server Error" : "200 OK", answer->second};
    };
  }
  ~OutboundAwsChain() override { std::filesystem::remove_all(folder); }

  AwsChain chain() {
    return AwsChain([this](const std::string &name) {
      auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    });
  }
  // Until the search is over.
  static void search(AwsChain &chain, std::int64_t at = now) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    do {
      chain.drive(at);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (chain.searching() && std::chrono::steady_clock::now() < end);
  }
  static std::string key(const AwsChain &chain) {
    return chain.credentials() ? chain.credentials()->access_key_id : "none: " + chain.problem();
  }
  std::string file(const std::string &name, const std::string &content) {
    std::filesystem::create_directories(std::filesystem::path(folder + "/" + name).parent_path());
    std::ofstream(folder + "/" + name) << content;
    return folder + "/" + name;
  }

  std::map<std::string, std::string> environment, answers; // answers: by path; empty: 500
  std::string folder;
  std::mutex mutex; // guards the two below
  std::vector<std::string> requests;
  std::string last;
  test::Peer peer;
};

TEST_F(OutboundAwsChain, TheEnvironmentComesFirst) {
  environment["AWS_ACCESS_KEY_ID"] = "AKENV";
  environment["AWS_SECRET_ACCESS_KEY"] = "secret";
  environment["AWS_SESSION_TOKEN"] = "token";
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = peer.url("/keys");
  AwsChain keys = chain();
  search(keys);
  EXPECT_EQ(key(keys), "AKENV");
  EXPECT_EQ(keys.credentials()->session_token, "token");
  EXPECT_EQ(peer.requests(), 0);
}

TEST_F(OutboundAwsChain, WebIdentityAsksSts) {
  environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = file("token", "eyJ.a+b/c=\n");
  environment["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/shop";
  environment["AWS_ENDPOINT_URL_STS"] = peer.url("");
  file(".aws/credentials", "[default]\naws_access_key_id=AKFILE\naws_secret_access_key=x\n");
  answers["/"] =
      "<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
      "<SessionToken>t</SessionToken><Expiration>2026-11-24T13:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResponse>";
  AwsChain keys = chain();
  search(keys);
  EXPECT_EQ(key(keys), "ASIAWEB");
  EXPECT_THAT(last, HasSubstr("\r\n\r\nAction=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fshop&"
                              "RoleSessionName=gqlsvl&Version=2011-06-15&WebIdentityToken=eyJ.a%2Bb%2Fc%3D"));
}

TEST_F(OutboundAwsChain, SharedFilesByProfile) {
  file(".aws/credentials",
       "# keys\n[default]\naws_access_key_id = AKDEFAULT\naws_secret_access_key = s=1\n\n[ shop ]\naws_access_key_id=AKSHOP\r\n"
       "aws_secret_access_key=s2\r\naws_session_token=t2\r\n");
  AwsChain by_default = chain();
  search(by_default);
  EXPECT_EQ(key(by_default), "AKDEFAULT");
  EXPECT_EQ(by_default.credentials()->secret_access_key, "s=1");
  environment["AWS_PROFILE"] = "shop";
  AwsChain shop = chain();
  search(shop);
  EXPECT_EQ(key(shop), "AKSHOP");
  EXPECT_EQ(shop.credentials()->session_token, "t2");
  environment["AWS_PROFILE"] = "config_only";
  environment["AWS_CONFIG_FILE"] = file("config", "[profile config_only]\naws_access_key_id=AKCONFIG\naws_secret_access_key=s3\n");
  AwsChain config = chain();
  search(config);
  EXPECT_EQ(key(config), "AKCONFIG");
}

TEST_F(OutboundAwsChain, AProfileThatCannotBeFollowedIsSaid) {
  environment["AWS_PROFILE"] = "absent";
  AwsChain absent = chain();
  search(absent);
  EXPECT_EQ(key(absent), "none: the AWS profile \"absent\" has no keys");
  environment.erase("AWS_PROFILE");
  file(".aws/config", "[default]\ncredential_process = /bin/keys\n");
  AwsChain process = chain();
  search(process);
  EXPECT_EQ(key(process), "none: the AWS profile \"default\" says credential_process, which gqlsvl does not follow");
}

TEST_F(OutboundAwsChain, AFileWrittenAnewIsReadAgain) {
  file(".aws/credentials", "[default]\naws_access_key_id=AK1\naws_secret_access_key=s\n");
  AwsChain keys = chain();
  search(keys);
  file(".aws/credentials", "[default]\naws_access_key_id=AK2\naws_secret_access_key=s\n");
  search(keys, now + 60);
  EXPECT_EQ(key(keys), "AK1");
  search(keys, now + 300);
  EXPECT_EQ(key(keys), "AK2");
}

TEST_F(OutboundAwsChain, TheContainersEndpointWithItsToken) {
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = peer.url("/v1/credentials");
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "not this one";
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = file("token", "pod-token\n");
  answers["/v1/credentials"] = json_keys("ASIAPOD");
  AwsChain keys = chain();
  search(keys);
  EXPECT_EQ(key(keys), "ASIAPOD");
  EXPECT_EQ(keys.credentials()->secret_access_key, "s/ecret");
  EXPECT_EQ(keys.credentials()->session_token, "to+ken");
  EXPECT_THAT(last, HasSubstr("\r\nAuthorization: pod-token\r\n"));
}

TEST_F(OutboundAwsChain, KeysAreNotAskedForOverPlainHttpFromAnywhere) {
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://keys.example:80/";
  AwsChain keys = chain();
  search(keys);
  EXPECT_THAT(key(keys), StartsWith("none: the container's credentials endpoint: the URL cannot be used"));
}

TEST_F(OutboundAwsChain, TheInstancesMetadataInThreeSteps) {
  environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = peer.url("");
  answers["/latest/api/token"] = "session-token";
  answers["/latest/meta-data/iam/security-credentials/"] = "shop-role\n";
  answers["/latest/meta-data/iam/security-credentials/shop-role"] = json_keys("ASIAIMDS");
  AwsChain keys = chain();
  search(keys);
  EXPECT_EQ(key(keys), "ASIAIMDS");
  EXPECT_THAT(requests, ElementsAre("PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/",
                                    "GET /latest/meta-data/iam/security-credentials/shop-role"));
  EXPECT_THAT(last, HasSubstr("\r\nX-aws-ec2-metadata-token: session-token\r\n"));
}

TEST_F(OutboundAwsChain, MetadataCanBeSwitchedOff) {
  environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = peer.url("");
  environment["AWS_EC2_METADATA_DISABLED"] = "true";
  AwsChain keys = chain();
  search(keys);
  EXPECT_THAT(key(keys), StartsWith("none: no AWS credentials: set gqlsvl.aws_access_key_id"));
  EXPECT_EQ(peer.requests(), 0);
}

TEST_F(OutboundAwsChain, KeysAreRenewedBeforeTheyEndAndKeptWhenThatFails) {
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = peer.url("/keys");
  answers["/keys"] = json_keys("ASIA1");
  AwsChain keys = chain();
  search(keys);
  {
    std::lock_guard lock(mutex);
    answers["/keys"] = "";
  }
  search(keys, now + 3299);
  EXPECT_EQ(peer.requests(), 1) << "an hour less five minutes";
  search(keys, now + 3300);
  EXPECT_EQ(peer.requests(), 2);
  EXPECT_EQ(key(keys), "ASIA1");
  EXPECT_EQ(keys.problem(), "the container's credentials endpoint: HTTP 500");
  search(keys, now + 3301);
  EXPECT_EQ(peer.requests(), 2) << "not at once again";
  {
    std::lock_guard lock(mutex);
    answers["/keys"] = json_keys("ASIA2", "2026-11-24T14:00:00Z");
  }
  search(keys, now + 3310);
  EXPECT_EQ(key(keys), "ASIA2");
  EXPECT_EQ(keys.problem(), "");
}

TEST_F(OutboundAwsChain, AnAnswerWithoutKeysIsAProblemThatShowsNothingOfIt) {
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = peer.url("/keys");
  for (std::string answer : {"{}", "rubbish-secret", R"({"AccessKeyId":"AK"})"}) {
    answers["/keys"] = answer;
    AwsChain keys = chain();
    search(keys);
    EXPECT_EQ(key(keys), "none: the container's credentials endpoint gave no AWS keys");
  }
}
