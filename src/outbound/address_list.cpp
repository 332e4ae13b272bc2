#include "outbound/address_list.h"
#include "base/error.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace gqlsvl::outbound {

static constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static constexpr std::array<std::uint8_t, 12> nat64_prefix{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

static bool starts_with(const Address &address, const std::array<std::uint8_t, 12> &prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

static Address mapped(const std::uint8_t *ipv4) {
  Address address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
  std::copy(ipv4, ipv4 + 4, address.begin() + 12);
  return address;
}

static bool same_bits(const Address &a, const Address &b, int bits) {
  if (std::memcmp(a.data(), b.data(), bits / 8) != 0) return false;
  if (bits % 8 == 0) return true;
  std::uint8_t mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

[[noreturn]] static void throw_malformed(const std::string &block, const std::string &setting, const std::string &why) {
  throw Error(sqlstate::invalid_parameter, "invalid address block \"" + block + "\" in " + setting, why,
              "Write IPv4 or IPv6 addresses or CIDR blocks, separated by commas: 127.0.0.0/8, ::1, fe80::/10.");
}

AddressList::AddressList(const std::string &text, const std::string &setting) {
  for (std::size_t from = 0; from <= text.size();) {
    std::size_t comma = std::min(text.find(',', from), text.size());
    std::string block(trimmed(std::string_view(text).substr(from, comma - from)));
    from = comma + 1;
    if (block.empty()) continue;
    std::size_t slash = block.find('/');
    std::string host = block.substr(0, slash);
    std::uint8_t bytes[16];
    bool ipv4 = inet_pton(AF_INET, host.c_str(), bytes) == 1;
    if (!ipv4 && inet_pton(AF_INET6, host.c_str(), bytes) != 1) throw_malformed(block, setting, "\"" + host + "\" is not an IP address.");
    int width = ipv4 ? 32 : 128, bits = width;
    if (slash != std::string::npos) {
      const char *first = block.data() + slash + 1, *last = block.data() + block.size();
      auto [end, failed] = std::from_chars(first, last, bits);
      if (failed != std::errc() || end != last || bits < 0 || bits > width)
        throw_malformed(block, setting, "The prefix length is a number from 0 to " + std::to_string(width) + ".");
    }
    Block parsed{ipv4 ? mapped(bytes) : Address{}, ipv4 ? bits + 96 : bits};
    if (!ipv4) std::copy(bytes, bytes + 16, parsed.prefix.begin());
    blocks_.push_back(parsed);
  }
}

bool AddressList::contains(const Address &address) const {
  auto holds = [this](const Address &one) {
    return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block &block) { return same_bits(block.prefix, one, block.bits); });
  };
  return holds(address) || (starts_with(address, nat64_prefix) && holds(mapped(address.data() + 12)));
}

bool address_of(const sockaddr *from, Address &to) {
  if (from->sa_family == AF_INET) {
    std::uint8_t bytes[4];
    std::memcpy(bytes, &reinterpret_cast<const sockaddr_in *>(from)->sin_addr, sizeof bytes);
    to = mapped(bytes);
    return true;
  }
  if (from->sa_family != AF_INET6) return false;
  std::memcpy(to.data(), &reinterpret_cast<const sockaddr_in6 *>(from)->sin6_addr, to.size());
  return true;
}

std::string address_text(const Address &address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (starts_with(address, mapped_prefix))
    inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
  else
    inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return text;
}

} // namespace gqlsvl::outbound
