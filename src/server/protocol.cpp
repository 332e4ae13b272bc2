#include "server/protocol.h"

namespace gqlsvl::server {

namespace {

constexpr std::size_t longest_reason_bytes = 123; // RFC 6455, section 5.5: a control frame holds 125 bytes, 2 are the code
constexpr std::size_t longest_id_bytes = 256;

std::string cut_reason(std::string reason) {
  if (reason.size() <= longest_reason_bytes) return reason;
  std::size_t end = longest_reason_bytes;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) --end; // not inside a UTF-8 sequence
  reason.resize(end);
  return reason;
}

std::string message(std::string_view type, std::string_view id, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + id.size() + 48);
  out += "{\"id\":";
  json::append_string(out, id);
  out += ",\"type\":\"";
  out += type;
  out += '"';
  if (!payload.empty()) {
    out += ",\"payload\":";
    out += payload;
  }
  return out + "}";
}

} // namespace

std::vector<Protocol::Action> Protocol::fail(int code, std::string reason) {
  state_ = State::Closed;
  ids_.clear();
  return {Close{code, cut_reason(std::move(reason))}};
}

Protocol::Action Protocol::reject(std::string reason) { return fail(close_code::forbidden, std::move(reason)).front(); }

Protocol::Action Protocol::accept() {
  state_ = State::Acknowledged;
  return Send{"{\"type\":\"connection_ack\"}"};
}

std::vector<Protocol::Action> Protocol::init_timed_out() {
  if (state_ != State::Fresh) return {};
  return fail(close_code::init_timeout, "Connection initialisation timeout");
}

std::vector<Protocol::Action> Protocol::initialise(const json::Value &message) {
  if (state_ != State::Fresh) return fail(close_code::too_many_inits, "Too many initialisation requests");
  const json::Value *payload = message.find("payload");
  if (payload && !payload->is_object() && !payload->is_null())
    return fail(close_code::invalid, "Invalid message: the payload of connection_init is not an object");
  state_ = State::Initialising;
  return {Authenticate{payload ? *payload : json::Value()}};
}

std::vector<Protocol::Action> Protocol::subscribe(const json::Value &message) {
  if (state_ != State::Acknowledged) return fail(close_code::unauthorized, "Unauthorized");
  std::optional<std::string_view> id = message.string("id");
  if (!id || id->empty() || id->size() > longest_id_bytes)
    return fail(close_code::invalid, "Invalid message: subscribe needs an id of 1 to 256 bytes");
  const json::Value *payload = message.find("payload");
  std::string error = "the payload is missing";
  std::optional<GraphqlRequest> request = payload ? read_request(*payload, error) : std::nullopt;
  if (!request) return fail(close_code::invalid, "Invalid message: " + error);
  if (ids_.count(*id)) return fail(close_code::duplicate, "Subscriber for " + std::string(*id) + " already exists");
  if (ids_.size() >= most_operations_)
    return {
        Send{Protocol::error(*id, errors_array("limit-exceeded", "too many operations on this connection",
                                               "gqlsvl.max_subscriptions_per_connection is " + std::to_string(most_operations_) + "."))}};
  ids_.emplace(*id);
  return {Begin{std::string(*id), std::move(*request)}};
}

std::vector<Protocol::Action> Protocol::complete_by_client(const json::Value &message) {
  std::optional<std::string_view> id = message.string("id");
  if (!id) return fail(close_code::invalid, "Invalid message: complete needs an id");
  auto it = ids_.find(*id);
  if (it == ids_.end()) return {}; // it ended here while the message was under way
  ids_.erase(it);
  return {Stop{std::string(*id)}};
}

std::vector<Protocol::Action> Protocol::receive(std::string_view text, bool binary) {
  if (state_ == State::Closed) return {};
  if (binary) return fail(close_code::invalid, "Invalid message: a binary frame");
  json::ParseError where;
  std::optional<json::Value> value = json::parse(text, where);
  if (!value) return fail(close_code::invalid, "Invalid message: not JSON (at byte " + std::to_string(where.byte) + ")");
  std::optional<std::string_view> type = value->string("type");
  if (!type) return fail(close_code::invalid, "Invalid message: an object with the member \"type\" is expected");
  if (*type == "connection_init") return initialise(*value);
  if (*type == "subscribe") return subscribe(*value);
  if (*type == "complete") return complete_by_client(*value);
  if (*type == "pong") return {};
  if (*type == "ping") {
    const json::Value *payload = value->find("payload");
    if (!payload || payload->is_null()) return {Send{"{\"type\":\"pong\"}"}};
    return {Send{"{\"type\":\"pong\",\"payload\":" + json::to_string(*payload) + "}"}};
  }
  return fail(close_code::invalid, "Invalid message: the type is none of graphql-transport-ws");
}

std::string Protocol::next(std::string_view id, std::string_view result_json) { return message("next", id, result_json); }
std::string Protocol::error(std::string_view id, std::string_view errors_array) { return message("error", id, errors_array); }
std::string Protocol::complete(std::string_view id) { return message("complete", id, {}); }
std::string Protocol::keep_alive() { return "{\"type\":\"ping\",\"payload\":{\"message\":\"keepalive\"}}"; }

} // namespace gqlsvl::server
