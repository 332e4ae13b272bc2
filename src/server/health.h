// What gqlsvl.check() says, for /healthz: asked of the database side when somebody wants to know, and only then.
//
// In:  ask(), the time. Out: `answer` gets the rows as a JSON array of {name, message, hint}; never from inside ask() unless known.
// Pure. Always: at most one check under way; an answer serves all who ask within `fresh_for` of it, so that a port open to all does not
// become a way to load the database. Nobody waits longer than `patience`: then the one row is "busy" (every executor is at work).
// Tests: test/unit/health_test.cpp.
#pragma once
#include "server/calls.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace gqlsvl::server {

class Health {
public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Answer = std::function<void(const std::string &rows)>;
  static constexpr std::chrono::milliseconds fresh_for{1000}, patience{2000};

  explicit Health(Calls &calls) : calls_(calls) {}
  Health(const Health &) = delete;

  void ask(TimePoint now, Answer answer);
  void run(TimePoint now);                   // gives up on a check that takes too long
  std::optional<TimePoint> next_due() const; // when run() has something to do

private:
  void tell(const std::string &rows);

  Calls &calls_;
  bool under_way_ = false;
  std::string rows_;
  std::optional<TimePoint> known_at_, now_;
  TimePoint asked_at_{};
  std::vector<Answer> waiting_;
};

} // namespace gqlsvl::server
