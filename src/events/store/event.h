// An event and an event trigger as the delivery worker holds them in memory. No Postgres.
#pragma once
#include "base/no_postgres.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gqlsvl::events {

// The rows of all tables are divided into shards by their key's hash: part of the stored state, so the number never changes.
inline constexpr int shard_count = 16;
inline constexpr std::uint32_t all_shards = (1u << shard_count) - 1;
constexpr std::uint32_t shard_of(std::int32_t key_hash) { return 1u << (static_cast<std::uint32_t>(key_hash) % shard_count); }

// An event for a time waits in gqlsvl.retry from the transaction that made it.
constexpr bool is_scheduled(char op) { return op == 'S' || op == 'C'; }

struct StoredEvent {
  std::int64_t id = 0;
  std::uint64_t txid = 0;
  std::int16_t child = 0;
  std::int32_t trigger_id = 0, key_hash = 0;
  std::optional<std::int32_t> new_key_hash;
  char op = 'I';
  std::string created_at;   // ISO 8601, UTC
  std::string payload;      // {"data":...,"session_variables":...,"trace_context":...}
  std::int64_t born_ms = 0; // since 1970: its age counts from here, when it was captured or redelivered
  int attempts = 0;         // made before
  bool in_retry = false;    // has a row in gqlsvl.retry
  bool redelivered = false; // by hand: sent however late it is
  bool in_lane = false;     // its row's events wait for it (events/store/lanes.h)
  bool in_flight = false;
};

inline StoredEvent without_payload(const StoredEvent &event) {
  StoredEvent copy = event;
  copy.payload.clear();
  return copy;
}

struct TriggerDefinition {
  std::int32_t id = 0;
  std::uint32_t table = 0; // its OID
  std::string name, table_schema, table_name, webhook, invocation_type, signing_secret, transform;
  std::string headers; // as create_trigger was given them: JSON
  std::vector<int> give_up_on;
  int num_retries = 0, max_in_flight = 1;
  std::int64_t retry_interval_ms = 0, max_interval_ms = 0, timeout_ms = 0;
  std::int64_t tolerance_ms = 0; // of a cron trigger: a run later than that is not sent; 0: none
  double backoff = 1;
  std::optional<double> rate_limit;       // requests per second
  std::optional<std::int64_t> max_age_ms; // of an event not delivered
  bool ordered = true, paused = false;
  std::uint32_t owner = 0;
};

} // namespace gqlsvl::events
