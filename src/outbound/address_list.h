// Which IP addresses a request may go to: the lists of gqlsvl.outbound_allow and gqlsvl.outbound_deny.
//
// In:  CIDR blocks or single addresses, IPv4 and IPv6, comma separated. Out: whether an address lies in one of them.
// Always: an IPv4 address is judged as itself however it is wrapped: IPv4-mapped (::ffff:a.b.c.d) and NAT64 (64:ff9b::a.b.c.d).
// Source: RFC 4291 section 2.5.5.2 (mapped), RFC 6052 section 2.1 (NAT64's well-known prefix).
#pragma once
#include "base/no_postgres.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

struct sockaddr;

namespace gqlsvl::outbound {

using Address = std::array<std::uint8_t, 16>; // IPv4 as ::ffff:a.b.c.d

class AddressList {
public:
  AddressList() = default;
  AddressList(const std::string &text, const std::string &setting); // throws gqlsvl::Error 22023 that names the block and the setting
  bool contains(const Address &address) const;                      // as it stands or unwrapped

private:
  struct Block {
    Address prefix;
    int bits;
  };
  std::vector<Block> blocks_;
};

// False for families other than IPv4 and IPv6.
bool address_of(const sockaddr *from, Address &to);
std::string address_text(const Address &address);

} // namespace gqlsvl::outbound
