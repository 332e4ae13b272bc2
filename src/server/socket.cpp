#include "server/socket.h"

#include "server/operation_kind.h"

#include <memory>

namespace gqlsvl::server {

namespace {

constexpr int try_again_later = 1013; // RFC 6455's registry

} // namespace

Socket::Socket(std::uint64_t id, Parts parts, Headers upgrade, Find find, Hook writable, std::function<void(live::SubscriberId, bool)> own)
    : id_(id), parts_(parts), upgrade_(std::move(upgrade)), find_(std::move(find)), writable_(std::move(writable)), own_(std::move(own)),
      protocol_(parts.options.most_operations, parts.dialect) {}

Socket::~Socket() { stop_all(); }

void Socket::receive(std::string_view message, bool binary, std::int64_t now_s) {
  for (Protocol::Action &action : protocol_.receive(message, binary)) act(std::move(action), now_s);
}

void Socket::act(Protocol::Action action, std::int64_t now_s) {
  if (auto *a = std::get_if<Protocol::Authenticate>(&action))
    authenticate_client(a->payload, now_s);
  else if (auto *a = std::get_if<Protocol::Begin>(&action))
    begin(std::move(*a));
  else if (auto *a = std::get_if<Protocol::Stop>(&action))
    stop(a->id);
  else if (auto *a = std::get_if<Protocol::Send>(&action))
    send(std::move(a->text));
  else if (auto *a = std::get_if<Protocol::Close>(&action))
    end(a->code, std::move(a->reason));
}

void Socket::authenticate_client(const json::Value &payload, std::int64_t now_s) {
  AuthResult who = authenticate(parts_.options.auth, merge_init_payload(std::exchange(upgrade_, {}), payload), now_s);
  if (auto *denial = std::get_if<Denial>(&who)) {
    for (Protocol::Action &action : protocol_.reject("Forbidden: " + denial->message)) act(std::move(action), now_s);
    return;
  }
  session_ = std::move(std::get<Session>(who));
  act(protocol_.accept(), now_s);
  if (parts_.dialect == Protocol::Dialect::Legacy) send(protocol_.keep_alive());
}

void Socket::begin(Protocol::Begin begin) {
  Operation &operation = operations_[begin.id];
  if (operation_kind(begin.request.query, begin.request.operation_name) == OperationKind::Subscription) {
    operation.subscriber = parts_.live.subscribe(session_, begin.request);
    live_ids_[operation.subscriber] = begin.id;
    own_(operation.subscriber, true);
    // A shared result may be there already; the registry's `ready` came before the owner was known.
    return live_ready(operation.subscriber);
  }
  auto ticket = std::make_shared<std::uint64_t>(0);
  // What it names a document for may turn out to be a subscription: then it begins again with its text.
  std::shared_ptr<GraphqlRequest> referring = begin.request.document.empty() ? nullptr : std::make_shared<GraphqlRequest>(begin.request);
  auto done = [find = find_, socket = id_, id = begin.id, ticket, referring](Outcome outcome) {
    Socket *self = find(socket);
    if (!self) return;
    if (!referring || outcome.subscription.empty()) return self->answered(id, *ticket, std::move(outcome));
    referring->document.clear();
    referring->query = std::move(outcome.subscription);
    if (self->is_current(id, *ticket)) self->begin({id, *referring});
  };
  if (auto submitted = parts_.calls.submit(CallKind::Execute, session_, begin.request, 0, std::move(done))) {
    operation.ticket = *ticket = *submitted;
    return;
  }
  fail(begin.id, error_json("busy", "too many requests are waiting", "Try again later."));
  operations_.erase(begin.id);
  protocol_.finish(begin.id);
}

// Not when the client has ended it, or uses the id for another one.
bool Socket::is_current(const std::string &id, std::uint64_t ticket) const {
  auto it = operations_.find(id);
  return it != operations_.end() && it->second.ticket == ticket;
}

void Socket::answered(const std::string &id, std::uint64_t ticket, Outcome outcome) {
  if (!is_current(id, ticket)) return;
  operations_.erase(id);
  protocol_.finish(id);
  if (outcome.failed) return fail(id, outcome.json);
  send(protocol_.next(id, outcome.json));
  send(protocol_.complete(id));
}

void Socket::fail(const std::string &id, const std::string &answer) {
  for (std::string &text : protocol_.failure(id, answer)) send(std::move(text));
}

void Socket::stop(const std::string &id) {
  auto it = operations_.find(id);
  if (it == operations_.end()) return;
  Operation operation = it->second;
  operations_.erase(it);
  if (operation.ticket) parts_.calls.cancel(operation.ticket);
  if (!operation.subscriber) return;
  live_ids_.erase(operation.subscriber);
  own_(operation.subscriber, false);
  parts_.live.unsubscribe(operation.subscriber);
}

void Socket::stop_all() {
  while (!operations_.empty()) stop(std::string(operations_.begin()->first));
}

void Socket::end(int code, std::string reason) {
  if (close_) return;
  protocol_.close();
  stop_all();
  ready_.clear();
  close_ = Protocol::Close{code, std::move(reason)};
  writable_(*this);
}

void Socket::initialisation_timed_out() {
  for (Protocol::Action &action : protocol_.init_timed_out()) act(std::move(action), 0);
}

void Socket::token_expired() { end(close_code::forbidden, "Could not verify JWT: JWTExpired"); }

void Socket::keep_alive() {
  if (!close_ && waiting_.empty()) send(protocol_.keep_alive());
}

void Socket::live_ready(live::SubscriberId subscriber) {
  if (close_ || !live_ids_.count(subscriber) || !in_ready_.insert(subscriber).second) return;
  ready_.push_back(subscriber);
  writable_(*this);
}

void Socket::send(std::string text) {
  if (close_) return;
  waiting_bytes_ += text.size();
  waiting_.push_back(std::move(text));
  // One answer may be larger than the bound; what waits behind it may not.
  if (waiting_bytes_ - waiting_.front().size() > most_waiting_bytes || waiting_.size() > most_waiting_messages) {
    waiting_.clear();
    waiting_bytes_ = 0;
    return end(try_again_later, "the client reads too slowly");
  }
  writable_(*this);
}

std::optional<std::string> Socket::live_message(live::SubscriberId subscriber) {
  auto it = live_ids_.find(subscriber);
  if (it == live_ids_.end()) return std::nullopt;
  std::optional<live::Snapshot> snapshot = parts_.live.take(subscriber);
  if (!snapshot) return std::nullopt;
  std::string id = it->second;
  if (!snapshot->failed || !snapshot->first || !is_request_error(*snapshot->json)) return protocol_.next(id, *snapshot->json);
  stop(id);
  protocol_.finish(id);
  fail(id, *snapshot->json);
  return next_message();
}

std::optional<std::string> Socket::next_message() {
  if (!waiting_.empty()) {
    std::string text = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= text.size();
    return text;
  }
  while (!ready_.empty()) {
    live::SubscriberId subscriber = ready_.front();
    ready_.pop_front();
    in_ready_.erase(subscriber);
    if (auto text = live_message(subscriber)) return text;
  }
  return std::nullopt;
}

} // namespace gqlsvl::server
