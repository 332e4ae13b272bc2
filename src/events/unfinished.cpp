#include "events/unfinished.h"

#include "events/owner_sql.h"
#include "events/store/pending.h"

#include <algorithm>

namespace gqlsvl::events {

namespace {

// What a checkpoint says of its shards: everything visible in `from` is finished or pending, and what became visible in `to` up to the id
// `position`.
struct Checkpoint {
  std::string from, to, position, pending, shards;
};

// For a trigger that is forked its own position counts.
std::vector<Checkpoint> newest_checkpoints(int trigger_id) {
  Rows rows("SELECT coalesce(min(p.snap_from::text), '3:3:'), coalesce(min(p.snap_to::text), '3:3:'), coalesce(min(p.pos), 0)::text, "
            "coalesce((array_agg(g.pending))[1], ''), bit_or(1 << s)::text FROM generate_series(0, 15) s "
            "LEFT JOIN LATERAL (SELECT * FROM gqlsvl.checkpoint k WHERE k.trigger_id = 0 AND k.shards & (1 << s) <> 0 "
            "ORDER BY k.n DESC LIMIT 1) g ON true "
            "LEFT JOIN LATERAL (SELECT * FROM gqlsvl.checkpoint k WHERE k.shards & (1 << s) <> 0 "
            "AND k.trigger_id = CASE WHEN $1 = ANY (g.forked) THEN $1 ELSE 0 END ORDER BY k.n DESC LIMIT 1) p ON true "
            "GROUP BY g.worker, g.n, p.worker, p.n",
            Values().add(trigger_id));
  std::vector<Checkpoint> out;
  for (std::uint64_t row = 0; row < rows.count(); row++)
    out.push_back({rows.text(1, row), rows.text(2, row), rows.text(3, row), rows.text(4, row), rows.text(5, row)});
  return out;
}

std::int64_t count(const std::string &rows, const Values &values) {
  return DatumGetInt64(
      Rows("SELECT count(*) FROM (SELECT " + rows + " LIMIT " + std::to_string(most_counted + 1) + ") AS c", values).datum(1));
}

std::int64_t pending(int trigger_id, const Checkpoint &checkpoint) {
  std::vector<std::string> transactions, ids;
  for (const Place &place : decode(checkpoint.pending)) {
    transactions.push_back(std::to_string(place.txid));
    ids.push_back(std::to_string(place.id));
  }
  if (ids.empty()) return 0;
  return count("FROM unnest($2, $3) AS p (txid, id) JOIN gqlsvl.event e ON e.txid = p.txid::xid8 AND e.id = p.id::int8 "
               "WHERE e.trigger_id = $1 AND (1 << (e.key_hash & 15)) & $4::int4 <> 0",
               Values().add(trigger_id).add(transactions).add(ids).add(checkpoint.shards));
}

std::int64_t unread(int trigger_id, const Checkpoint &c) { // scheduled events are in gqlsvl.retry
  return count("FROM gqlsvl.event e WHERE e.txid >= pg_snapshot_xmin($2::pg_snapshot) AND e.trigger_id = $1 "
               "AND NOT pg_visible_in_snapshot(e.txid, $2::pg_snapshot) "
               "AND NOT (pg_visible_in_snapshot(e.txid, $3::pg_snapshot) AND e.id <= $4::int8) "
               "AND (1 << (e.key_hash & 15)) & $5::int4 <> 0 AND e.op NOT IN ('S', 'C')",
               Values().add(trigger_id).add(c.from).add(c.to).add(c.position).add(c.shards));
}

} // namespace

std::int64_t unfinished_events(int trigger_id) {
  ScopedSettings settings;
  settings.set("enable_seqscan", "off"); // nobody analyzes event tables
  settings.set("jit", "off");            // nor is the price of what remains worth compiling or parallel workers
  settings.set("max_parallel_workers_per_gather", "0");
  std::int64_t all = count("FROM gqlsvl.retry r WHERE r.trigger_id = $1", Values().add(trigger_id));
  for (const Checkpoint &checkpoint : newest_checkpoints(trigger_id)) {
    if (all > most_counted) break;
    all += pending(trigger_id, checkpoint) + unread(trigger_id, checkpoint);
  }
  return std::min(all, most_counted + 1);
}

} // namespace gqlsvl::events
