-- What owners see of their triggers' events. security_barrier: a caller's function in WHERE must not see other owners' rows first.

-- UUID version 8 (RFC 9562): 48 bits of the transaction number's low part, 74 bits holding the rest of it and the event's number.
CREATE FUNCTION gqlsvl.event_uuid(txid xid8, id bigint) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (pg_catalog.lpad(pg_catalog.to_hex(txid::pg_catalog.text::pg_catalog.int8 & 281474976710655), 12, '0')
    OPERATOR(pg_catalog.||) '8' OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.to_hex((id >> 60) & 4095), 3, '0')
    OPERATOR(pg_catalog.||) pg_catalog.to_hex(8 | ((id >> 58) & 3)) OPERATOR(pg_catalog.||)
    pg_catalog.lpad(pg_catalog.to_hex(id & 288230376151711743), 15, '0'))::pg_catalog.uuid;
COMMENT ON FUNCTION gqlsvl.event_uuid(xid8, bigint) IS
$$The public id of an event: a UUID of version 8 made of its transaction and number, the same on every attempt. Example: SELECT gqlsvl.event_uuid(txid, id) FROM gqlsvl.dead;$$;

-- Whether the caller may see what belongs to `owner`: he is that role, has its rights as a member (not: could only SET ROLE to it), or is a superuser.
CREATE FUNCTION gqlsvl.may_see(owner regrole) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN pg_catalog.pg_has_role(owner::pg_catalog.oid, 'USAGE');
COMMENT ON FUNCTION gqlsvl.may_see(regrole) IS
$$True when the caller has the rights of the role: the condition of gqlsvl.event_log and gqlsvl.invocation_log.$$;

-- An event admin reads his own definitions (headers may hold a token).
ALTER TABLE gqlsvl.trigger ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON gqlsvl.trigger FOR SELECT TO gqlsvl_event_admin USING (gqlsvl.may_see(owner));
GRANT SELECT ON gqlsvl.trigger TO gqlsvl_event_admin;
ALTER TABLE gqlsvl.cron_schedule ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON gqlsvl.cron_schedule FOR SELECT TO gqlsvl_event_admin
  USING (EXISTS (SELECT FROM gqlsvl.trigger AS t WHERE t.id OPERATOR(pg_catalog.=) trigger_id AND gqlsvl.may_see(t.owner)));
GRANT SELECT ON gqlsvl.cron_schedule TO gqlsvl_event_admin;

CREATE VIEW gqlsvl.event_log WITH (security_barrier) AS
SELECT gqlsvl.event_uuid(e.txid, e.id) AS uuid, t.name AS trigger, t.table_name AS "table",
  CASE e.op WHEN 'I' THEN 'INSERT' WHEN 'U' THEN 'UPDATE' WHEN 'D' THEN 'DELETE' WHEN 'T' THEN 'TRUNCATE' WHEN 'S' THEN 'SCHEDULED' WHEN 'C' THEN 'CRON' ELSE 'MANUAL' END AS op, e.payload,
  CASE WHEN d.id IS NOT NULL THEN 'dead'
    WHEN r.event_id IS NOT NULL THEN CASE WHEN r.blocked OR r.next_attempt_at = 'infinity' THEN 'blocked' WHEN e.op IN ('S', 'C') AND r.attempts = 0 THEN 'pending' ELSE 'retrying' END
    WHEN i.attempts IS NOT NULL THEN 'delivered' ELSE 'pending' END AS status,
  COALESCE(d.attempts, r.attempts, i.attempts, 0)::integer AS attempts,
  e.created_at, CASE WHEN NOT r.blocked THEN r.next_attempt_at END AS next_attempt_at,
  COALESCE(d.last_status, r.last_status, i.status)::integer AS last_status, COALESCE(d.last_error, r.last_error) AS last_error
FROM gqlsvl.event e
JOIN gqlsvl.trigger t ON t.id = e.trigger_id
LEFT JOIN gqlsvl.retry r ON r.event_id = e.id AND r.trigger_id = e.trigger_id
LEFT JOIN gqlsvl.dead d ON d.id = e.id AND d.trigger_id = e.trigger_id
LEFT JOIN LATERAL (
  SELECT v.attempt AS attempts, v.status FROM gqlsvl.invocation v WHERE v.event_id = e.id ORDER BY v.attempt DESC, v.at DESC LIMIT 1
) i ON true
WHERE gqlsvl.may_see(t.owner);
COMMENT ON VIEW gqlsvl.event_log IS
$$Events with their state: pending, retrying (at next_attempt_at), blocked (behind an earlier event of the same row, or its trigger is paused, or its row is parked because its events make themselves, as last_error says: next_attempt_at is infinity), delivered, dead. As of the worker's last checkpoint, at most 100 ms old. Shows a trigger's owner his own.$$;

CREATE VIEW gqlsvl.invocation_log WITH (security_barrier) AS
SELECT v.at, gqlsvl.event_uuid(e.txid, e.id) AS uuid, t.name AS trigger, v.attempt::integer, v.status::integer,
  v.duration_us * interval '1 microsecond' AS duration, v.response
FROM gqlsvl.invocation v
JOIN gqlsvl.event e ON e.id = v.event_id
JOIN gqlsvl.trigger t ON t.id = v.trigger_id
WHERE gqlsvl.may_see(t.owner);
COMMENT ON VIEW gqlsvl.invocation_log IS
$$One row per attempt: when, which event, the HTTP status (null: no answer), how long it took, and what was answered: the first 256 bytes, or after a failure the error and then the answer, 4 kB in all. Shows a trigger's owner his own.$$;

GRANT SELECT ON gqlsvl.event_log, gqlsvl.invocation_log TO PUBLIC;
