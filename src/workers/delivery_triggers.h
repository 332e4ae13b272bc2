// The event triggers as a delivery worker knows them: each with the place it sends to.
//
// In:  gqlsvl.trigger, read when a message says that it changed (delivery_watch.h). Out: the definition of an event's trigger.
// Always: load_if_changed() inside a transaction and SPI, after the snapshot of the events it is needed for.
#pragma once
#include "events/store/lanes.h"
#include "events/store/store.h"
#include "outbound/destination.h"

#include <map>

namespace gqlsvl::workers {

inline constexpr char dropped_text[] = "trigger dropped"; // how last_error begins: COMMENT ON FUNCTION gqlsvl.drop_trigger

struct DeliveryTrigger {
  events::TriggerDefinition definition;
  outbound::Destination destination;
  std::string unusable; // why the webhook cannot be used
};

class DeliveryTriggers {
public:
  bool load_if_changed(events::Store &store, events::Lanes &lanes); // true: they were read; `lanes` knows limits and order then
  const DeliveryTrigger *find(std::int32_t id) const;               // null: dropped
  // As gqlsvl.pause_trigger, in a transaction of its own; all workers hear of it. Skipped while somebody else is changing the definition.
  void pause(std::int32_t id);
  void doubt() { stale_ = true; } // read them at the next load_if_changed()
  // Triggers that lost their order, or are paused no more: the caller takes them out when gqlsvl.retry knows.
  std::vector<std::int32_t> unordered, resumed;
  const std::vector<std::int32_t> &rate_limited() const { return rate_limited_; }
  bool any_max_age() const { return any_max_age_; }
  bool expires(std::int32_t id) const; // its events grow too old

private:
  std::map<std::int32_t, DeliveryTrigger> triggers_;
  std::vector<std::int32_t> rate_limited_;
  bool stale_ = true, any_max_age_ = false;
};

} // namespace gqlsvl::workers
