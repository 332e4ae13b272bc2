#include "workers/message.h"

#include "base/json.h"

#include <cstring>

namespace gqlsvl::workers {

namespace {

struct Writer {
  std::string out;
  template <typename T> void number(T value) { out.append(reinterpret_cast<const char *>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out.append(value);
  }
};

// After a wrong length everything reads as zero and good() is false.
class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <typename T> T number() {
    T value{};
    std::string_view part = take(sizeof value);
    if (good_) memcpy(&value, part.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<std::uint32_t>())); }
  bool good() const { return good_; }
  bool at_end() const { return good_ && bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }

private:
  std::string_view take(std::size_t count) {
    if (!good_ || count > bytes_.size()) {
      good_ = false;
      return {};
    }
    std::string_view part = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return part;
  }
  std::string_view bytes_;
  bool good_ = true;
};

constexpr std::size_t header_bytes = sizeof(std::uint64_t) + sizeof(std::uint32_t);

} // namespace

std::string encode(const WorkItem &item) {
  const server::Call &call = item.call;
  Writer w;
  w.number(call.ticket);
  w.number(static_cast<std::uint8_t>(call.kind));
  w.number(call.generation);
  w.number(item.timeout_ms);
  w.number(static_cast<std::uint8_t>(call.session.admin));
  w.number(call.session.expires_at);
  w.text(call.session.role);
  w.text(call.session.claims);
  w.text(call.session.hasura_user);
  w.text(call.query);
  w.text(call.variables);
  w.text(call.operation_name);
  w.text(call.document);
  w.number(static_cast<std::uint8_t>(call.read_only));
  return std::move(w.out);
}

std::optional<WorkItem> decode_item(std::string_view bytes) {
  Reader r(bytes);
  WorkItem item;
  server::Call &call = item.call;
  call.ticket = r.number<std::uint64_t>();
  const auto kind = r.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(server::CallKind::Check)) return std::nullopt;
  call.kind = static_cast<server::CallKind>(kind);
  call.generation = r.number<std::uint64_t>();
  item.timeout_ms = r.number<std::uint32_t>();
  call.session.admin = r.number<std::uint8_t>() != 0;
  call.session.expires_at = r.number<std::int64_t>();
  call.session.role = r.text();
  call.session.claims = r.text();
  call.session.hasura_user = r.text();
  call.query = r.text();
  call.variables = r.text();
  call.operation_name = r.text();
  call.document = r.text();
  call.read_only = r.number<std::uint8_t>() != 0;
  if (!r.at_end()) return std::nullopt;
  return item;
}

std::string encode(const server::Outcome &outcome) {
  Writer w;
  w.number(outcome.ticket);
  w.number(outcome.generation);
  w.number(static_cast<std::uint8_t>(outcome.failed));
  w.number(static_cast<std::uint8_t>(outcome.refresh_by_time));
  w.text(outcome.json);
  w.text(outcome.subscription);
  w.number(static_cast<std::uint32_t>(outcome.topics.size()));
  for (live::Topic topic : outcome.topics) w.number(topic);
  return std::move(w.out);
}

std::optional<server::Outcome> decode_outcome(std::string_view bytes) {
  Reader r(bytes);
  server::Outcome outcome;
  outcome.ticket = r.number<std::uint64_t>();
  outcome.generation = r.number<std::uint64_t>();
  outcome.failed = r.number<std::uint8_t>() != 0;
  outcome.refresh_by_time = r.number<std::uint8_t>() != 0;
  outcome.json = r.text();
  outcome.subscription = r.text();
  const auto count = r.number<std::uint32_t>();
  if (!r.good() || r.left() / sizeof(live::Topic) < count) return std::nullopt;
  outcome.topics.reserve(count);
  for (std::uint32_t i = 0; i < count; i++) outcome.topics.push_back(r.number<live::Topic>());
  if (!r.at_end()) return std::nullopt;
  return outcome;
}

std::string frame(std::uint64_t number, std::string_view message) {
  Writer w;
  w.number(number);
  w.text(message);
  return std::move(w.out);
}

std::optional<Frame> FrameReader::next() {
  if (pending_.size() < header_bytes) return std::nullopt;
  Reader header(pending_);
  Frame found;
  found.number = header.number<std::uint64_t>();
  const auto length = header.number<std::uint32_t>();
  if (pending_.size() - header_bytes < length) return std::nullopt;
  found.message = pending_.substr(header_bytes, length);
  pending_.erase(0, header_bytes + length);
  return found;
}

std::string error_response(std::string_view message, std::string_view code) {
  std::string out = "{\"errors\":[{\"message\":";
  json::append_string(out, message);
  out += ",\"extensions\":{\"path\":\"$\",\"code\":";
  json::append_string(out, code);
  out += "}}]}";
  return out;
}

} // namespace gqlsvl::workers
