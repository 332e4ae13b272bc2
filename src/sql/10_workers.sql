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
