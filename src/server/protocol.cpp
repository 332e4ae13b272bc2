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

// An answer to a `start` that ends nothing else.
std::vector<Protocol::Action> Protocol::misplaced(std::string_view id, std::string message) const {
  return {Send{failure(id, error_json("bad-request", message)).front()}};
}

std::vector<Protocol::Action> Protocol::reject(std::string reason) {
  std::vector<Action> actions;
  if (legacy()) {
    std::string text = "{\"type\":\"connection_error\",\"payload\":{\"message\":";
    json::append_string(text, reason);
    actions.push_back(Send{text + "}}"});
  }
  actions.push_back(fail(close_code::forbidden, std::move(reason)).front());
  return actions;
}

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
  std::optional<std::string_view> id = message.string("id");
  if (state_ != State::Acknowledged)
    return legacy() ? misplaced(id.value_or(""), "start received before the connection is initialised")
                    : fail(close_code::unauthorized, "Unauthorized");
  if (!id || id->empty() || id->size() > longest_id_bytes)
    return fail(close_code::invalid, "Invalid message: an operation needs an id of 1 to 256 bytes");
  const json::Value *payload = message.find("payload");
  std::string error = "the payload is missing";
  std::optional<GraphqlRequest> request = payload ? read_request(*payload, error) : std::nullopt;
  if (!request) return fail(close_code::invalid, "Invalid message: " + error);
  if (ids_.count(*id))
    return legacy() ? misplaced(*id, "an operation already exists with this id: " + std::string(*id))
                    : fail(close_code::duplicate, "Subscriber for " + std::string(*id) + " already exists");
  if (ids_.size() >= most_operations_)
    return {Send{failure(*id, error_json("limit-exceeded", "too many operations on this connection",
                                         "gqlsvl.max_subscriptions_per_connection is " + std::to_string(most_operations_) + "."))
                     .front()}};
  ids_.emplace(*id);
  return {Begin{std::string(*id), std::move(*request)}};
}

std::vector<Protocol::Action> Protocol::complete_by_client(const json::Value &message) {
  std::optional<std::string_view> id = message.string("id");
  if (!id) return fail(close_code::invalid, "Invalid message: the id is missing");
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
  return dispatch(*type, *value);
}

std::vector<Protocol::Action> Protocol::dispatch(std::string_view type, const json::Value &message) {
  if (type == "connection_init") return initialise(message);
  if (legacy()) {
    if (type == "start") return subscribe(message);
    if (type == "stop") return complete_by_client(message);
    if (type == "connection_terminate") return fail(close_code::normal, "connection_terminate");
    return fail(close_code::invalid, "Invalid message: the type is none of graphql-ws");
  }
  if (type == "subscribe") return subscribe(message);
  if (type == "complete") return complete_by_client(message);
  if (type == "pong") return {};
  if (type == "ping") {
    const json::Value *payload = message.find("payload");
    if (!payload || payload->is_null()) return {Send{"{\"type\":\"pong\"}"}};
    return {Send{"{\"type\":\"pong\",\"payload\":" + json::to_string(*payload) + "}"}};
  }
  return fail(close_code::invalid, "Invalid message: the type is none of graphql-transport-ws");
}

std::string Protocol::next(std::string_view id, std::string_view result_json) const {
  return message(legacy() ? "data" : "next", id, result_json);
}

std::string Protocol::complete(std::string_view id) const { return message("complete", id, {}); }

std::vector<std::string> Protocol::failure(std::string_view id, std::string_view answer_json) const {
  if (!legacy()) return {message("error", id, errors_of(answer_json))};
  bool ran = !is_request_error(answer_json);
  return {message(ran ? "data" : "error", id, ran ? std::string(answer_json) : "{\"errors\":" + errors_of(answer_json) + "}"),
          complete(id)};
}

std::string Protocol::keep_alive() const { return legacy() ? R"({"type":"ka"})" : R"({"type":"ping","payload":{"message":"keepalive"}})"; }

} // namespace gqlsvl::server
