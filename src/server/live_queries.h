// Joins the registry of live queries with the executors and the commit signal.
//
// In:  subscriptions of all connections, changes from the signal. Out: `ready` per subscriber, then take().
// Pure. Always: the signal is active from before the first evaluation until the last subscription ended.
#pragma once
#include "live/registry.h"
#include "server/calls.h"

#include <functional>

namespace gqlsvl::server {

// The commit signal as the server needs it; the listener implements it over shared memory.
class ChangeSignal {
public:
  virtual ~ChangeSignal() = default;
  virtual void set_active(bool active) = 0;
  virtual std::uint64_t generation() = 0;
  virtual void watch(live::Topic topic) = 0;
  virtual void unwatch(live::Topic topic) = 0;
};

class LiveQueries : private live::Host {
public:
  using Ready = std::function<void(live::SubscriberId)>;
  LiveQueries(Calls &calls, ChangeSignal &signal, std::chrono::milliseconds refresh, Ready ready)
      : calls_(calls), signal_(signal), ready_(std::move(ready)), registry_(*this, refresh) {}

  live::SubscriberId subscribe(const Session &session, const GraphqlRequest &request);
  void unsubscribe(live::SubscriberId subscriber);
  std::optional<live::Snapshot> take(live::SubscriberId subscriber) { return registry_.take(subscriber); }

  void everything_changed() { registry_.database_changed(); }
  void something_may_have_changed() { registry_.database_may_have_changed(); }
  void changed(live::Topic topic) { registry_.topic_changed(topic); }
  void run(live::TimePoint now);
  std::optional<live::TimePoint> next_due() const { return registry_.next_due(); }
  void set_refresh(std::chrono::milliseconds refresh) { registry_.set_refresh(refresh); }

private:
  bool evaluate(live::CohortId cohort, const live::Question &question, std::uint64_t generation) override;
  void abandon(live::CohortId cohort) override;
  void watch(live::Topic topic) override { signal_.watch(topic); }
  void unwatch(live::Topic topic) override { signal_.unwatch(topic); }
  std::uint64_t generation() override { return signal_.generation(); }
  void ready(live::SubscriberId subscriber) override { ready_(subscriber); }

  Calls &calls_;
  ChangeSignal &signal_;
  Ready ready_;
  live::Registry registry_;
  std::unordered_map<live::CohortId, std::uint64_t> under_way_; // evaluations: their tickets
  live::SubscriberId last_subscriber_ = 0;
  live::TimePoint now_{};
  bool active_ = false;
};

} // namespace gqlsvl::server
