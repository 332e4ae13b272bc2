// Prints the Lambda requests that gqlsvl would send, for test/clients/sigv4.test.mjs to sign again.
//
// In:  lines of tab-separated fields: webhook, region, endpoint, key id, secret, session token, invocation type, body,
//   Unix time, then further headers "Name: value".
// Out: for each a line: url, tab, body, then tab-separated headers "Name: value".
#include "base/error.h"
#include "outbound/target.h"

#include <iostream>
#include <sstream>

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::string fields[9];
    std::istringstream in(line);
    for (std::string &field : fields) std::getline(in, field, '\t');
    try {
      using namespace gqlsvl::outbound;
      Headers headers;
      for (std::string one; std::getline(in, one, '\t');) headers.emplace_back(one.substr(0, one.find(':')), one.substr(one.find(':') + 2));
      Request request = lambda_request(parse_target(fields[0]), {fields[1], fields[2]}, {fields[3], fields[4], fields[5]},
                                       {fields[6], headers, fields[7]}, std::stoll(fields[8]));
      std::cout << request.url << '\t' << request.body;
      for (const auto &[name, value] : request.headers) std::cout << '\t' << name << ": " << value;
      std::cout << '\n';
    } catch (const gqlsvl::Error &error) { std::cout << "error: " << error.what() << '\n'; }
  }
}
