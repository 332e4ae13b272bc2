#include "workers/delivery_triggers.h"

#include "workers/delivery_destination.h"
#include "workers/delivery_watch.h"

namespace gqlsvl::workers {

bool DeliveryTriggers::load_if_changed(events::Store &store, events::Lanes &lanes) {
  stale_ |= take_definitions_changed(); // stays when the reading fails
  if (!stale_) return false;
  const Destinations destinations;
  std::map<std::int32_t, DeliveryTrigger> loaded;
  std::vector<Oid> tables;
  for (events::TriggerDefinition &definition : store.triggers()) {
    DeliveryTrigger trigger;
    try {
      trigger.destination = destinations.of(definition);
    } catch (const Error &error) { trigger.unusable = error.message(); }
    auto before = triggers_.find(definition.id);
    if (!definition.ordered && (before == triggers_.end() || before->second.definition.ordered)) unordered.push_back(definition.id);
    if (!definition.paused && (before == triggers_.end() || before->second.definition.paused)) resumed.push_back(definition.id);
    lanes.set_trigger(definition.id, definition.max_in_flight, definition.ordered);
    tables.push_back(definition.table);
    trigger.definition = std::move(definition);
    loaded.emplace(trigger.definition.id, std::move(trigger));
  }
  triggers_ = std::move(loaded);
  watch_tables(std::move(tables));
  stale_ = false;
  return true;
}

const DeliveryTrigger *DeliveryTriggers::find(std::int32_t id) const {
  auto found = triggers_.find(id);
  return found == triggers_.end() ? nullptr : &found->second;
}

} // namespace gqlsvl::workers
