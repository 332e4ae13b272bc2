#include "events/store/store.h"

#include "base/json.h"
#include "events/store/pending.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace gqlsvl::events {

// All names are qualified; the worker's search_path is pinned to pg_catalog as well.
struct Store::Statements {
  Statement control{R"(
    SELECT c.deliver, c.system_identifier = s.system_identifier AND c.database_oid = d.oid AND c.database_name = d.datname
    FROM gqlsvl.control c, pg_control_system() s, pg_database d WHERE d.datname = current_database())"};
  Statement triggers{R"(
    SELECT t.id, t.name, coalesce(n.nspname, t.table_schema), coalesce(c.relname, t.table_relname), t.webhook, t.invocation_type,
      t.headers, t.num_retries, t.max_in_flight, (extract(epoch FROM t.retry_interval) * 1000)::int8,
      (extract(epoch FROM t.max_interval) * 1000)::int8, (extract(epoch FROM t.timeout) * 1000)::int8, t.backoff, t.ordering = 'row', t.table_name::oid,
      t.signing_secret, t.paused, t.transform, t.owner::oid, array_to_string(t.give_up_on, ' '),
      t.rate_limit, (extract(epoch FROM t.max_age) * 1000)::int8, coalesce((extract(epoch FROM s.tolerance) * 1000)::int8, 0)
    FROM gqlsvl.trigger t LEFT JOIN gqlsvl.cron_schedule s ON s.trigger_id = t.id LEFT JOIN pg_class c ON c.oid = t.table_name::oid
      LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.dropped_at IS NULL)"};
  Statement newest{R"(
    SELECT s, c.n, c.worker, c.snap_from, c.snap_to, c.pos, encode(c.pending, 'hex'), c.trigger_id
    FROM generate_series(0, 15) s, LATERAL (
      SELECT * FROM gqlsvl.checkpoint k WHERE k.trigger_id = 0 AND k.shards & (1 << s) <> 0 ORDER BY k.n DESC LIMIT 1) g, LATERAL (
      SELECT g.* UNION ALL SELECT f.* FROM unnest(g.forked) x, LATERAL (
        SELECT * FROM gqlsvl.checkpoint k WHERE k.trigger_id = x AND k.shards & (1 << s) <> 0 ORDER BY k.n DESC LIMIT 1) f) c
    WHERE $1::int4 & (1 << s) <> 0)"};
  Statement newest_number{"SELECT coalesce(max(n), 0) FROM gqlsvl.checkpoint"};
  Statement take_over{R"(
    UPDATE gqlsvl.event SET txid = pg_current_xact_id() WHERE txid >= pg_snapshot_xmax(pg_current_snapshot()))"};
  Statement waiting{R"(
    SELECT trigger_id, key_hash, new_key_hash, bool_or(NOT blocked) FROM gqlsvl.retry
    WHERE (1 << (key_hash & 15)) & $1::int4 <> 0 GROUP BY 1, 2, 3)"};
  Statement barriers{R"(
    SELECT child, txid, event_id FROM gqlsvl.retry
    WHERE (1 << (new_key_hash & 15)) & $1::int4 <> 0 AND (1 << (key_hash & 15)) & $2::int4 = 0)"};
  Statement claim{R"(
    WITH free AS (SELECT event_id, trigger_id FROM gqlsvl.retry WHERE event_id = ANY ($1::int8[]) FOR UPDATE SKIP LOCKED)
    UPDATE gqlsvl.retry r SET claimed = true FROM free f WHERE r.event_id = f.event_id AND r.trigger_id = f.trigger_id RETURNING r.event_id)"};
  Statement release_claims{R"(
    UPDATE gqlsvl.retry SET claimed = false WHERE claimed AND (1 << (key_hash & 15)) & $1::int4 <> 0)"};
  Statement still_waiting{"SELECT event_id FROM gqlsvl.retry WHERE event_id = ANY ($1::int8[])"};
  Statement put_checkpoint{R"(
    INSERT INTO gqlsvl.checkpoint (worker, n, shards, snap_from, snap_to, pos, pending, trigger_id, forked)
    VALUES ($1::int2, $2::int8, $3::int4, $4::pg_snapshot, $5::pg_snapshot, $6::int8, decode($7, 'hex'), $8::int4, $9::int4[]))"};
  Statement remove_checkpoints{"DELETE FROM gqlsvl.checkpoint WHERE n < $1::int8 AND shards & ~$2::int4 = 0"};
  // now(), since clock_timestamp() is no condition of an index scan: all that waits would be read. NOT IN (SELECT ...) is hashed; <> ALL
  // would compare each row with each number.
  Statement due{R"(
    SELECT child, txid, event_id, attempts, (extract(epoch FROM redelivered_at) * 1000)::int8 FROM gqlsvl.retry
    WHERE NOT blocked AND next_attempt_at <= now() AND event_id NOT IN (SELECT unnest($1::int8[])) AND (1 << (key_hash & 15)) & $2::int4 <> 0
      AND trigger_id <> ALL ($3::int4[])
    ORDER BY next_attempt_at LIMIT $4::int4)"};
  Statement next_due{R"(
    SELECT greatest(0, ceil(extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000))::int8
    FROM gqlsvl.retry
    WHERE NOT blocked AND next_attempt_at < 'infinity' AND event_id NOT IN (SELECT unnest($1::int8[])) AND (1 << (key_hash & 15)) & $2::int4 <> 0
      AND trigger_id <> ALL ($3::int4[])
    ORDER BY next_attempt_at LIMIT 1)"};
  Statement lane_waits{R"(
    SELECT EXISTS (SELECT FROM gqlsvl.retry WHERE trigger_id = $1::int4 AND key_hash = ANY ($2::int4[]) AND NOT blocked))"};
  Statement behind{R"(
    SELECT child, txid, event_id, attempts, (extract(epoch FROM redelivered_at) * 1000)::int8 FROM gqlsvl.retry WHERE trigger_id = $1::int4 AND key_hash = ANY ($2::int4[])
    ORDER BY event_id LIMIT $3::int4)"};
};

namespace {

constexpr int checkpoints_kept = 8;

Text number(std::int64_t value) { return std::to_string(value); }
Text bits(std::uint32_t shards) { return number(shards); }

Place place_of(const std::vector<Text> &row) {
  return {static_cast<std::int16_t>(std::stoi(*row[0])), std::stoull(*row[1]), std::stoll(*row[2])};
}

// Rows of gqlsvl.retry (child, txid, event_id, attempts, redelivered_at) with their events.
std::vector<StoredEvent> waiting_events(const std::vector<std::vector<Text>> &rows) {
  std::vector<Place> places;
  std::map<std::int64_t, const std::vector<Text> *> row_of;
  for (const auto &row : rows) {
    places.push_back(place_of(row));
    row_of[places.back().id] = &row;
  }
  std::vector<StoredEvent> events = fetch(places);
  for (StoredEvent &event : events) {
    const std::vector<Text> &row = *row_of.at(event.id);
    event.attempts = std::stoi(*row[3]);
    if (row[4]) event.born_ms = std::stoll(*row[4]);
    event.redelivered = row[4].has_value();
    event.in_retry = true;
  }
  return events;
}

std::string hex(const std::string &bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    (out += digits[byte >> 4]) += digits[byte & 15];
  }
  return out;
}

std::string unhex(const std::string &text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return out;
}

template <typename Number> std::vector<Text> numbers(const std::vector<Number> &values) {
  std::vector<Text> out;
  for (Number value : values) out.push_back(number(value));
  return out;
}

} // namespace

Store::Statements &Store::statements() {
  if (!statements_) statements_ = new Statements;
  return *statements_;
}

Held Store::held(bool mismatch_holds) {
  auto rows = statements().control.run();
  if (rows.empty()) return {true, {}}; // no event trigger was ever made here
  if (*rows[0][0] != "t") return {true, "gqlsvl.adopt(deliver => false) was called"};
  if (mismatch_holds && *rows[0][1] != "t") return {true, "this database is a copy or was restored or renamed"};
  return {};
}

std::vector<TriggerDefinition> Store::triggers() {
  std::vector<TriggerDefinition> out;
  for (auto &row : statements().triggers.run()) {
    TriggerDefinition t;
    t.id = std::stoi(*row[0]);
    t.name = *row[1];
    t.table_schema = *row[2];
    t.table_name = *row[3];
    t.webhook = *row[4];
    t.invocation_type = *row[5];
    t.headers = *row[6];
    t.num_retries = std::stoi(*row[7]);
    t.max_in_flight = std::stoi(*row[8]);
    t.retry_interval_ms = std::stoll(*row[9]);
    t.max_interval_ms = std::stoll(*row[10]);
    t.timeout_ms = std::stoll(*row[11]);
    t.backoff = std::stod(*row[12]);
    t.ordered = *row[13] == "t";
    t.table = static_cast<std::uint32_t>(std::stoul(*row[14]));
    t.signing_secret = row[15].value_or("");
    t.paused = *row[16] == "t";
    t.transform = row[17].value_or("");
    t.owner = static_cast<std::uint32_t>(std::stoul(*row[18]));
    std::istringstream statuses(row[19].value_or(""));
    for (int status; statuses >> status;) t.give_up_on.push_back(status);
    if (row[20]) t.rate_limit = std::stod(*row[20]);
    if (row[21]) t.max_age_ms = std::stoll(*row[21]);
    t.tolerance_ms = std::stoll(*row[22]);
    out.push_back(std::move(t));
  }
  return out;
}

std::vector<Checkpoint> Store::newest_checkpoints(std::uint32_t shards) {
  std::map<std::pair<std::int64_t, std::string>, Checkpoint> found; // one row may be the newest of several shards
  for (auto &row : statements().newest.run(Parameters().text(*bits(shards)))) {
    Checkpoint &checkpoint = found[{std::stoll(*row[1]), *row[2]}];
    checkpoint.shards |= 1u << std::stoi(*row[0]);
    checkpoint.n = std::stoll(*row[1]);
    checkpoint.position = {Snapshot::parse(*row[3]), Snapshot::parse(*row[4]), std::stoll(*row[5])};
    checkpoint.pending = decode(unhex(*row[6]));
    checkpoint.trigger = std::stoi(*row[7]);
  }
  std::vector<Checkpoint> out;
  for (auto &[key, checkpoint] : found) out.push_back(std::move(checkpoint));
  return out;
}

std::int64_t Store::newest_number() { return std::stoll(*statements().newest_number.run()[0][0]); }

void Store::take_over_restored() { statements().take_over.run(); }

std::vector<WaitingLane> Store::waiting_lanes(std::uint32_t shards) {
  std::vector<WaitingLane> out;
  for (auto &row : statements().waiting.run(Parameters().text(*bits(shards)))) {
    WaitingLane lane = {std::stoi(*row[0]), std::stoi(*row[1]), std::nullopt, *row[3] == "t"};
    if (row[2]) lane.new_key_hash = std::stoi(*row[2]);
    out.push_back(lane);
  }
  return out;
}

std::vector<StoredEvent> Store::waiting_elsewhere(std::uint32_t shards, std::uint32_t own) {
  std::vector<Place> places;
  for (auto &row : statements().barriers.run(Parameters().text(*bits(shards)).text(*bits(own)))) places.push_back(place_of(row));
  return fetch(places);
}

std::vector<std::int64_t> Store::finished(std::int32_t trigger, const std::vector<Place> &events, std::uint32_t shard) {
  const Checkpoint *group = nullptr, *fork = nullptr;
  std::vector<Checkpoint> checkpoints = newest_checkpoints(shard);
  for (const Checkpoint &one : checkpoints) {
    if (one.trigger == 0) group = &one;
    if (one.trigger == trigger) fork = &one;
  }
  if (!group) return {};
  const Position &p = fork ? fork->position : group->position;
  std::vector<Text> candidates;
  for (const Place &event : events) {
    bool passed = p.from.sees(event.txid) || (p.to.sees(event.txid) && event.id <= p.last_id);
    bool pending = std::any_of(group->pending.begin(), group->pending.end(), [&event](const Place &place) { return place.id == event.id; });
    if (passed && !pending) candidates.push_back(number(event.id));
  }
  if (candidates.empty()) return {};
  for (auto &row : statements().still_waiting.run(Parameters().texts(candidates))) std::erase(candidates, row[0]);
  std::vector<std::int64_t> out;
  for (const Text &id : candidates) out.push_back(std::stoll(*id));
  return out;
}

void Store::put_checkpoint(const Checkpoint &c) {
  Parameters parameters;
  parameters.text(std::to_string(worker_)).text(std::to_string(c.n)).text(*bits(c.shards));
  parameters.text(c.position.from.text()).text(c.position.to.text()).text(std::to_string(c.position.last_id)).text(hex(encode(c.pending)));
  parameters.text(std::to_string(c.trigger)).texts(numbers(c.forked));
  statements().put_checkpoint.run(std::move(parameters));
}

void Store::remove_checkpoints(std::int64_t newest, std::uint32_t shards) {
  if (newest % checkpoints_kept == 0)
    statements().remove_checkpoints.run(Parameters().text(std::to_string(newest - 4 * checkpoints_kept)).text(*bits(shards)));
}

Store::Claim Store::claim(const std::vector<std::int64_t> &events) {
  auto ids = [](const std::vector<std::vector<Text>> &rows) {
    std::vector<std::int64_t> out;
    for (const auto &row : rows) out.push_back(std::stoll(*row[0]));
    return out;
  };
  auto holds = [](const std::vector<std::int64_t> &in, std::int64_t id) { return std::find(in.begin(), in.end(), id) != in.end(); };
  Claim claim;
  claim.claimed = ids(statements().claim.run(Parameters().texts(numbers(events))));
  if (claim.claimed.size() == events.size()) return claim;
  const std::vector<std::int64_t> present = ids(statements().still_waiting.run(Parameters().texts(numbers(events))));
  for (std::int64_t id : events)
    if (!holds(present, id)) claim.gone.push_back(id);
  return claim;
}

void Store::release_claims(std::uint32_t shards) { statements().release_claims.run(Parameters().text(*bits(shards))); }

std::vector<StoredEvent> Store::due(const Wanted &w, int most) {
  Parameters parameters;
  parameters.texts(numbers(w.in_memory)).text(*bits(w.shards)).texts(numbers(w.no_trigger)).text(std::to_string(most));
  return waiting_events(statements().due.run(std::move(parameters)));
}

std::optional<std::int64_t> Store::next_due_ms(const Wanted &w) {
  auto rows = statements().next_due.run(Parameters().texts(numbers(w.in_memory)).text(*bits(w.shards)).texts(numbers(w.no_trigger)));
  if (rows.empty()) return std::nullopt;
  return std::stoll(*rows[0][0]);
}

std::vector<StoredEvent> Store::behind(std::int32_t trigger_id, const std::vector<std::int32_t> &hashes, int most, bool &waits) {
  std::vector<Text> keys = numbers(hashes);
  Parameters lane;
  lane.text(std::to_string(trigger_id)).texts(keys);
  waits = *statements().lane_waits.run(std::move(lane))[0][0] == "t";
  if (waits) return {};
  return waiting_events(statements().behind.run(Parameters().text(std::to_string(trigger_id)).texts(keys).text(std::to_string(most))));
}

} // namespace gqlsvl::events
