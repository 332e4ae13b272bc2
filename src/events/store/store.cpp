#include "events/store/store.h"

#include "base/json.h"
#include "base/utf8.h"
#include "events/store/pending.h"

#include <algorithm>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace gqlsvl::events {

// All names are qualified; the worker's search_path is pinned to pg_catalog as well.
struct Store::Statements {
  Statement control{R"(
    SELECT c.deliver, c.system_identifier = s.system_identifier AND c.database_oid = d.oid AND c.database_name = d.datname
    FROM gqlsvl.control c, pg_control_system() s, pg_database d WHERE d.datname = current_database())"};
  Statement triggers{R"(
    SELECT t.id, t.name, coalesce(n.nspname, t.table_schema), coalesce(c.relname, t.table_relname), t.webhook, t.invocation_type,
      t.headers, t.num_retries, t.max_in_flight, (extract(epoch FROM t.retry_interval) * 1000)::int8,
      (extract(epoch FROM t.max_interval) * 1000)::int8, (extract(epoch FROM t.timeout) * 1000)::int8, t.backoff, t.ordering = 'row', t.table_name::oid
    FROM gqlsvl.trigger t LEFT JOIN pg_class c ON c.oid = t.table_name::oid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.dropped_at IS NULL)"};
  Statement newest{R"(
    SELECT n, snap_from, snap_to, pos, encode(pending, 'hex') FROM gqlsvl.checkpoint
    WHERE worker = $1::int2 AND trigger_id = 0 ORDER BY n DESC LIMIT 1)"};
  Statement take_over{R"(
    UPDATE gqlsvl.event SET txid = pg_current_xact_id() WHERE txid >= pg_snapshot_xmax(pg_current_snapshot()))"};
  Statement at_places{R"(
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op,
      to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.payload, 0, false
    FROM unnest($1::text[], $2::text[]) AS p (txid, id) JOIN gqlsvl.event e ON e.txid = p.txid::xid8 AND e.id = p.id::int8
    ORDER BY e.id)"};
  Statement waiting{R"(
    SELECT trigger_id, key_hash, new_key_hash, bool_or(NOT blocked) FROM gqlsvl.retry GROUP BY 1, 2, 3)"};
  Statement snapshot{"SELECT pg_current_snapshot()"};
  Statement read{R"(
    SELECT id, txid, trigger_id, key_hash, new_key_hash, op,
      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), payload, 0, false
    FROM (SELECT e.* FROM gqlsvl.event e
        WHERE e.txid >= pg_snapshot_xmax($1::pg_snapshot) AND e.txid < pg_snapshot_xmax($2::pg_snapshot)
        AND pg_visible_in_snapshot(e.txid, $2::pg_snapshot) AND e.id > $3::int8
      UNION ALL
      SELECT e.* FROM gqlsvl.event e
        WHERE e.txid = ANY ($4::xid8[]) AND pg_visible_in_snapshot(e.txid, $2::pg_snapshot) AND e.id > $3::int8) fresh
    ORDER BY id LIMIT $5::int4)"};
  Statement forget_retry{"DELETE FROM gqlsvl.retry r USING unnest($1::int8[]) AS d (id) WHERE r.event_id = d.id"};
  Statement put_retry{R"(
    INSERT INTO gqlsvl.retry (trigger_id, event_id, child, txid, key_hash, new_key_hash, attempts, next_attempt_at, blocked, last_status,
      last_error)
    SELECT t::int4, e::int8, 0, x::xid8, k::int4, nk::int4, a::int2, clock_timestamp() + d::int8 * interval '1 ms', b::bool, s::int2, m
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
      AS r (t, e, x, k, nk, a, d, b, s, m)
    ON CONFLICT (event_id, trigger_id) DO UPDATE SET attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
      blocked = excluded.blocked, last_status = excluded.last_status, last_error = excluded.last_error)"};
  Statement put_invocation{R"(
    INSERT INTO gqlsvl.invocation_0 (at, event_id, trigger_id, attempt, status, duration_us, response)
    SELECT v::timestamptz, e::int8, t::int4, a::int2, s::int2, d::int4, m
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS i (v, e, t, a, s, d, m))"};
  Statement put_dead{R"(
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema,
      table_relname, owner, attempts, last_status, last_error)
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op, e.created_at, e.payload, t.name, t.table_schema, t.table_relname,
      t.owner, d.a::int2, d.s::int2, d.m
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS d (x, e, a, s, m)
    JOIN gqlsvl.event e ON e.txid = d.x::xid8 AND e.id = d.e::int8 JOIN gqlsvl.trigger t ON t.id = e.trigger_id
    ON CONFLICT DO NOTHING)"};
  Statement archive_dropped{R"(
    WITH gone AS (
      DELETE FROM gqlsvl.retry r USING gqlsvl.trigger t
      WHERE t.dropped_at IS NOT NULL AND r.trigger_id = t.id AND r.event_id <> ALL ($1::int8[]) RETURNING r.*)
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema,
      table_relname, owner, attempts, last_status, last_error)
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op, e.created_at, e.payload, t.name, t.table_schema, t.table_relname,
      t.owner, g.attempts, g.last_status, 'trigger dropped'
    FROM gone g JOIN gqlsvl.event e ON e.txid = g.txid AND e.id = g.event_id JOIN gqlsvl.trigger t ON t.id = e.trigger_id
    ON CONFLICT DO NOTHING)"};
  Statement unblock{R"(
    UPDATE gqlsvl.retry SET blocked = false, next_attempt_at = clock_timestamp() WHERE trigger_id = ANY ($1::int4[]) AND blocked)"};
  Statement put_checkpoint{R"(
    INSERT INTO gqlsvl.checkpoint (worker, trigger_id, n, shards, snap_from, snap_to, pos, pending)
    VALUES ($1::int2, 0, $2::int8, $3::int4, $4::pg_snapshot, $5::pg_snapshot, $6::int8, decode($7, 'hex')))"};
  Statement remove_checkpoints{R"(
    DELETE FROM gqlsvl.checkpoint WHERE worker = $1::int2 AND trigger_id = 0 AND n < $2::int8)"};
  Statement due{R"(
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op,
      to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.payload, r.attempts, true
    FROM (SELECT * FROM gqlsvl.retry WHERE NOT blocked AND next_attempt_at <= clock_timestamp() AND event_id <> ALL ($1::int8[])
        ORDER BY next_attempt_at LIMIT $2::int4) r
    JOIN gqlsvl.event e ON e.txid = r.txid AND e.id = r.event_id ORDER BY e.id)"};
  Statement next_due{R"(
    SELECT greatest(0, ceil(extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000))::int8
    FROM gqlsvl.retry WHERE NOT blocked AND event_id <> ALL ($1::int8[]) ORDER BY next_attempt_at LIMIT 1)"};
  Statement lane_waits{R"(
    SELECT EXISTS (SELECT FROM gqlsvl.retry WHERE trigger_id = $1::int4 AND key_hash = ANY ($2::int4[]) AND NOT blocked))"};
  Statement behind{R"(
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op,
      to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.payload, r.attempts, true
    FROM (SELECT * FROM gqlsvl.retry WHERE trigger_id = $1::int4 AND key_hash = ANY ($2::int4[]) ORDER BY event_id LIMIT $3::int4) r
    JOIN gqlsvl.event e ON e.txid = r.txid AND e.id = r.event_id ORDER BY e.id)"};
};

namespace {

constexpr std::size_t longest_response = 256, longest_failure = 4096, longest_error = 512; // bytes
constexpr int checkpoints_kept = 8;

Text number(std::int64_t value) { return std::to_string(value); }
Text status_of(const Outcome &o) { return o.status > 0 ? number(o.status) : Text(); }

// What came from outside, as text that this database can hold.
Text stored_text(const std::string &text, std::size_t most_bytes) {
  std::string out = readable_text(text, most_bytes);
  if (GetDatabaseEncoding() != PG_UTF8)
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) > 127; }, '?');
  return out;
}

// Of an answer that failed more is kept, for whoever looks for the reason.
Text response_of(const Outcome &o) {
  if (o.error.empty()) return stored_text(o.response, longest_response);
  return stored_text(o.response.empty() ? o.error : o.error + '\n' + o.response, longest_failure);
}

StoredEvent event_of(std::vector<Text> &row) {
  StoredEvent e;
  e.id = std::stoll(*row[0]);
  e.txid = std::stoull(*row[1]);
  e.trigger_id = std::stoi(*row[2]);
  e.key_hash = std::stoi(*row[3]);
  if (row[4]) e.new_key_hash = std::stoi(*row[4]);
  e.op = row[5]->at(0);
  e.created_at = std::move(*row[6]);
  e.payload = std::move(*row[7]);
  e.attempts = std::stoi(*row[8]);
  e.in_retry = *row[9] == "t";
  return e;
}

std::vector<StoredEvent> events_of(std::vector<std::vector<Text>> rows) {
  std::vector<StoredEvent> events;
  events.reserve(rows.size());
  for (auto &row : rows) events.push_back(event_of(row));
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

// The running transactions of a snapshot xmin:xmax:a,b,c as an array {a,b,c}.
std::vector<Text> running_in(const std::string &snapshot) {
  std::vector<Text> out;
  std::string list = snapshot.substr(snapshot.rfind(':') + 1);
  for (std::size_t start = 0; start < list.size();) {
    std::size_t end = std::min(list.find(',', start), list.size());
    out.emplace_back(list.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::vector<Text> numbers(const std::vector<std::int64_t> &ids) {
  std::vector<Text> out;
  for (std::int64_t id : ids) out.push_back(number(id));
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
    json::ParseError error;
    if (auto headers = json::parse(*row[6], error))
      for (const auto &[name, value] : headers->members) t.headers.emplace_back(name, value.text);
    t.num_retries = std::stoi(*row[7]);
    t.max_in_flight = std::stoi(*row[8]);
    t.retry_interval_ms = std::stoll(*row[9]);
    t.max_interval_ms = std::stoll(*row[10]);
    t.timeout_ms = std::stoll(*row[11]);
    t.backoff = std::stod(*row[12]);
    t.ordered = *row[13] == "t";
    t.table = static_cast<std::uint32_t>(std::stoul(*row[14]));
    out.push_back(std::move(t));
  }
  return out;
}

Position Store::newest_checkpoint(std::string &pending) {
  Position position;
  auto rows = statements().newest.run(Parameters().text(std::to_string(worker_)));
  if (rows.empty()) return position;
  auto &row = rows[0];
  position = {std::stoll(*row[0]), *row[1], *row[2], std::stoll(*row[3])};
  pending = unhex(*row[4]);
  return position;
}

void Store::take_over_restored() { statements().take_over.run(); }

std::vector<StoredEvent> Store::at_places(const std::string &pending) {
  std::vector<Text> transactions, ids;
  for (const Place &place : decode(pending)) {
    transactions.emplace_back(std::to_string(place.txid));
    ids.push_back(number(place.id));
  }
  if (ids.empty()) return {};
  return events_of(statements().at_places.run(Parameters().texts(transactions).texts(ids)));
}

std::vector<WaitingLane> Store::waiting_lanes() {
  std::vector<WaitingLane> out;
  for (auto &row : statements().waiting.run()) {
    WaitingLane lane = {std::stoi(*row[0]), std::stoi(*row[1]), std::nullopt, *row[3] == "t"};
    if (row[2]) lane.new_key_hash = std::stoi(*row[2]);
    out.push_back(lane);
  }
  return out;
}

std::string Store::snapshot() { return *statements().snapshot.run()[0][0]; }

std::vector<StoredEvent> Store::read(const Position &p, int most) {
  Parameters parameters;
  parameters.text(p.from).text(p.to).text(std::to_string(p.last_id)).texts(running_in(p.from)).text(std::to_string(most));
  return events_of(statements().read.run(std::move(parameters)));
}

void Store::record(const std::vector<Outcome> &outcomes) {
  std::vector<Text> finished, at, attempted, attempted_trigger, attempt, status, duration, response;
  std::vector<Text> dead_txid, dead_id, dead_attempts, dead_status, dead_error;
  std::vector<Text> trigger, id, txid, key, new_key, attempts, delay, blocked, last_status, error;
  for (const Outcome &o : outcomes) {
    if (!o.at.empty()) {
      at.emplace_back(o.at);
      attempted.push_back(number(o.event.id));
      attempted_trigger.push_back(number(o.event.trigger_id));
      attempt.push_back(number(o.attempts));
      status.push_back(status_of(o));
      duration.push_back(number(std::min<std::int64_t>(o.duration_us, INT32_MAX)));
      response.push_back(response_of(o));
    }
    if (o.kind == Outcome::Kind::Delivered || o.kind == Outcome::Kind::Dead) {
      if (o.event.in_retry) finished.push_back(number(o.event.id));
      if (o.kind == Outcome::Kind::Delivered) continue;
      dead_txid.emplace_back(std::to_string(o.event.txid));
      dead_id.push_back(number(o.event.id));
      dead_attempts.push_back(number(o.attempts));
      dead_status.push_back(status_of(o));
      dead_error.push_back(stored_text(o.error, longest_error));
      continue;
    }
    bool follower = o.kind == Outcome::Kind::Follower;
    trigger.push_back(number(o.event.trigger_id));
    id.push_back(number(o.event.id));
    txid.emplace_back(std::to_string(o.event.txid));
    key.push_back(number(o.event.key_hash));
    new_key.push_back(o.event.new_key_hash ? number(*o.event.new_key_hash) : Text());
    attempts.push_back(number(o.attempts));
    delay.push_back(number(o.delay_ms));
    blocked.emplace_back(follower ? "t" : "f");
    last_status.push_back(status_of(o));
    error.push_back(follower ? Text() : stored_text(o.error, longest_error));
  }
  if (!finished.empty()) statements().forget_retry.run(Parameters().texts(finished));
  if (!id.empty()) {
    Parameters rows;
    for (const auto *column : {&trigger, &id, &txid, &key, &new_key, &attempts, &delay, &blocked, &last_status, &error})
      rows.texts(*column);
    statements().put_retry.run(std::move(rows));
  }
  if (!attempted.empty()) {
    Parameters rows;
    for (const auto *column : {&at, &attempted, &attempted_trigger, &attempt, &status, &duration, &response}) rows.texts(*column);
    statements().put_invocation.run(std::move(rows));
  }
  if (!dead_id.empty())
    statements().put_dead.run(Parameters().texts(dead_txid).texts(dead_id).texts(dead_attempts).texts(dead_status).texts(dead_error));
}

void Store::clean_up(const std::vector<std::int32_t> &unordered, const std::vector<std::int64_t> &in_memory) {
  statements().archive_dropped.run(Parameters().texts(numbers(in_memory)));
  statements().unblock.run(Parameters().texts(numbers({unordered.begin(), unordered.end()})));
}

void Store::checkpoint(const Position &p, const std::vector<StoredEvent> &unfinished) {
  std::vector<Place> places;
  for (const StoredEvent &event : unfinished)
    if (!event.in_retry) places.push_back({event.child, event.txid, event.id});
  Parameters parameters;
  parameters.text(std::to_string(worker_)).text(std::to_string(p.n + 1)).text(std::to_string(shards_)).text(p.from).text(p.to);
  parameters.text(std::to_string(p.last_id)).text(hex(encode(places)));
  statements().put_checkpoint.run(std::move(parameters));
  if (p.n % checkpoints_kept == 0)
    statements().remove_checkpoints.run(Parameters().text(std::to_string(worker_)).text(std::to_string(p.n - checkpoints_kept)));
}

std::vector<StoredEvent> Store::due(const std::vector<std::int64_t> &in_memory, int most) {
  return events_of(statements().due.run(Parameters().texts(numbers(in_memory)).text(std::to_string(most))));
}

std::optional<std::int64_t> Store::next_due_ms(const std::vector<std::int64_t> &in_memory) {
  auto rows = statements().next_due.run(Parameters().texts(numbers(in_memory)));
  if (rows.empty()) return std::nullopt;
  return std::stoll(*rows[0][0]);
}

std::vector<StoredEvent> Store::behind(std::int32_t trigger_id, const std::vector<std::int32_t> &hashes, int most, bool &waits) {
  std::vector<Text> keys;
  for (std::int32_t hash : hashes) keys.push_back(number(hash));
  Parameters lane;
  lane.text(std::to_string(trigger_id)).texts(keys);
  waits = *statements().lane_waits.run(std::move(lane))[0][0] == "t";
  if (waits) return {};
  return events_of(statements().behind.run(Parameters().text(std::to_string(trigger_id)).texts(keys).text(std::to_string(most))));
}

} // namespace gqlsvl::events
