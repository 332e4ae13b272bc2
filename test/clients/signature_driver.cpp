// Prints the signature headers that gqlsvl would send, for test/clients/signature.test.mjs to verify.
//
// In:  lines of tab-separated fields: secret, event id, Unix time, body. Out: for each a line of tab-separated headers "name: value".
#include "base/error.h"
#include "outbound/webhook_signature.h"

#include <iostream>
#include <sstream>

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::string fields[4];
    std::istringstream in(line);
    for (std::string &field : fields) std::getline(in, field, '\t');
    try {
      using namespace gqlsvl::outbound;
      for (const auto &[name, value] : signature_headers(parse_signing_keys(fields[0]), fields[1], std::stoll(fields[2]), fields[3]))
        std::cout << name << ": " << value << '\t';
      std::cout << '\n';
    } catch (const gqlsvl::Error &error) { std::cout << "error: " << error.what() << '\n'; }
  }
}
