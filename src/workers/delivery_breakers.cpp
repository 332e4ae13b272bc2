// The delivery worker and its receivers: whether a trigger's events are worth sending (events/store/breaker.h).
#include "workers/delivery_worker.h"

#include <climits>

namespace gqlsvl::workers {

using pg::call;

void DeliveryWorker::judge_receiver(const outbound::Verdict &verdict, int status, std::int32_t trigger) {
  const bool failure = !verdict.delivered && events::Breaker::speaks_of_receiver(status);
  if (!failure && !breakers_.contains(trigger)) return;
  events::Breaker &breaker = breakers_[trigger];
  const bool was_open = breaker.open();
  if (failure)
    breaker.failed(Clock::now(), verdict.retry_after, std::uniform_real_distribution<double>(0, 1)(random_));
  else
    breaker.succeeded();
  if (!was_open && breaker.open()) {
    queue_.fork(trigger);
    if (const DeliveryTrigger *definition = queue_.triggers.find(trigger)) {
      const char *name = definition->definition.name.c_str(), *error = verdict.error.c_str();
      call([&] {
        ereport(LOG, (errmsg("the receiver of event trigger \"%s\" fails: its events wait", name),
                      errdetail_internal("The last answer: %s.", error),
                      errhint("It is asked with one event now and then; all are sent when it answers.")));
      });
    }
  }
}

void DeliveryWorker::apply_breakers(Clock::time_point now) {
  for (auto breaker = breakers_.begin(); breaker != breakers_.end();) {
    const DeliveryTrigger *trigger = queue_.triggers.find(breaker->first);
    queue_.lanes.set_limit(breaker->first, breaker->second.closed() ? INT_MAX : breaker->second.limit(INT_MAX, now));
    if (breaker->second.idle() || !trigger)
      breaker = breakers_.erase(breaker);
    else
      ++breaker;
  }
}

} // namespace gqlsvl::workers
