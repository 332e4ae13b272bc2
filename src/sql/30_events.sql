-- The event store: append-only event tables, checkpoints of the delivery workers, retries, invocations.
-- Nothing here is readable by PUBLIC: payloads bypass column grants and row security. Views for owners: 32_events_views.sql.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'gqlsvl_event_admin') THEN
    CREATE ROLE gqlsvl_event_admin NOLOGIN;
  END IF;
END
$$;

CREATE SEQUENCE gqlsvl.event_id CACHE 1;    -- id order is commit order per row only with one shared counter
CREATE SEQUENCE gqlsvl.trigger_id AS integer;

CREATE TABLE gqlsvl.trigger (
  id integer PRIMARY KEY DEFAULT pg_catalog.nextval('gqlsvl.trigger_id'),
  name text NOT NULL,
  table_name regclass NOT NULL,
  table_schema text NOT NULL,      -- names at the time of definition: used for events that outlive their table
  table_relname text NOT NULL,
  owner regrole NOT NULL,
  webhook text NOT NULL,
  operations text[] NOT NULL,
  columns text[],                  -- names, not numbers: a restore renumbers columns
  payload_columns text[],
  condition text,                  -- WHEN of the triggers on the table
  headers jsonb NOT NULL,
  num_retries integer NOT NULL,
  retry_interval interval NOT NULL,
  backoff double precision NOT NULL,
  max_interval interval NOT NULL,
  timeout interval NOT NULL,
  ordering text NOT NULL,          -- row | none
  ordering_columns text[],         -- null: the primary key
  max_in_flight integer NOT NULL,
  rate_limit double precision,     -- requests per second
  max_age interval,                -- of an event that is not delivered
  invocation_type text NOT NULL,
  fire_on_replica boolean NOT NULL DEFAULT false,
  give_up_on integer[],            -- statuses that make an event dead at once
  signing_secret text,             -- name of a secret, never its value
  transform text,                  -- signature with its schema: pg_upgrade refuses a regprocedure
  paused boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  dropped_at timestamptz           -- by drop_trigger: the row stays for the log of its events
);
CREATE UNIQUE INDEX trigger_name ON gqlsvl.trigger (name) WHERE dropped_at IS NULL;

CREATE TABLE gqlsvl.cron_schedule ( -- what a cron trigger has beside its row in gqlsvl.trigger
  trigger_id integer PRIMARY KEY,
  schedule text NOT NULL,
  time_zone text NOT NULL,
  payload json,
  tolerance interval NOT NULL,
  comment text,
  scheduled_until timestamptz NOT NULL, -- each run up to then, and no later one, has an event or was skipped: unique per trigger and time
  skipped bigint NOT NULL DEFAULT 0     -- runs missed for longer than the tolerance, for which there is no event
);

CREATE TABLE gqlsvl.event (
  id bigint NOT NULL,
  txid xid8 NOT NULL,              -- top-level transaction that made the change
  trigger_id integer NOT NULL,
  key_hash integer NOT NULL,       -- of the primary key; of the old one for UPDATE and DELETE
  new_key_hash integer,            -- an UPDATE that changed the key: head of both lanes
  op "char" NOT NULL,              -- I U D, T: TRUNCATE, M: made by emit_event, S: by schedule_event, C: by a cron trigger
  created_at timestamptz NOT NULL,
  payload json NOT NULL            -- {"data": {"old", "new"}, "session_variables", "trace_context"}
);
-- Children are filled one after the other and emptied by TRUNCATE, never by DELETE: nothing dies in them, so nothing is vacuumed.
DO $$
BEGIN
  FOR child IN 0..7 LOOP
    EXECUTE pg_catalog.format('CREATE TABLE gqlsvl.event_%s () INHERITS (gqlsvl.event)
      WITH (fillfactor = 100, autovacuum_enabled = off, toast.autovacuum_enabled = off)', child);
    EXECUTE pg_catalog.format('CREATE INDEX event_%s_txid ON gqlsvl.event_%s (txid, id)', child, child);
  END LOOP;
END
$$;

CREATE TABLE gqlsvl.checkpoint (   -- newest wins, insert only, old ones are deleted in the background
  worker smallint NOT NULL,
  trigger_id integer NOT NULL,     -- 0: all triggers but the forked ones, which have rows of their own
  n bigint NOT NULL,
  shards integer NOT NULL,
  snap_from pg_snapshot NOT NULL,  -- everything visible here is finished, pending or in retry
  snap_to pg_snapshot NOT NULL,    -- the range being read is what became visible between the two,
  pos bigint NOT NULL,             -- up to this id
  pending bytea NOT NULL,          -- coded list of events read and not finished: src/events/store/pending.h
  forked integer[] NOT NULL DEFAULT '{}', -- triggers that are read by a cursor of their own
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (worker, trigger_id, n)
);

CREATE TABLE gqlsvl.retry (
  trigger_id integer NOT NULL,
  event_id bigint NOT NULL,
  child smallint NOT NULL,
  txid xid8 NOT NULL,
  key_hash integer NOT NULL,
  new_key_hash integer,
  attempts smallint NOT NULL,
  next_attempt_at timestamptz NOT NULL, -- infinity: when its trigger is resumed
  blocked boolean NOT NULL,        -- waits behind an earlier event of the same row
  claimed boolean NOT NULL DEFAULT false, -- a scheduled event in flight: not to be cancelled any more
  last_status smallint,
  last_error text,                 -- at most 512 bytes
  payload json,
  redelivered_at timestamptz,      -- its age counts from here
  looping boolean NOT NULL DEFAULT false, -- parked: the events of its row make themselves; resume_trigger lets it go
  PRIMARY KEY (event_id, trigger_id)
);
CREATE INDEX retry_due ON gqlsvl.retry (next_attempt_at) WHERE NOT blocked;
CREATE INDEX retry_lane ON gqlsvl.retry (trigger_id, key_hash, event_id);

CREATE TABLE gqlsvl.invocation (   -- an attempt is in the child of the same number as its event, and goes with it
  at timestamptz NOT NULL,
  event_id bigint NOT NULL,
  trigger_id integer NOT NULL,
  attempt smallint NOT NULL,       -- from 1
  status smallint,                 -- HTTP status; null: no answer
  duration_us integer NOT NULL,
  response text                    -- 256 bytes of the body; of a failure the error, then the body, 4 kB in all
);
DO $$
BEGIN
  FOR child IN 0..7 LOOP
    EXECUTE pg_catalog.format('CREATE TABLE gqlsvl.invocation_%s () INHERITS (gqlsvl.invocation)', child);
    EXECUTE pg_catalog.format('CREATE INDEX invocation_%s_event ON gqlsvl.invocation_%s (event_id)', child, child);
  END LOOP;
END
$$;

CREATE TABLE gqlsvl.dead (         -- used up their attempts, or archived by drop_trigger
  LIKE gqlsvl.event,
  trigger_name text NOT NULL,
  table_schema text NOT NULL,
  table_relname text NOT NULL,
  owner regrole NOT NULL,
  attempts smallint NOT NULL,
  last_status smallint,
  last_error text,
  died_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (id, trigger_id)
);

CREATE TABLE gqlsvl.control (      -- one row, made with the first event trigger
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  format_version integer NOT NULL DEFAULT 1,
  system_identifier bigint NOT NULL, -- of the cluster this data belongs to, with the database's oid and name: a copy of the
  database_oid oid NOT NULL,         -- database must not call production, so a mismatch holds delivery until gqlsvl.adopt()
  database_name text NOT NULL,
  deliver boolean NOT NULL DEFAULT true,
  current_child smallint NOT NULL DEFAULT 0
);

REVOKE ALL ON gqlsvl.trigger, gqlsvl.cron_schedule, gqlsvl.event, gqlsvl.checkpoint, gqlsvl.retry, gqlsvl.invocation, gqlsvl.dead, gqlsvl.control FROM PUBLIC;
REVOKE ALL ON SEQUENCE gqlsvl.event_id, gqlsvl.trigger_id FROM PUBLIC;

-- A dump carries the definitions and the events that were not delivered; checkpoints and retries speak of this cluster's transactions
-- and stay behind: the worker of a restored database finds no checkpoint and takes all events it has as new.
DO $$
DECLARE
  dumped text;
BEGIN
  FOREACH dumped IN ARRAY ARRAY['event_id', 'trigger_id', 'trigger', 'cron_schedule', 'dead', 'control'] LOOP
    PERFORM pg_catalog.pg_extension_config_dump(pg_catalog.format('gqlsvl.%I', dumped)::pg_catalog.regclass, '');
  END LOOP;
  FOR child IN 0..7 LOOP
    PERFORM pg_catalog.pg_extension_config_dump(pg_catalog.format('gqlsvl.event_%s', child)::pg_catalog.regclass, $condition$
      WHERE id IN (SELECT r.event_id FROM gqlsvl.retry r) OR (id NOT IN (SELECT d.id FROM gqlsvl.dead d)
        AND NOT EXISTS (SELECT FROM gqlsvl.invocation i WHERE i.event_id OPERATOR(pg_catalog.=) id))$condition$);
  END LOOP;
END
$$;
