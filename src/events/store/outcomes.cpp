#include "events/store/outcomes.h"

#include "base/utf8.h"

#include <algorithm>
#include <map>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace gqlsvl::events {

#define PUT_INVOCATION(child)                                                                                                              \
  "INSERT INTO gqlsvl.invocation_" #child " (at, event_id, trigger_id, attempt, status, duration_us, response) "                           \
  "SELECT v::timestamptz, e::int8, t::int4, a::int2, s::int2, d::int4, m "                                                                 \
  "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS i (v, e, t, a, s, d, m)"

// All names are qualified; the worker's search_path is pinned to pg_catalog as well. OFFSET 0: an index probe per event, whatever the
// planner, which has no statistics, thinks of a join (2,000 dead events beside 30,000 others took minutes).
struct OutcomeLog::Statements {
  Statement place{"SELECT event_id, child FROM gqlsvl.retry WHERE event_id = ANY ($1::int8[]) FOR UPDATE"};
  Statement forget_retry{"DELETE FROM gqlsvl.retry r USING unnest($1::int8[]) AS d (id) WHERE r.event_id = d.id"};
  Statement put_retry{R"(
    INSERT INTO gqlsvl.retry AS r (trigger_id, event_id, child, txid, key_hash, new_key_hash, attempts, next_attempt_at, blocked, last_status,
      last_error, looping)
    SELECT t::int4, e::int8, coalesce((SELECT right(o.tableoid::regclass::text, 1) FROM gqlsvl.event o
        WHERE o.txid = x::xid8 AND o.id = e::int8), c)::int2, x::xid8, k::int4, nk::int4, a::int2,
      coalesce(clock_timestamp() + d::int8 * interval '1 ms', 'infinity'), b::bool, s::int2, m, l::bool
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
      $11::text[], $12::text[]) AS v (t, e, c, x, k, nk, a, d, b, s, m, l)
    ON CONFLICT (event_id, trigger_id) DO UPDATE SET attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
      blocked = excluded.blocked, claimed = false, last_status = coalesce(excluded.last_status, r.last_status),
      last_error = coalesce(excluded.last_error, r.last_error), looping = excluded.looping)"};
  // Its transaction has put it there; a dump has left it out.
  Statement put_scheduled{R"(
    INSERT INTO gqlsvl.retry (trigger_id, event_id, child, txid, key_hash, attempts, next_attempt_at, blocked)
    SELECT e.trigger_id, e.id, right(e.place::text, 1)::int2, e.txid, e.key_hash, 0, to_timestamp((e.payload ->> 'at')::int8 / 1000.0), false
    FROM (SELECT x::xid8, e::int8 FROM unnest($1::text[], $2::text[]) AS v (x, e) OFFSET 0) s
    CROSS JOIN LATERAL (SELECT *, tableoid::regclass AS place FROM gqlsvl.event WHERE txid = s.x AND id = s.e OFFSET 0) e
    WHERE NOT EXISTS (SELECT FROM gqlsvl.retry r WHERE r.event_id = e.id AND r.trigger_id = e.trigger_id)
      AND NOT EXISTS (SELECT FROM gqlsvl.dead d WHERE d.id = e.id AND d.trigger_id = e.trigger_id)
      AND NOT EXISTS (SELECT FROM gqlsvl.invocation i WHERE i.event_id = e.id)
    ON CONFLICT DO NOTHING)"};
  Statement put_invocation[8] = {Statement(PUT_INVOCATION(0)), Statement(PUT_INVOCATION(1)), Statement(PUT_INVOCATION(2)),
                                 Statement(PUT_INVOCATION(3)), Statement(PUT_INVOCATION(4)), Statement(PUT_INVOCATION(5)),
                                 Statement(PUT_INVOCATION(6)), Statement(PUT_INVOCATION(7))};
  Statement put_dead{R"(
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema,
      table_relname, owner, attempts, last_status, last_error)
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op, e.created_at, e.payload, t.name, t.table_schema, t.table_relname,
      t.owner, d.a::int2, coalesce(d.s::int2, r.last_status), concat_ws('; the last attempt: ', d.m, CASE WHEN d.tried = 'f' THEN r.last_error END)
    FROM (SELECT x::xid8, e::int8, a, s, m, tried
          FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS v (x, e, a, s, m, tried) OFFSET 0) d
    CROSS JOIN LATERAL (SELECT * FROM gqlsvl.event WHERE txid = d.x AND id = d.e OFFSET 0) e JOIN gqlsvl.trigger t ON t.id = e.trigger_id
    LEFT JOIN gqlsvl.retry r ON r.event_id = e.id AND r.trigger_id = e.trigger_id
    ON CONFLICT DO NOTHING)"};
  Statement archive_dropped{R"(
    WITH gone AS (
      DELETE FROM gqlsvl.retry r USING gqlsvl.trigger t
      WHERE t.dropped_at IS NOT NULL AND r.trigger_id = t.id AND r.event_id <> ALL ($1::int8[])
        AND (1 << (r.key_hash & 15)) & $2::int4 <> 0 RETURNING r.*)
    INSERT INTO gqlsvl.dead (id, txid, trigger_id, key_hash, new_key_hash, op, created_at, payload, trigger_name, table_schema,
      table_relname, owner, attempts, last_status, last_error)
    SELECT e.id, e.txid, e.trigger_id, e.key_hash, e.new_key_hash, e.op, e.created_at, e.payload, t.name, t.table_schema, t.table_relname,
      t.owner, g.attempts, g.last_status, 'trigger dropped'
    FROM gone g CROSS JOIN LATERAL (SELECT * FROM gqlsvl.event WHERE txid = g.txid AND id = g.event_id OFFSET 0) e
    JOIN gqlsvl.trigger t ON t.id = e.trigger_id
    ON CONFLICT DO NOTHING)"};
  Statement unblock{R"(
    UPDATE gqlsvl.retry SET blocked = false, next_attempt_at = clock_timestamp()
    WHERE trigger_id = ANY ($1::int4[]) AND blocked AND (1 << (key_hash & 15)) & $2::int4 <> 0)"};
  Statement unpark{R"(
    UPDATE gqlsvl.retry SET next_attempt_at = clock_timestamp()
    WHERE trigger_id = ANY ($1::int4[]) AND next_attempt_at = 'infinity' AND NOT looping AND (1 << (key_hash & 15)) & $2::int4 <> 0)"};
};

namespace {

constexpr std::size_t longest_response = 256, longest_failure = 4096, longest_error = 512; // bytes

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

// The rows of a statement, column by column, as arrays of text.
class Columns {
public:
  void row(std::vector<Text> values) {
    columns_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); i++) columns_[i].push_back(std::move(values[i]));
  }
  void run(Statement &statement) const {
    if (columns_.empty()) return;
    Parameters parameters;
    for (const std::vector<Text> &column : columns_) parameters.texts(column);
    statement.run(std::move(parameters));
  }

private:
  std::vector<std::vector<Text>> columns_;
};

} // namespace

OutcomeLog::Statements &OutcomeLog::statements() {
  if (!statements_) statements_ = new Statements;
  return *statements_;
}

void OutcomeLog::record(std::vector<Outcome> &outcomes) {
  find_places(outcomes);
  record_attempts(outcomes);
  record_dead(outcomes); // reads what the attempts before left in gqlsvl.retry
  record_finished(outcomes);
  record_waiting(outcomes);
  record_scheduled(outcomes);
}

// Rotation may have moved what waited in gqlsvl.retry; locked, so that it does not do so now.
void OutcomeLog::find_places(std::vector<Outcome> &outcomes) {
  std::map<std::int64_t, Outcome *> waited;
  std::vector<Text> ids;
  for (Outcome &o : outcomes) {
    if (!o.event.in_retry) continue;
    waited[o.event.id] = &o;
    ids.push_back(number(o.event.id));
  }
  if (ids.empty()) return;
  for (const auto &row : statements().place.run(Parameters().texts(ids)))
    waited[std::stoll(*row[0])]->event.child = static_cast<std::int16_t>(std::stoi(*row[1]));
}

// An attempt is written beside its event, in the child of the same number: both are emptied together.
void OutcomeLog::record_attempts(const std::vector<Outcome> &outcomes) {
  Columns rows[8];
  for (const Outcome &o : outcomes)
    if (!o.at.empty())
      rows[o.event.child & 7].row({o.at, number(o.event.id), number(o.event.trigger_id), number(o.attempts), status_of(o),
                                   number(std::min<std::int64_t>(o.duration_us, INT32_MAX)), response_of(o)});
  for (int child = 0; child < 8; child++) rows[child].run(statements().put_invocation[child]);
}

void OutcomeLog::record_finished(const std::vector<Outcome> &outcomes) {
  Columns rows;
  for (const Outcome &o : outcomes)
    if (o.event.in_retry && (o.kind == Outcome::Kind::Delivered || o.kind == Outcome::Kind::Dead)) rows.row({number(o.event.id)});
  rows.run(statements().forget_retry);
}

void OutcomeLog::record_waiting(const std::vector<Outcome> &outcomes) {
  Columns rows;
  for (const Outcome &o : outcomes) {
    const bool follower = o.kind == Outcome::Kind::Follower;
    const bool parked = o.kind == Outcome::Kind::Parked;
    if (!follower && !parked && o.kind != Outcome::Kind::Retry) continue;
    const StoredEvent &e = o.event;
    rows.row({number(e.trigger_id), number(e.id), number(e.child), std::to_string(e.txid), number(e.key_hash),
              e.new_key_hash ? number(*e.new_key_hash) : Text(), number(o.attempts), parked && o.delay_ms < 0 ? Text() : number(o.delay_ms),
              follower ? "t" : "f", status_of(o), o.error.empty() ? Text() : stored_text(o.error, longest_error), o.looping ? "t" : "f"});
  }
  rows.run(statements().put_retry);
}

void OutcomeLog::record_scheduled(const std::vector<Outcome> &outcomes) {
  Columns rows;
  for (const Outcome &o : outcomes)
    if (o.kind == Outcome::Kind::Scheduled) rows.row({std::to_string(o.event.txid), number(o.event.id)});
  rows.run(statements().put_scheduled);
}

void OutcomeLog::record_dead(const std::vector<Outcome> &outcomes) {
  Columns rows;
  for (const Outcome &o : outcomes)
    if (o.kind == Outcome::Kind::Dead)
      rows.row({std::to_string(o.event.txid), number(o.event.id), number(o.attempts), status_of(o), stored_text(o.error, longest_error),
                o.at.empty() ? "f" : "t"});
  rows.run(statements().put_dead);
}

void OutcomeLog::clean_up(const std::vector<std::int32_t> &unordered, const std::vector<std::int32_t> &resumed,
                          const std::vector<std::int64_t> &in_memory, std::uint32_t shards) {
  auto numbers = [](const auto &from) {
    std::vector<Text> out;
    for (auto one : from) out.push_back(number(one));
    return out;
  };
  const std::string bits = std::to_string(shards);
  statements().archive_dropped.run(Parameters().texts(numbers(in_memory)).text(bits));
  statements().unblock.run(Parameters().texts(numbers(unordered)).text(bits));
  statements().unpark.run(Parameters().texts(numbers(resumed)).text(bits));
}

} // namespace gqlsvl::events
