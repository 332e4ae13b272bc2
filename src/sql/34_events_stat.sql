-- Figures per event trigger.
CREATE VIEW gqlsvl.stat_trigger WITH (security_barrier) AS
SELECT t.name AS trigger, e.captured, e.delivered, e.pending, c.attempts, c.failed_attempts, r.retrying, r.blocked, r.blocked_lanes, r.looping,
  e.oldest_waiting, d.dead, c.duration_p50, c.duration_p95, c.duration_p99,
  EXISTS (SELECT FROM pg_catalog.generate_series(0, 15) AS s, LATERAL (
      SELECT k.forked FROM gqlsvl.checkpoint AS k WHERE k.trigger_id OPERATOR(pg_catalog.=) 0
        AND k.shards OPERATOR(pg_catalog.&) (1 OPERATOR(pg_catalog.<<) s) OPERATOR(pg_catalog.<>) 0 ORDER BY k.n DESC LIMIT 1) AS k
    WHERE t.id OPERATOR(pg_catalog.=) ANY (k.forked)) AS forked
FROM gqlsvl.trigger AS t
CROSS JOIN LATERAL (
  SELECT pg_catalog.count(*) AS captured,
    pg_catalog.count(*) FILTER (WHERE r.event_id IS NULL AND d.id IS NULL AND i.event_id IS NOT NULL) AS delivered,
    pg_catalog.count(*) FILTER (WHERE r.event_id IS NULL AND d.id IS NULL AND i.event_id IS NULL) AS pending,
    pg_catalog.min(e.created_at) FILTER (WHERE r.event_id IS NOT NULL OR d.id IS NULL AND i.event_id IS NULL) AS oldest_waiting
  FROM gqlsvl.event AS e
  LEFT JOIN gqlsvl.retry AS r ON r.event_id OPERATOR(pg_catalog.=) e.id AND r.trigger_id OPERATOR(pg_catalog.=) e.trigger_id
  LEFT JOIN gqlsvl.dead AS d ON d.id OPERATOR(pg_catalog.=) e.id AND d.trigger_id OPERATOR(pg_catalog.=) e.trigger_id
  LEFT JOIN (SELECT DISTINCT i.event_id FROM gqlsvl.invocation AS i WHERE i.trigger_id OPERATOR(pg_catalog.=) t.id) AS i
    ON i.event_id OPERATOR(pg_catalog.=) e.id
  WHERE e.trigger_id OPERATOR(pg_catalog.=) t.id) AS e
CROSS JOIN LATERAL (
  SELECT pg_catalog.count(*) AS attempts, pg_catalog.count(*) FILTER (WHERE i.status IS NULL OR NOT i.status BETWEEN 200 AND 299) AS failed_attempts,
    pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY i.duration_us) OPERATOR(pg_catalog.*) interval '1 microsecond' AS duration_p50,
    pg_catalog.percentile_cont(0.95) WITHIN GROUP (ORDER BY i.duration_us) OPERATOR(pg_catalog.*) interval '1 microsecond' AS duration_p95,
    pg_catalog.percentile_cont(0.99) WITHIN GROUP (ORDER BY i.duration_us) OPERATOR(pg_catalog.*) interval '1 microsecond' AS duration_p99
  FROM gqlsvl.invocation AS i WHERE i.trigger_id OPERATOR(pg_catalog.=) t.id) AS c
CROSS JOIN LATERAL (
  SELECT pg_catalog.count(*) FILTER (WHERE NOT r.blocked) AS retrying, pg_catalog.count(*) FILTER (WHERE r.blocked) AS blocked,
    pg_catalog.count(DISTINCT r.key_hash) FILTER (WHERE r.blocked) AS blocked_lanes, pg_catalog.count(*) FILTER (WHERE r.looping) AS looping
  FROM gqlsvl.retry AS r
  WHERE r.trigger_id OPERATOR(pg_catalog.=) t.id) AS r
CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS dead FROM gqlsvl.dead AS d WHERE d.trigger_id OPERATOR(pg_catalog.=) t.id) AS d
WHERE t.dropped_at IS NULL AND gqlsvl.may_see(t.owner);
COMMENT ON VIEW gqlsvl.stat_trigger IS
$$Figures per event trigger, counted in the tables when asked: as long as gqlsvl.event_retention reaches back, and in a time that grows with them.
captured: events kept; of these delivered, and pending: not tried yet. attempts, failed_attempts (no answer, or not 2xx; a Lambda function's error answers 200). retrying: in gqlsvl.retry with a time of their own; blocked: behind one of these,
in blocked_lanes rows; looping: rows parked because their events make themselves, until gqlsvl.resume_trigger; oldest_waiting: when the oldest event that is neither delivered nor dead was captured. dead: given up, or archived. duration_p50, duration_p95, duration_p99: of an attempt. forked: read by a cursor of its own, because it is slow or its receiver is dead.
Shows a trigger's owner his own. Example: SELECT trigger, retrying, dead FROM gqlsvl.stat_trigger;$$;
GRANT SELECT ON gqlsvl.stat_trigger TO PUBLIC;
