-- Whether the event store keeps its promises (src/events/store/README.md), as far as that can be seen from outside; with gqlsvl.check().

CREATE FUNCTION gqlsvl.store_checks(OUT name text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
  -- Each event that waits is somewhere, in one place only, and its table is not emptied before it is delivered.
  SELECT 'store_lost', format('%s events wait in gqlsvl.retry and are in no event table, the first is %s', count(*), min(gqlsvl.event_uuid(r.txid, r.event_id)::text)),
         'Somebody changed the event tables by hand: they cannot be sent. DELETE FROM gqlsvl.retry where nothing has come back.'
  FROM (SELECT * FROM gqlsvl.retry ORDER BY event_id LIMIT 10000) AS r
  WHERE NOT EXISTS (SELECT FROM gqlsvl.event AS e WHERE e.txid = r.txid AND e.id = r.event_id)
  HAVING count(*) > 0
  UNION ALL
  SELECT 'store_place', format('%s events in gqlsvl.retry are in another table than it says, the first is %s', count(*), min(gqlsvl.event_uuid(r.txid, r.event_id)::text)),
         'Rotation could empty that table: UPDATE gqlsvl.retry SET child to the last digit of gqlsvl.event.tableoid::regclass.'
  FROM (SELECT * FROM gqlsvl.retry ORDER BY event_id LIMIT 10000) AS r JOIN gqlsvl.event AS e ON e.txid = r.txid AND e.id = r.event_id
  WHERE right(e.tableoid::regclass::text, 1) <> r.child::text
  HAVING count(*) > 0
  UNION ALL
  SELECT 'store_twice', format('%s events are both given up and to be sent again, the first is %s', count(*), min(gqlsvl.event_uuid(d.txid, d.id)::text)),
         'gqlsvl.redeliver moves an event from gqlsvl.dead to gqlsvl.retry: DELETE it from one of the two.'
  FROM (SELECT * FROM gqlsvl.retry ORDER BY event_id LIMIT 10000) AS r JOIN gqlsvl.dead AS d ON d.id = r.event_id AND d.trigger_id = r.trigger_id
  HAVING count(*) > 0
  UNION ALL
  -- A position is never ahead of this cluster's transactions: new events would look old.
  SELECT 'store_position', format('a checkpoint of worker %s is ahead of this cluster: it has seen transaction %s, the next one is %s', c.worker,
                                  pg_snapshot_xmax(c.snap_to), pg_snapshot_xmax(pg_current_snapshot())),
         'It came from another cluster. Stop delivery (gqlsvl.delivery = off), DELETE FROM gqlsvl.checkpoint, start it: undelivered and kept events are sent again.'
  FROM (SELECT k.* FROM gqlsvl.checkpoint AS k ORDER BY k.n DESC LIMIT 100) AS c
  WHERE pg_snapshot_xmax(c.snap_to)::text::numeric > pg_snapshot_xmax(pg_current_snapshot())::text::numeric + 1000000
  UNION ALL
  -- No transaction is open while a receiver is awaited.
  SELECT 'store_transaction', format('delivery worker %s has a transaction open since %s', a.pid, a.xact_start),
         'It keeps rows from being vacuumed. pg_stat_activity shows what it does; pg_terminate_backend starts it anew.'
  FROM pg_stat_activity AS a
  WHERE a.backend_type = 'gqlsvl delivery' AND a.datname = current_database() AND a.xact_start < now() - interval '1 minute'
  UNION ALL
  -- Event tables are appended to and truncated, nothing else.
  SELECT 'store_deleted', format('%s rows were deleted from %s by hand, or in a transaction that was undone', s.n_tup_del, s.relid::regclass),
         format('If they were delivered nothing is lost. SELECT pg_stat_reset_single_table_counters(%s) ends this message.', s.relid)
  FROM pg_stat_all_tables AS s JOIN pg_inherits AS i ON i.inhrelid = s.relid
  WHERE i.inhparent = 'gqlsvl.event'::regclass AND s.n_tup_del > 0
  UNION ALL
  SELECT 'orphan', format('trigger %I on %s belongs to no event trigger: what it captures is given up', g.tgname, g.tgrelid::regclass),
         format('DROP TRIGGER %I ON %s, or restore the row of gqlsvl.trigger.', g.tgname, g.tgrelid::regclass)
  FROM pg_trigger AS g
  WHERE g.tgparentid = 0 AND g.tgname ~ '^!gqlsvl_[0-9]+_'
    AND NOT EXISTS (SELECT FROM gqlsvl.trigger AS t WHERE t.dropped_at IS NULL AND t.id = split_part(g.tgname, '_', 2)::integer)
  UNION ALL
  SELECT 'secret', format('secret "%s" has no value', s.name), format('A dump leaves the values out. SELECT gqlsvl.set_secret(%L, ''...'')', s.name)
  FROM gqlsvl.secret AS s WHERE NOT EXISTS (SELECT FROM gqlsvl.secret_value AS v WHERE v.name = s.name)
  UNION ALL
  SELECT 'secret', format('event trigger "%s" signs with secret "%s", which does not exist', t.name, t.signing_secret),
         'Its events fail until it does: gqlsvl.set_secret, or gqlsvl.alter_trigger(signing_secret).'
  FROM gqlsvl.trigger AS t
  WHERE t.dropped_at IS NULL AND t.signing_secret IS NOT NULL AND NOT EXISTS (SELECT FROM gqlsvl.secret AS s WHERE s.name = t.signing_secret)
  UNION ALL
  SELECT 'delivery_worker', format('delivery worker %s is %s since %s', w.index, w.state, w.since), 'Its part of the events waits for another worker. The server log says why.'
  FROM gqlsvl.workers() AS w JOIN pg_database AS d ON d.oid = w.database
  WHERE d.datname = current_database() AND w.kind = 'delivery' AND w.state <> 'running' AND w.failures = 0 AND w.since < now() - interval '10 seconds'
    AND NOT pg_is_in_recovery()
$$;
REVOKE ALL ON FUNCTION gqlsvl.store_checks() FROM PUBLIC;
COMMENT ON FUNCTION gqlsvl.store_checks() IS
$$The part of gqlsvl.check() that is about the event store: store_lost, store_place, store_twice (events in gqlsvl.retry; the first 10,000 are looked at), store_position, store_transaction, store_deleted,
orphan (a trigger on a table without a definition), secret (without a value after a restore, or gone), delivery_worker (not running).$$;
