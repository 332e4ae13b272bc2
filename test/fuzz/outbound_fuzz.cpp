// What strangers give the delivery of events: definitions, transforms' answers, receivers' answers, AWS's answers, secrets.
// No input may crash, hang, or come out as a header or URL that would smuggle others into a request.
#include "base/error.h"
#include "base/utf8.h"
#include "outbound/address_list.h"
#include "outbound/aws_answers.h"
#include "outbound/destination.h"
#include "outbound/transform.h"
#include "outbound/webhook_signature.h"

#include <cstdlib>

using namespace gqlsvl;
using namespace gqlsvl::outbound;

static void require(bool holds) {
  if (!holds) std::abort();
}

template <typename F> static void attempt(F &&body) {
  try {
    body();
  } catch (const Error &error) { require(error.sqlstate.size() == 5); }
}

static void check(const std::string &url, const Headers &headers) {
  for (unsigned char c : url) require(c > ' ' && c < 0x7f);
  for (const auto &[name, value] : headers) require(!name.empty() && !has_control(name) && !has_control(value));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string text(reinterpret_cast<const char *>(data), size);
  const std::string first = text.substr(0, text.find('\n')), rest = first.size() < text.size() ? text.substr(first.size() + 1) : "";
  Names names;
  names.secret = [&rest](const std::string &name) { return name == "s" ? std::optional(rest) : std::nullopt; };
  names.environment = [](const std::string &) { return std::nullopt; };
  names.lambda_allow = rest;
  attempt([&] {
    Destination to = destination_of(first, parse_headers(rest), "", names);
    check(to.target.url + to.target.function + to.target.qualifier, to.headers);
    masked(rest, to);
  });
  attempt([&] { check("", destination_of("http://a/", parse_headers(text), "", names).headers); });
  for (const char *url : {"http://a/", ""})
    attempt([&] {
      Message message{"POST", url, {{"x", "y"}}, "{}"};
      apply_transform(message, text);
      check(message.url, message.headers);
    });
  Answer answer;
  answer.status = size > 0 ? 100 + data[0] % 500 : 0;
  answer.headers = {{"retry-after", first}, {"x-amzn-errortype", first}};
  answer.body = rest;
  for (const char *webhook : {"http://a/", "lambda:f"}) judge(parse_target(webhook), answer, 1000000000);
  keys_from_json(text);
  keys_from_xml(text);
  std::string unsupported;
  keys_from_profile(rest, first, unsupported);
  unix_time(first);
  attempt([&] { parse_signing_keys(text); });
  attempt([&] { AddressList(text, "a setting").contains(Address{}); });
  for (unsigned char c : readable_text(text, 64)) require(c != 0);
  return 0;
}
