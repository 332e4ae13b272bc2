// Signs a webhook's request, so that its receiver knows that it comes from us, is whole and is fresh.
//
// In:  the secret, the event's id, the time of this attempt, the body. Out: headers webhook-id, webhook-timestamp, webhook-signature.
// Rotation: the secret may hold several keys; a request is signed with each of them, and a receiver accepts it with any.
// Always: no error holds a part of a key. Pure. Links into gqlsvl.so too.
// Source: Standard Webhooks specification, symmetric signatures (v1).
#pragma once
#include "outbound/client.h"

namespace gqlsvl::outbound {

// "whsec_" and 24 to 64 bytes in base64; several are separated by spaces, the newest first. Error 22023 says which one is wrong.
std::vector<std::string> parse_signing_keys(const std::string &secret);

bool is_signature_header(const std::string &name); // in any case
Headers signature_headers(const std::vector<std::string> &keys, const std::string &id, std::int64_t unix_seconds, std::string_view body);

} // namespace gqlsvl::outbound
