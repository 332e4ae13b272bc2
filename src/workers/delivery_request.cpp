#include "workers/delivery_request.h"

#include "base/error.h"
#include "base/json.h"
#include "outbound/transform.h"
#include "outbound/webhook_signature.h"
#include "workers/delivery_transform.h"

#include <algorithm>

namespace gqlsvl::workers {

namespace {

const char *operation_name(char op) {
  switch (op) {
  case 'I': return "INSERT";
  case 'U': return "UPDATE";
  case 'D': return "DELETE";
  case 'T': return "TRUNCATE";
  default: return "MANUAL";
  }
}

bool same_header(const std::string &a, const std::string &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void add_header(outbound::Headers &headers, const std::string &name, const std::string &value) {
  if (std::none_of(headers.begin(), headers.end(), [&](const auto &header) { return same_header(header.first, name); }))
    headers.emplace_back(name, value);
}

outbound::Headers signature(const events::StoredEvent &event, const outbound::Destination &to, std::int64_t now, const std::string &body) {
  if (to.signing_keys.empty()) return {};
  return outbound::signature_headers(to.signing_keys, event_uuid(event.txid, event.id), now, body);
}

} // namespace

std::string event_uuid(std::uint64_t txid, std::int64_t id) {
  auto hex = [](std::uint64_t value, int digits) {
    static constexpr char characters[] = "0123456789abcdef";
    std::string out(digits, '0');
    for (int i = digits - 1; i >= 0; i--, value >>= 4) out[i] = characters[value & 15];
    return out;
  };
  auto number = static_cast<std::uint64_t>(id);
  std::string all = hex(txid & 0xFFFFFFFFFFFFull, 12) + '8' + hex((number >> 60) & 0xFFF, 3) + hex(8 | ((number >> 58) & 3), 1) +
                    hex(number & 0x3FFFFFFFFFFFFFFull, 15);
  return all.substr(0, 8) + '-' + all.substr(8, 4) + '-' + all.substr(12, 4) + '-' + all.substr(16, 4) + '-' + all.substr(20);
}

namespace {

constexpr char scheduled_prefix[] = "{\"at\":"; // src/events/schedule_functions.cpp

// As Hasura v2's scheduled and cron triggers have it: no trigger, no table, and of a cron trigger no created_at.
std::string scheduled_body(const events::StoredEvent &event) {
  std::string body = "{\"id\":\"" + event_uuid(event.txid, event.id) + '"';
  if (event.op == 'S') body += ",\"created_at\":\"" + event.created_at + '"';
  return body + event.payload.substr(event.payload.find(','));
}

} // namespace

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int64_t wait_of(const events::StoredEvent &event, std::int64_t now_ms) {
  if (!events::is_scheduled(event.op) || !event.payload.starts_with(scheduled_prefix)) return 0;
  return std::strtoll(event.payload.c_str() + sizeof(scheduled_prefix) - 1, nullptr, 10) - now_ms;
}

std::string webhook_body(const events::StoredEvent &event, const events::TriggerDefinition &trigger) {
  if (events::is_scheduled(event.op)) return scheduled_body(event);
  std::string body =
      "{\"id\":\"" + event_uuid(event.txid, event.id) + "\",\"created_at\":\"" + event.created_at + "\",\"trigger\":{\"name\":";
  json::append_string(body, trigger.name);
  body += "},\"table\":{\"schema\":";
  json::append_string(body, trigger.table_schema);
  body += ",\"name\":";
  json::append_string(body, trigger.table_name);
  body += "},\"event\":{\"op\":\"";
  (body += operation_name(event.op)) += "\",";
  body.append(event.payload, 1); // it begins with a brace
  body += ",\"delivery_info\":{\"current_retry\":" + std::to_string(event.attempts) +
          ",\"max_retries\":" + std::to_string(trigger.num_retries) + "}}";
  return body;
}

outbound::Request request_for(const events::StoredEvent &event, const events::TriggerDefinition &trigger,
                              const outbound::Destination &destination, const AwsAccount &aws, std::int64_t now_seconds) {
  outbound::Message message{"POST", destination.target.url, destination.headers, webhook_body(event, trigger)};
  if (!trigger.transform.empty()) outbound::apply_transform(message, run_transform(trigger.transform, trigger.owner, message.body));
  outbound::Request request;
  if (destination.target.kind == outbound::Target::Kind::Lambda) {
    request = outbound::lambda_request(destination.target, aws.endpoint(), aws.credentials(),
                                       {trigger.invocation_type, std::move(message.headers), std::move(message.body)}, now_seconds);
  } else {
    request.method = message.method;
    request.url = message.url;
    request.headers = std::move(message.headers);
    add_header(request.headers, "Content-Type", "application/json");
    for (auto &[name, value] : signature(event, destination, now_seconds, message.body)) add_header(request.headers, name, value);
    request.body = std::move(message.body);
  }
  add_header(request.headers, "User-Agent", "gqlsvl/" GQLSVL_VERSION);
  request.ticket = static_cast<std::uint64_t>(event.id);
  request.timeout = std::chrono::milliseconds(trigger.timeout_ms);
  return request;
}

} // namespace gqlsvl::workers
