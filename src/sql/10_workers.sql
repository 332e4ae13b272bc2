-- The processes: the role of the executors, what runs, what is wrong.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'gqlsvl_authenticator') THEN
    CREATE ROLE gqlsvl_authenticator LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    COMMENT ON ROLE gqlsvl_authenticator IS 'Session user of the gqlsvl executors. Grant it the roles that tokens may name. Has no password.';
  END IF;
END
$$;

CREATE FUNCTION gqlsvl.worker_slots(OUT needed integer, OUT missing integer)
LANGUAGE c STRICT VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'gqlsvl_worker_slots';
COMMENT ON FUNCTION gqlsvl.worker_slots() IS
$$How many background worker slots gqlsvl needs (of max_worker_processes, itself included) and for how many of its processes there was none.
Null when gqlsvl is not in shared_preload_libraries. Example: SELECT * FROM gqlsvl.worker_slots();$$;

CREATE FUNCTION gqlsvl.workers(OUT pid integer, OUT kind text, OUT database oid, OUT index integer, OUT state text, OUT failures integer, OUT since timestamptz)
RETURNS SETOF record LANGUAGE c STRICT VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'gqlsvl_workers';
REVOKE ALL ON FUNCTION gqlsvl.workers() FROM PUBLIC;
COMMENT ON FUNCTION gqlsvl.workers() IS
$$The worker processes as the launcher plans them; read gqlsvl.stat_worker instead. No rows without shared_preload_libraries = 'gqlsvl'.$$;

CREATE VIEW gqlsvl.stat_worker AS
SELECT w.pid, w.kind, d.datname AS database, w.index, w.state, w.failures, w.since
FROM gqlsvl.workers() AS w LEFT JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) w.database;
REVOKE ALL ON gqlsvl.stat_worker FROM PUBLIC;
GRANT SELECT ON gqlsvl.stat_worker TO pg_monitor;
GRANT EXECUTE ON FUNCTION gqlsvl.workers() TO pg_monitor;
COMMENT ON VIEW gqlsvl.stat_worker IS
$$The worker processes of the whole cluster: pid (null while not running), kind (launcher, listener, executor, delivery), database,
state (starting, running, waiting: for a worker slot or for the end of a pause after a failure), failures in a row, since when in this state.$$;

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
$$;
REVOKE ALL ON FUNCTION gqlsvl.check() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gqlsvl.check() TO pg_monitor;
COMMENT ON FUNCTION gqlsvl.check() IS
$$One row for each thing that is not as it should be: name, message, hint; no rows when all is well.
Names: preload, worker_slots, unserved (no process works for this database), executors (fewer than set), worker, authenticator. Example: SELECT * FROM gqlsvl.check();$$;

-- What CREATE EXTENSION says at once; the launcher's log line comes when a process really finds no slot.
DO $$
DECLARE
  -- A probe and the delivery workers; listener and executors only for the first database (later ones get theirs with a port of their own).
  needed integer := 1 OPERATOR(pg_catalog.+) pg_catalog.current_setting('gqlsvl.delivery_workers')::integer OPERATOR(pg_catalog.+)
    CASE WHEN EXISTS (SELECT FROM gqlsvl.stat_worker AS w WHERE w.kind OPERATOR(pg_catalog.=) 'listener') THEN 0
         ELSE 1 OPERATOR(pg_catalog.+) pg_catalog.current_setting('gqlsvl.executors')::integer END;
  free integer := pg_catalog.current_setting('max_worker_processes')::integer OPERATOR(pg_catalog.-)
    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type OPERATOR(pg_catalog.<>) ALL (ARRAY['client backend', 'autovacuum launcher', 'autovacuum worker',
       'walwriter', 'checkpointer', 'background writer', 'startup', 'walreceiver', 'walsender', 'archiver', 'logger']))::integer;
BEGIN
  IF (SELECT s.needed FROM gqlsvl.worker_slots() AS s) IS NULL THEN
    RAISE WARNING 'gqlsvl is not loaded when the server starts' USING
      HINT = 'Add the line shared_preload_libraries = ''gqlsvl'' to postgresql.conf and restart the server; gqlsvl.resolve works without.';
  ELSIF free OPERATOR(pg_catalog.<) needed THEN
    RAISE WARNING 'gqlsvl will run degraded: too few free worker slots' USING
      DETAIL = pg_catalog.format('Needed %s, free %s of max_worker_processes = %s.', needed, free, pg_catalog.current_setting('max_worker_processes')),
      HINT = pg_catalog.format('Add the line max_worker_processes = %s to postgresql.conf and restart the server.',
                               pg_catalog.current_setting('max_worker_processes')::integer OPERATOR(pg_catalog.+) needed OPERATOR(pg_catalog.-) free);
  END IF;
END
$$;
