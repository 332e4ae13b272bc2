#include "server/live_queries.h"

namespace gqlsvl::server {

live::SubscriberId LiveQueries::subscribe(const Session &session, const GraphqlRequest &request) {
  if (!active_) signal_.set_active(true);
  active_ = true;
  live::Question question;
  question.role = session.role;
  question.claims = session.claims;
  question.hasura_user = session.hasura_user;
  question.admin = session.admin;
  question.query = request.query;
  question.variables = request.variables;
  question.operation_name = request.operation_name;
  registry_.subscribe(++last_subscriber_, std::move(question));
  return last_subscriber_;
}

void LiveQueries::unsubscribe(live::SubscriberId subscriber) { registry_.unsubscribe(subscriber); }

void LiveQueries::run(live::TimePoint now) {
  now_ = now;
  registry_.run(now);
  if (active_ && registry_.subscribers() == 0) {
    signal_.set_active(false);
    active_ = false;
  }
}

bool LiveQueries::evaluate(live::CohortId cohort, const live::Question &question, std::uint64_t generation) {
  Session session;
  session.role = question.role;
  session.claims = question.claims;
  session.hasura_user = question.hasura_user;
  session.admin = question.admin;
  GraphqlRequest request{question.query, question.variables, question.operation_name};
  auto done = [this, cohort](Outcome outcome) {
    live::Result result;
    result.json = std::move(outcome.json);
    result.failed = outcome.failed;
    result.refresh_by_time = outcome.refresh_by_time;
    result.topics = std::move(outcome.topics);
    under_way_.erase(cohort);
    registry_.finished(cohort, std::move(result), now_);
  };
  const auto ticket = calls_.submit(CallKind::Evaluate, session, request, generation, std::move(done));
  if (ticket) under_way_[cohort] = *ticket;
  return ticket.has_value();
}

void LiveQueries::abandon(live::CohortId cohort) {
  if (auto it = under_way_.find(cohort); it != under_way_.end()) calls_.cancel(it->second);
}

} // namespace gqlsvl::server
