-- What is not as it should be: of the events, then all of it.

CREATE FUNCTION gqlsvl.event_checks(OUT name text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
  SELECT 'delivery', 'delivery of events is held: ' || h.reason, 'SELECT gqlsvl.adopt(deliver => true) and the setting gqlsvl.delivery decide; events are still captured.'
  FROM (SELECT CASE WHEN current_setting('gqlsvl.delivery', true) = 'off' THEN 'gqlsvl.delivery is off'
                    WHEN NOT c.deliver THEN 'gqlsvl.adopt(deliver => false) was called'
                    WHEN current_setting('gqlsvl.delivery', true) = 'auto'
                      AND (c.system_identifier, c.database_oid, c.database_name) IS DISTINCT FROM (s.system_identifier, d.oid, d.datname)
                      THEN 'this database is a copy or was restored or renamed' END
        FROM gqlsvl.control AS c, pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()) AS h (reason)
  WHERE h.reason IS NOT NULL
  UNION ALL
  SELECT 'trigger', format('event trigger "%s" captures no %s on %s.%s: %s', t.name, o.operation, t.table_schema, t.table_relname,
                           CASE WHEN c.oid IS NULL THEN 'the table is gone' WHEN g.oid IS NULL THEN 'its trigger is gone' ELSE 'its trigger is disabled' END),
         CASE WHEN c.oid IS NULL THEN 'Call gqlsvl.drop_trigger.'
              WHEN g.oid IS NULL THEN 'Call gqlsvl.drop_trigger and gqlsvl.create_trigger.' ELSE format('ALTER TABLE %s ENABLE TRIGGER %I', c.oid::regclass, g.tgname) END
  FROM gqlsvl.trigger AS t CROSS JOIN LATERAL unnest(t.operations) AS o (operation)
       LEFT JOIN pg_class AS c ON c.oid = t.table_name::oid
       LEFT JOIN pg_trigger AS g ON g.tgrelid = c.oid AND g.tgname = format('!gqlsvl_%s_%s', t.id, lower(o.operation))
  WHERE t.dropped_at IS NULL AND (g.oid IS NULL OR g.tgenabled IN ('D', 'R'))
  UNION ALL
  SELECT 'columns', format('event trigger "%s" names columns of %s that were dropped: %s', t.name, c.oid::regclass, string_agg(DISTINCT n.name, ', ')),
         'They are missing in its payload, all columns are listened to, or the primary key orders: name others with gqlsvl.alter_trigger.'
  FROM gqlsvl.trigger AS t JOIN pg_class AS c ON c.oid = t.table_name::oid
       CROSS JOIN LATERAL unnest(coalesce(t.columns, '{}') || coalesce(t.payload_columns, '{}') || coalesce(t.ordering_columns, '{}')) AS n (name)
  WHERE t.dropped_at IS NULL AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = n.name AND NOT a.attisdropped)
  GROUP BY t.id, t.name, c.oid
  UNION ALL
  SELECT 'shards', format('%s of 16 shards of the events have no delivery worker', 16 - l.owned), 'Their events wait. The server log says why.'
  FROM (SELECT count(DISTINCT l.objid) FROM pg_locks AS l
        WHERE l.locktype = 'advisory' AND l.objsubid = 3 AND l.granted AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())) AS l (owned)
  WHERE l.owned < 16 AND EXISTS (SELECT FROM gqlsvl.workers() AS w JOIN pg_database AS d ON d.oid = w.database
    WHERE d.datname = current_database() AND w.kind = 'delivery' AND w.state = 'running' AND w.since < now() - interval '10 seconds')
  UNION ALL
  SELECT 'overdue', format('%s events should have been sent again more than a minute ago, the oldest at %s', count(*), min(r.next_attempt_at)),
         'They wait for a delivery worker, or for a free place of gqlsvl.create_trigger(max_in_flight).'
  FROM (SELECT r.next_attempt_at FROM gqlsvl.retry AS r WHERE NOT r.blocked AND r.next_attempt_at < now() - interval '1 minute' ORDER BY 1 LIMIT 1000) AS r
  HAVING count(*) > 0
  UNION ALL
  SELECT 'loop', format('%s rows of trigger "%s" are parked: their events make themselves', count(*), t.name),
         format('Let the receiver change the row only when needed, then SELECT gqlsvl.resume_trigger(%L). Setting: gqlsvl.loop_limit.', t.name)
  FROM gqlsvl.retry AS r JOIN gqlsvl.trigger AS t ON t.id = r.trigger_id WHERE r.looping AND t.dropped_at IS NULL GROUP BY t.id, t.name
  UNION ALL
  SELECT 'event_size', format('the event tables have %s, gqlsvl.event_max_size is %s: undelivered events or an open transaction keep them',
                              pg_size_pretty(z.bytes), current_setting('gqlsvl.event_max_size')),
         'gqlsvl.event_log shows what is not delivered; pg_locks shows who keeps a table open.'
  FROM (SELECT sum(pg_total_relation_size(i.inhrelid))::bigint FROM pg_inherits AS i
        WHERE i.inhparent IN ('gqlsvl.event'::regclass, 'gqlsvl.invocation'::regclass)) AS z (bytes)
  WHERE z.bytes > 1.5 * pg_size_bytes(current_setting('gqlsvl.event_max_size', true))
  UNION ALL
  SELECT 'dead', format('%s%s events of trigger "%s" were given up', least(count(*), 1000), CASE WHEN count(*) > 1000 THEN ' and more' ELSE '' END, t.name),
         'SELECT * FROM gqlsvl.event_log WHERE status = ''dead'' says why.'
  FROM gqlsvl.trigger AS t CROSS JOIN LATERAL (
    SELECT FROM gqlsvl.dead AS d WHERE d.trigger_id = t.id AND d.last_error NOT LIKE 'trigger dropped%' AND d.last_error NOT IN ('cancelled', 'rescheduled') LIMIT 1001) AS d
  WHERE t.dropped_at IS NULL GROUP BY t.id, t.name
  UNION ALL
  SELECT 'cron', format('cron trigger "%s" has no run scheduled since %s', t.name, s.scheduled_until),
         CASE WHEN EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = s.time_zone) THEN 'No delivery worker schedules it: the server log says why.'
              ELSE format('Time zone %s is not known here any more: call gqlsvl.alter_cron_trigger.', s.time_zone) END
  FROM gqlsvl.cron_schedule AS s JOIN gqlsvl.trigger AS t ON t.id = s.trigger_id
  WHERE t.dropped_at IS NULL AND NOT t.paused AND s.scheduled_until < now() - interval '5 minutes'
$$;
REVOKE ALL ON FUNCTION gqlsvl.event_checks() FROM PUBLIC;
COMMENT ON FUNCTION gqlsvl.event_checks() IS
$$The part of gqlsvl.check() that is about events: delivery (held), trigger (captures nothing any more), columns (dropped, but named by one), shards (no worker sends them), overdue (retries), loop (rows whose events make themselves), dead (events given up), cron (runs are not scheduled).$$;

CREATE FUNCTION gqlsvl.check(OUT name text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
  SELECT 'preload', 'gqlsvl is not loaded when the server starts: nothing is served or delivered',
         'Add the line shared_preload_libraries = ''gqlsvl'' to postgresql.conf and restart the server.'
  WHERE (SELECT s.needed FROM gqlsvl.worker_slots() AS s) IS NULL
  UNION ALL
  SELECT 'worker_slots', format('%s worker processes found no free slot', s.missing),
         format('Add the line max_worker_processes = %s to postgresql.conf and restart the server.',
                current_setting('max_worker_processes')::integer + s.missing + 1)
  FROM gqlsvl.worker_slots() AS s WHERE s.missing > 0
  UNION ALL
  SELECT 'unserved', 'no worker process is planned for this database',
         'Right after CREATE EXTENSION it takes a moment. A template, or a database that takes no connections, has none; else the server log says why.'
  WHERE (SELECT s.needed FROM gqlsvl.worker_slots() AS s) IS NOT NULL
    AND NOT EXISTS (SELECT FROM gqlsvl.stat_worker AS w WHERE w.database = current_database())
  UNION ALL
  SELECT 'executors', format('%s of %s executors are planned', count(*) FILTER (WHERE w.kind = 'executor'), current_setting('gqlsvl.executors', true)),
         'gqlsvl has room for 32 executors in a cluster: lower gqlsvl.executors.'
  FROM gqlsvl.stat_worker AS w WHERE w.database = current_database()
  HAVING bool_or(w.kind = 'listener') AND count(*) FILTER (WHERE w.kind = 'executor') < current_setting('gqlsvl.executors', true)::integer
  UNION ALL
  SELECT 'worker', format('%s %s is %s', w.kind, w.index, w.state), 'The server log says why; it is started again by itself.'
  FROM gqlsvl.stat_worker AS w
  WHERE w.state <> 'running' AND w.failures > 0 AND (w.database = current_database() OR w.database IS NULL)
  UNION ALL
  SELECT 'authenticator', format('role %I cannot be the session user of the executors: it %s', a.name,
                                 CASE WHEN r.rolsuper THEN 'is a superuser' ELSE 'does not exist' END),
         'Create it with LOGIN and without SUPERUSER, or name another role in gqlsvl.authenticator_role.'
  FROM (SELECT coalesce(nullif(current_setting('gqlsvl.authenticator_role', true), ''), 'gqlsvl_authenticator')) AS a (name)
       LEFT JOIN pg_roles AS r ON r.rolname = a.name
  WHERE r.oid IS NULL OR r.rolsuper
  UNION ALL
  SELECT c.name, c.message, c.hint FROM gqlsvl.function_checks() AS c
  UNION ALL
  SELECT c.name, c.message, c.hint FROM gqlsvl.event_checks() AS c
  UNION ALL
  SELECT c.name, c.message, c.hint FROM gqlsvl.store_checks() AS c
  UNION ALL
  SELECT c.name, c.message, c.hint FROM gqlsvl.table_checks() AS c
$$;
REVOKE ALL ON FUNCTION gqlsvl.check() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gqlsvl.check() TO pg_monitor;
COMMENT ON FUNCTION gqlsvl.check() IS
$$One row for each thing that is not as it should be: name, message, hint; no rows when all is well.
Names: preload, worker_slots, unserved (no process works for this database), executors (fewer than set), worker, authenticator, function (a field whose function is gone or does not fit); of the events: delivery, trigger, columns (dropped, but named by a trigger), shards, overdue, loop, event_size, dead, cron, those of gqlsvl.store_checks; of tables of the API: enum_table, table_option. Example: SELECT * FROM gqlsvl.check();$$;
