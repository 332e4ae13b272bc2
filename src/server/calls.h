// Gives calls to the Backend unique tickets.
#pragma once
#include "server/backend.h"
#include "server/graphql_request.h"

#include <optional>

namespace gqlsvl::server {

class Calls {
public:
  explicit Calls(Backend &backend) : backend_(backend) {}

  // The ticket, or nothing when the queue is full (`done` is then never called).
  std::optional<std::uint64_t> submit(CallKind kind, const Session &session, const GraphqlRequest &request, std::uint64_t generation,
                                      Backend::Done done) {
    Call call;
    call.ticket = ++last_ticket_;
    call.kind = kind;
    call.session = session;
    call.query = request.query;
    call.variables = request.variables;
    call.operation_name = request.operation_name;
    call.document = request.document;
    call.read_only = request.read_only;
    call.generation = generation;
    if (!backend_.submit(std::move(call), std::move(done))) return std::nullopt;
    return last_ticket_;
  }
  void cancel(std::uint64_t ticket) { backend_.cancel(ticket); }

private:
  Backend &backend_;
  std::uint64_t last_ticket_ = 0;
};

} // namespace gqlsvl::server
