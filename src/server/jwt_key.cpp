#include "server/jwt_key.h"

#include <array>
#include <memory>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace gqlsvl::server {

namespace {

struct Kind {
  JwtAlgorithm algorithm;
  const char *name;
  int key_type; // of OpenSSL; 0: HMAC
  const EVP_MD *(*digest)();
  const char *curve = nullptr; // of a JWK
  const char *group = nullptr; // the curve's name in OpenSSL
  std::size_t half = 0;        // bytes of each of the two numbers of a signature
};

const EVP_MD *no_digest() { return nullptr; }

constexpr std::array<Kind, 10> kinds{{{JwtAlgorithm::HS256, "HS256", 0, EVP_sha256},
                                      {JwtAlgorithm::HS384, "HS384", 0, EVP_sha384},
                                      {JwtAlgorithm::HS512, "HS512", 0, EVP_sha512},
                                      {JwtAlgorithm::RS256, "RS256", EVP_PKEY_RSA, EVP_sha256},
                                      {JwtAlgorithm::RS384, "RS384", EVP_PKEY_RSA, EVP_sha384},
                                      {JwtAlgorithm::RS512, "RS512", EVP_PKEY_RSA, EVP_sha512},
                                      {JwtAlgorithm::ES256, "ES256", EVP_PKEY_EC, EVP_sha256, "P-256", "prime256v1", 32},
                                      {JwtAlgorithm::ES384, "ES384", EVP_PKEY_EC, EVP_sha384, "P-384", "secp384r1", 48},
                                      {JwtAlgorithm::ES512, "ES512", EVP_PKEY_EC, EVP_sha512, "P-521", "secp521r1", 66},
                                      {JwtAlgorithm::EdDSA, "EdDSA", EVP_PKEY_ED25519, no_digest, "Ed25519"}}};

const Kind &kind_of(JwtAlgorithm algorithm) { return kinds[static_cast<std::size_t>(algorithm)]; }

template <auto Free> struct Freed {
  template <typename T> void operator()(T *p) const { Free(p); }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

const unsigned char *bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char *>(text.data()); }

bool serves(const Kind &kind, EVP_PKEY *key) {
  if (!key || EVP_PKEY_get_base_id(key) != kind.key_type) return false;
  if (!kind.group) return true;
  char group[64] = "";
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 && std::string_view(group, length) == kind.group;
}

std::optional<JwtKeyMaterial> material(const Kind &kind, EVP_PKEY *key) {
  if (!serves(kind, key)) return std::nullopt;
  int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) return std::nullopt;
  JwtKeyMaterial result{kind.algorithm, std::string(static_cast<std::size_t>(size), '\0'), {}};
  auto *to = reinterpret_cast<unsigned char *>(result.bytes.data());
  i2d_PUBKEY(key, &to);
  return result;
}

std::optional<std::string> part(const json::Value &jwk, std::string_view name) {
  std::string bytes;
  std::optional<std::string_view> text = jwk.string(name);
  if (!text || text->empty() || !decode_base64url(*text, bytes)) return std::nullopt;
  return bytes;
}

Pkey build(int type, OSSL_PARAM_BLD *builder) {
  std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(builder));
  std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new_id(type, nullptr));
  EVP_PKEY *key = nullptr;
  if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return Pkey(key);
}

Pkey rsa_key(const json::Value &jwk) {
  auto n = part(jwk, "n"), e = part(jwk, "e");
  if (!n || !e) return nullptr;
  std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  Number modulus(BN_bin2bn(bytes_of(*n), static_cast<int>(n->size()), nullptr));
  Number exponent(BN_bin2bn(bytes_of(*e), static_cast<int>(e->size()), nullptr));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return build(EVP_PKEY_RSA, builder.get());
}

Pkey curve_key(const Kind &kind, const json::Value &jwk) {
  auto x = part(jwk, "x");
  if (!x) return nullptr;
  if (kind.key_type == EVP_PKEY_ED25519) return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()));
  auto y = part(jwk, "y");
  if (!y || x->size() != kind.half || y->size() != kind.half) return nullptr;
  std::string point = "\x04" + *x + *y; // uncompressed
  std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kind.group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return build(EVP_PKEY_EC, builder.get());
}

// A JWS has the two numbers side by side, OpenSSL wants them as DER (RFC 7518, section 3.4).
std::string der_signature(const Kind &kind, std::string_view signature) {
  if (signature.size() != 2 * kind.half) return {};
  std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  int half = static_cast<int>(kind.half);
  BIGNUM *r = BN_bin2bn(bytes_of(signature), half, nullptr), *s = BN_bin2bn(bytes_of(signature) + half, half, nullptr);
  if (ECDSA_SIG_set0(pair.get(), r, s) != 1) return {};
  unsigned char *der = nullptr;
  int size = i2d_ECDSA_SIG(pair.get(), &der);
  std::string result(reinterpret_cast<char *>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return result;
}

bool hmac_is_right(const JwtKeyMaterial &key, std::string_view signed_part, std::string_view signature) {
  unsigned char expected[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (!HMAC(kind_of(key.algorithm).digest(), key.bytes.data(), static_cast<int>(key.bytes.size()), bytes_of(signed_part),
            signed_part.size(), expected, &length))
    return false;
  return signature.size() == length && CRYPTO_memcmp(expected, signature.data(), length) == 0;
}

} // namespace

std::optional<JwtAlgorithm> algorithm_named(std::string_view name) {
  for (const Kind &kind : kinds)
    if (name == kind.name) return kind.algorithm;
  return std::nullopt;
}

const char *name_of(JwtAlgorithm algorithm) { return kind_of(algorithm).name; }

bool is_hmac(JwtAlgorithm algorithm) { return kind_of(algorithm).key_type == 0; }

std::optional<JwtKeyMaterial> key_of_pem(JwtAlgorithm algorithm, const std::string &pem) {
  std::unique_ptr<BIO, Freed<BIO_free>> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return std::nullopt;
  Pkey key;
  if (pem.find("BEGIN CERTIFICATE") != std::string::npos) {
    std::unique_ptr<X509, Freed<X509_free>> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return material(kind_of(algorithm), key.get());
}

std::optional<JwtKeyMaterial> key_of_jwk(const json::Value &jwk) {
  std::string_view type = jwk.string("kty").value_or(""), curve = jwk.string("crv").value_or("");
  std::optional<JwtAlgorithm> algorithm;
  if (auto name = jwk.string("alg")) {
    algorithm = algorithm_named(*name);
    if (!algorithm) return std::nullopt;
  }
  std::optional<JwtKeyMaterial> result;
  if (type == "oct") {
    auto secret = part(jwk, "k");
    if (secret) result = JwtKeyMaterial{algorithm.value_or(JwtAlgorithm::HS256), std::move(*secret), {}};
    if (result && !is_hmac(result->algorithm)) return std::nullopt;
  } else if (type == "RSA")
    result = material(kind_of(algorithm.value_or(JwtAlgorithm::RS256)), rsa_key(jwk).get());
  else
    for (const Kind &kind : kinds)
      if (kind.curve && curve == kind.curve && algorithm.value_or(kind.algorithm) == kind.algorithm && type == (kind.group ? "EC" : "OKP"))
        result = material(kind, curve_key(kind, jwk).get());
  ERR_clear_error();
  if (result) result->id = jwk.string("kid").value_or("");
  return result;
}

bool signature_is_right(const JwtKeyMaterial &key, std::string_view signed_part, std::string_view signature) {
  const Kind &kind = kind_of(key.algorithm);
  if (kind.key_type == 0) return hmac_is_right(key, signed_part, signature);
  const unsigned char *der = bytes_of(key.bytes);
  Pkey public_key(d2i_PUBKEY(nullptr, &der, static_cast<long>(key.bytes.size())));
  std::string converted = kind.half ? der_signature(kind, signature) : std::string(signature);
  std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  bool right = public_key && context && !converted.empty() &&
               EVP_DigestVerifyInit(context.get(), nullptr, kind.digest(), nullptr, public_key.get()) == 1 &&
               EVP_DigestVerify(context.get(), bytes_of(converted), converted.size(), bytes_of(signed_part), signed_part.size()) == 1;
  ERR_clear_error();
  return right;
}

bool decode_base64url(std::string_view text, std::string &bytes) {
  bytes.clear();
  if (text.size() % 4 == 1) return false;
  unsigned buffer = 0;
  int bits = 0;
  for (char c : text) {
    int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '-'             ? 62
                : c == '_'             ? 63
                                       : -1;
    if (value < 0) return false;
    buffer = (buffer << 6 | static_cast<unsigned>(value)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xff);
    }
  }
  return true;
}

} // namespace gqlsvl::server
