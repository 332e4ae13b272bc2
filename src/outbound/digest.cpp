#include "outbound/digest.h"
#include "base/error.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace gqlsvl::outbound {

std::string sha256(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int bytes = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &bytes, EVP_sha256(), nullptr) != 1) throw Error(sqlstate::internal, "SHA-256 failed");
  return {reinterpret_cast<char *>(digest), bytes};
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int bytes = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(text.data()), text.size(),
           digest, &bytes) == nullptr)
    throw Error(sqlstate::internal, "HMAC-SHA-256 failed");
  return {reinterpret_cast<char *>(digest), bytes};
}

} // namespace gqlsvl::outbound
