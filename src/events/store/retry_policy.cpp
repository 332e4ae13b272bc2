#include "events/store/retry_policy.h"

#include <algorithm>
#include <cmath>

namespace gqlsvl::events {

std::optional<std::chrono::milliseconds> next_delay(const TriggerDefinition &trigger, int attempts_made,
                                                    std::optional<std::chrono::seconds> retry_after, double random) {
  constexpr double jitter = 0.1;
  if (retry_after && retry_after->count() > 0) return std::min<std::chrono::milliseconds>(*retry_after, std::chrono::hours(24));
  if (attempts_made > trigger.num_retries) return std::nullopt;
  double delay = static_cast<double>(trigger.retry_interval_ms) * std::pow(trigger.backoff, std::max(0, attempts_made - 1));
  delay = std::min(delay, static_cast<double>(trigger.max_interval_ms)); // also when the power is infinite
  return std::chrono::milliseconds(static_cast<std::int64_t>(delay * (1 - jitter * random)));
}

} // namespace gqlsvl::events
