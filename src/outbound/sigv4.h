// AWS Signature Version 4: signs one HTTP request.
//
// In:  the request as it will be sent, the keys, the scope, the time. Out: the value of its Authorization header.
// Always: pure; every header given is signed; the path is encoded once more than it is sent (all services but S3 ask for that).
// Why our own: libcurl 7.88's signer is wrong for a ":" in the path (every ARN) and for unsorted queries.
// Source: AWS General Reference, "Signature Version 4 signing process"; checked with AWS's test suite in test/unit/outbound_sigv4_test.cpp.
#pragma once
#include "outbound/target.h"

#include <string_view>

namespace gqlsvl::outbound {

struct Signable {
  std::string method;
  std::string path; // as sent: each segment encoded once
  Headers query;    // names and values, not encoded
  Headers headers;  // host and x-amz-date among them; a name may come twice
  std::string_view body;
};

struct Scope {
  std::string region, service;
  std::string time; // as in x-amz-date: 20150830T123600Z
};

std::string authorization(const Signable &request, const Credentials &credentials, const Scope &scope);

std::string amz_time(std::int64_t unix_seconds);                    // 20150830T123600Z
std::string percent_encode(std::string_view text, bool keep_slash); // RFC 3986: all but letters, digits, - . _ ~
std::string encoded_query(const Headers &query);                    // sorted by encoded name, then value
std::string canonical_request(const Signable &request);

} // namespace gqlsvl::outbound
