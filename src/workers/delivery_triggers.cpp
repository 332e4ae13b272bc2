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
  std::vector<std::int32_t> rate_limited;
  bool any_max_age = false;
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
    if (definition.rate_limit) rate_limited.push_back(definition.id);
    any_max_age |= definition.max_age_ms.has_value();
    trigger.definition = std::move(definition);
    loaded.emplace(trigger.definition.id, std::move(trigger));
  }
  triggers_ = std::move(loaded);
  rate_limited_ = std::move(rate_limited);
  any_max_age_ = any_max_age;
  watch_tables(std::move(tables));
  stale_ = false;
  return true;
}

void DeliveryTriggers::pause(std::int32_t id) {
  static events::Statement *statement = new events::Statement( // for the life of the process, as its plan
      "UPDATE gqlsvl.trigger SET paused = true WHERE id = (SELECT t.id FROM gqlsvl.trigger t WHERE t.id = $1::int4 AND NOT t.paused "
      "FOR UPDATE SKIP LOCKED) RETURNING id");
  pg::Transaction transaction;
  pg::Spi spi;
  const bool done = !statement->run(events::Parameters().text(std::to_string(id))).empty();
  if (done) announce_definitions_changed();
  spi.finish();
  transaction.commit();
  if (auto found = triggers_.find(id); done && found != triggers_.end()) found->second.definition.paused = true;
}

const DeliveryTrigger *DeliveryTriggers::find(std::int32_t id) const {
  auto found = triggers_.find(id);
  return found == triggers_.end() ? nullptr : &found->second;
}

bool DeliveryTriggers::expires(std::int32_t id) const {
  const DeliveryTrigger *trigger = find(id);
  return trigger && trigger->definition.max_age_ms;
}

} // namespace gqlsvl::workers
