#include "server/health.h"

#include <utility>

namespace gqlsvl::server {

namespace {

constexpr const char *busy =
    R"j([{"name":"busy","message":"no executor was free to run gqlsvl.check()","hint":"Raise gqlsvl.executors."}])j";
constexpr const char *unanswered =
    R"j([{"name":"check","message":"gqlsvl.check() failed","hint":"Call it as a superuser: SELECT * FROM gqlsvl.check();"}])j";

} // namespace

void Health::ask(TimePoint now, Answer answer) {
  if (known_at_ && now - *known_at_ < fresh_for) return answer(rows_);
  if (waiting_.empty()) asked_at_ = now;
  waiting_.push_back(std::move(answer));
  if (under_way_) return;
  now_ = now;
  auto done = [this](Outcome outcome) {
    under_way_ = false;
    rows_ = outcome.failed ? unanswered : std::move(outcome.json);
    known_at_ = now_;
    tell(rows_);
  };
  under_way_ = calls_.submit(CallKind::Check, Session{}, GraphqlRequest{}, 0, std::move(done)).has_value();
  if (!under_way_) tell(busy);
}

void Health::run(TimePoint now) {
  now_ = now;
  if (!waiting_.empty() && now - asked_at_ >= patience) tell(busy);
}

std::optional<Health::TimePoint> Health::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return asked_at_ + patience;
}

void Health::tell(const std::string &rows) {
  for (Answer &answer : std::exchange(waiting_, {})) answer(rows);
}

} // namespace gqlsvl::server
