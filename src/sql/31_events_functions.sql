-- Definition of event triggers. The work is in src/events/definition*.cpp.
CREATE FUNCTION gqlsvl.capture() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'gqlsvl_capture';
COMMENT ON FUNCTION gqlsvl.capture() IS
$$The trigger function behind gqlsvl.create_trigger; not for direct use. Argument in pg_trigger: the number of the event trigger. On a table that is not that event trigger's it captures nothing.$$;
REVOKE ALL ON FUNCTION gqlsvl.capture() FROM PUBLIC;
-- create_trigger makes the triggers with the caller's own rights: his condition must not be parsed with ours.
GRANT EXECUTE ON FUNCTION gqlsvl.capture() TO gqlsvl_event_admin;

CREATE FUNCTION gqlsvl.create_trigger(
  name text, table_name regclass, webhook text,
  operations text[] DEFAULT '{INSERT,UPDATE,DELETE}',
  columns text[] DEFAULT NULL,
  payload_columns text[] DEFAULT NULL,
  condition text DEFAULT NULL,
  headers jsonb DEFAULT '{}',
  num_retries integer DEFAULT 20, retry_interval interval DEFAULT '10 s', backoff double precision DEFAULT 2, max_interval interval DEFAULT '6 h',
  give_up_on integer[] DEFAULT '{}',
  timeout interval DEFAULT '60 s',
  ordering text DEFAULT NULL, ordering_columns text[] DEFAULT NULL,
  max_in_flight integer DEFAULT 20, rate_limit double precision DEFAULT NULL, max_age interval DEFAULT NULL,
  signing_secret text DEFAULT NULL,
  transform regprocedure DEFAULT NULL,
  invocation_type text DEFAULT 'RequestResponse',
  fire_on_replica boolean DEFAULT false,
  replace boolean DEFAULT false) RETURNS integer
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_create_trigger';
COMMENT ON FUNCTION gqlsvl.create_trigger(text, regclass, text, text[], text[], text[], text, jsonb, integer, interval, double precision,
  interval, integer[], interval, text, text[], integer, double precision, interval, text, regprocedure, text, boolean, boolean) IS
$$Makes every committed change of a table's rows an event, sent to a webhook or a Lambda function at least once. Returns the trigger's number.
name: unique in the database. table_name: an ordinary or partitioned table, not temporary. webhook: http://..., https://..., arn:aws:lambda:..., or lambda:NAME[:QUALIFIER].
operations: of INSERT, UPDATE, DELETE, TRUNCATE (one event for the table, without rows; no condition applies). columns: an UPDATE is an event only if one of these changed (NULL: any). payload_columns: what old and new hold (NULL: all).
condition: a boolean expression over OLD and NEW, as after WHEN in CREATE TRIGGER; parsed once, with your search_path and rights.
headers: JSON object, sent with each request; a value is a string, {"from_env": "VARIABLE"} or {"secret": "name"}; with Lambda they are signed, and those that AWS needs (Authorization, X-Amz-Date, ...) are refused.
{{NAME}} in webhook and headers is filled in at delivery: from gqlsvl.set_secret, else from the server's environment. An owner who is no superuser reaches his own secrets, the variables of gqlsvl.env_allow and the functions of gqlsvl.lambda_allow.
signing_secret: name of a secret; each request to a webhook then carries webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks. The secret's value is "whsec_..." (24 to 64 bytes in base64), or several of them, newest first, while receivers change over. An answer 410 pauses such a trigger, whose event then waits with the others.
transform: f(event json) RETURNS json; gets the body below and returns {"url", "method", "headers", "body"}, or some of them; a header that is null is left out. It runs before each attempt as the trigger's owner, read-only, with search_path pg_catalog and at most 1 second, during which the worker sends nothing else. Its error is that attempt's failure.
num_retries: attempts after the first. A failed attempt is repeated after retry_interval * backoff^n, at most max_interval, less up to a tenth at random.
give_up_on: HTTP statuses after which an event is not tried again. timeout: of one request. ordering: 'row' sends the events of one primary key, or of equal ordering_columns, one after the other, 'none' all at once; NULL: 'row' if there is a key.
fire_on_replica: also capture what is written under session_replication_role = replica, as logical replication does.
max_in_flight: requests at the same time. rate_limit: requests per second, above 0, attempts after a failure included; after a pause a tenth of a second's worth, but at least one, goes at once. Each delivery worker keeps to its part (its sixteenths of the rows). NULL: none.
max_age: an event not delivered at that age becomes dead ("too old"), also while its receiver is not asked or an earlier event of its row is tried again; Retry-After delays none beyond it. It counts from the capture, or from gqlsvl.redeliver. A paused trigger keeps its events; those too old go when it is resumed. NULL: no limit.
invocation_type: for Lambda, RequestResponse or Event. replace: change the trigger of that name if there is one.
Needs the table's ownership and membership in gqlsvl_event_admin. Body of a request: id, created_at, trigger, table, event {op, data {old, new}, session_variables}, delivery_info, as in Hasura v2.
A new trigger waits for transactions that write the table, up to 10 seconds (or lock_timeout, if set); replace takes no lock unless operations, condition, fire_on_replica or the table change.
Errors: 22023 a bad value; 42501 not allowed; 42703 no such column; 42710 name taken; 42809 not a table; 55P03 the table is in use; 0A000 an option this version does not have.
Example: SELECT gqlsvl.create_trigger('order_placed', 'orders', 'https://shop.example/placed', operations => '{INSERT}');$$;

CREATE FUNCTION gqlsvl.drop_trigger(name text) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_drop_trigger';
COMMENT ON FUNCTION gqlsvl.drop_trigger(text) IS
$$Ends an event trigger. Its events that are not delivered by then go to gqlsvl.dead with a last_error that begins with "trigger dropped"; a NOTICE says how many.
A request in flight at that moment is finished and its answer counts. Waits up to 10 seconds (or lock_timeout, if set) for transactions that use the table.
Needs the table's ownership and membership in gqlsvl_event_admin. Errors: 42704 no such trigger; 42501 not allowed; 55P03 the table is in use. Example: SELECT gqlsvl.drop_trigger('order_placed');$$;

CREATE FUNCTION gqlsvl.alter_trigger(
  name text, table_name regclass DEFAULT NULL, webhook text DEFAULT NULL, operations text[] DEFAULT NULL, columns text[] DEFAULT NULL,
  payload_columns text[] DEFAULT NULL, condition text DEFAULT NULL, headers jsonb DEFAULT NULL, num_retries integer DEFAULT NULL,
  retry_interval interval DEFAULT NULL, backoff double precision DEFAULT NULL, max_interval interval DEFAULT NULL,
  give_up_on integer[] DEFAULT NULL, timeout interval DEFAULT NULL, ordering text DEFAULT NULL, ordering_columns text[] DEFAULT NULL,
  max_in_flight integer DEFAULT NULL, rate_limit double precision DEFAULT NULL, max_age interval DEFAULT NULL, signing_secret text DEFAULT NULL,
  transform regprocedure DEFAULT NULL, invocation_type text DEFAULT NULL, fire_on_replica boolean DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_alter_trigger';
COMMENT ON FUNCTION gqlsvl.alter_trigger(text, regclass, text, text[], text[], text[], text, jsonb, integer, interval, double precision,
  interval, integer[], interval, text, text[], integer, double precision, interval, text, regprocedure, text, boolean) IS
$$Changes the options given and keeps the others; they are those of gqlsvl.create_trigger. Pending events stay and are sent by the new definition.
columns, payload_columns, ordering_columns: '{}' takes the list away. condition, signing_secret: '' takes it away, transform: '-', rate_limit: 0, max_age: '0'.
Takes no lock on the table unless operations, condition, fire_on_replica or the table change. The caller becomes the trigger's owner.
Needs the table's ownership, the rights of the trigger's owner, whose options are kept, and membership in gqlsvl_event_admin. Renamed columns need no call: the definition follows.
Errors: as gqlsvl.create_trigger; 42704 no such trigger; 42501 not allowed.
Example: SELECT gqlsvl.alter_trigger('order_placed', webhook => 'https://shop.example/v2/placed', max_in_flight => 50);$$;

CREATE FUNCTION gqlsvl.pause_trigger(name text) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_pause_trigger';
COMMENT ON FUNCTION gqlsvl.pause_trigger(text) IS
$$Stops sending the events of a trigger; they are still captured and wait. A request in flight is finished. Takes effect at commit, without a lock on the table.
Needs the table's ownership and membership in gqlsvl_event_admin. Errors: 42704 no such trigger; 42501 not allowed. Example: SELECT gqlsvl.pause_trigger('order_placed');$$;

CREATE FUNCTION gqlsvl.resume_trigger(name text) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_resume_trigger';
COMMENT ON FUNCTION gqlsvl.resume_trigger(text) IS
$$Sends the events of a paused trigger again, those that waited first, in order per row; and those of rows that were parked because their events make themselves (gqlsvl.loop_limit). Nothing happens if there are none.
Needs the table's ownership and membership in gqlsvl_event_admin. Errors: 42704 no such trigger; 42501 not allowed. Example: SELECT gqlsvl.resume_trigger('order_placed');$$;

CREATE FUNCTION gqlsvl.emit_event(name text, payload json) RETURNS uuid LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_emit_event';
COMMENT ON FUNCTION gqlsvl.emit_event(text, json) IS
$$Makes an event of a trigger by hand and returns its id: op is MANUAL, event.data.old is null, event.data.new the payload. It is sent when the transaction commits.
Needs the table's ownership and membership in gqlsvl_event_admin. Errors: 42704 no such trigger; 42501 not allowed. Example: SELECT gqlsvl.emit_event('order_placed', '{"id": 7}');$$;

CREATE FUNCTION gqlsvl.redeliver(event uuid) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_redeliver';
COMMENT ON FUNCTION gqlsvl.redeliver(uuid) IS
$$Sends a delivered or dead event once more, with the payload first captured, the same id and all attempts ahead of it again (current_retry 0). Effect at commit.
event: gqlsvl.event_log.uuid. Needs the table's ownership and membership in gqlsvl_event_admin.
Errors: 42704 no such event; 55000 not finished yet, or its trigger was dropped; 42501 not allowed. Example: SELECT gqlsvl.redeliver(uuid) FROM gqlsvl.event_log WHERE status = 'dead';$$;

CREATE FUNCTION gqlsvl.redeliver(trigger text, "from" timestamptz, "to" timestamptz, status text DEFAULT 'dead') RETURNS bigint
  LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_redeliver_range';
COMMENT ON FUNCTION gqlsvl.redeliver(text, timestamptz, timestamptz, text) IS
$$Sends the events of a trigger once more that were captured at or after "from" and before "to" and have that status; returns how many. Those not finished are left alone: they are sent anyway, and a NOTICE says how many they are.
status: dead, delivered, or all: both. Needs the table's ownership and membership in gqlsvl_event_admin.
Errors: 22023 another status; 42704 no such trigger; 42501 not allowed. Example: SELECT gqlsvl.redeliver('order_placed', now() - interval '1 hour', 'infinity');$$;

CREATE FUNCTION gqlsvl.schedule_event(webhook text, payload json, at timestamptz, headers jsonb DEFAULT '{}', num_retries integer DEFAULT 20,
  retry_interval interval DEFAULT '10 s', backoff double precision DEFAULT 2, max_interval interval DEFAULT '6 h', timeout interval DEFAULT '60 s',
  comment text DEFAULT NULL) RETURNS uuid LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_schedule_event';
COMMENT ON FUNCTION gqlsvl.schedule_event(text, json, timestamptz, jsonb, integer, interval, double precision, interval, interval, text) IS
$$Sends a request to a webhook or Lambda function once at a time, and returns the event's id. A time that has passed means now. Effect when the transaction commits.
Body: id, created_at, scheduled_time, payload, and comment if there is one, as in Hasura v2. The other options are those of gqlsvl.create_trigger.
Events of the same owner, webhook and options belong to one event trigger without a table, named "@" and a hash: by that name they can be paused or dropped.
Needs membership in gqlsvl_event_admin. Errors: 22023 a bad value; 42501 not allowed. Example: SELECT gqlsvl.schedule_event('https://shop.example/remind', '{"order": 7}', now() + interval '1 day');$$;

CREATE FUNCTION gqlsvl.cancel_event(event uuid) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_cancel_event';
COMMENT ON FUNCTION gqlsvl.cancel_event(uuid) IS
$$Keeps a scheduled event from being sent. It is then in gqlsvl.dead with last_error "cancelled", from where gqlsvl.redeliver schedules it again.
event: what gqlsvl.schedule_event returned, or the next run of a cron trigger from gqlsvl.event_log. Needs membership in gqlsvl_event_admin and the rights of the role that scheduled it.
Works until the request is sent, and between two attempts. Errors: 42704 no such event; 55000 in flight, delivered, dead, or not a scheduled event; 42501 not allowed. Example: SELECT gqlsvl.cancel_event('00000000-02d9-8000-8000-0000000000b0');$$;

CREATE FUNCTION gqlsvl.export_triggers() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres' AS $$
  SELECT pg_catalog.string_agg(CASE WHEN s.trigger_id IS NULL
      THEN pg_catalog.format('SELECT gqlsvl.create_trigger(%L, %L, %L, operations => %L', t.name, t.table_name::pg_catalog.text, t.webhook, t.operations)
      ELSE pg_catalog.format('SELECT gqlsvl.create_cron_trigger(%L, %L, %L', t.name, t.webhook, s.schedule) END
    OPERATOR(pg_catalog.||) pg_catalog.concat(options.list, ', replace => true);'), E'\n' ORDER BY t.name)
  FROM gqlsvl.trigger t LEFT JOIN gqlsvl.cron_schedule s ON s.trigger_id OPERATOR(pg_catalog.=) t.id, LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.format(', %s => %L', o.name, o.value), '' ORDER BY o.place) AS list FROM (VALUES
      (1, 'columns', t.columns::pg_catalog.text, NULL), (2, 'payload_columns', t.payload_columns::pg_catalog.text, NULL),
      (3, 'condition', t.condition, NULL), (4, 'headers', t.headers::pg_catalog.text, '{}'), (5, 'num_retries', t.num_retries::pg_catalog.text, '20'),
      (6, 'retry_interval', t.retry_interval::pg_catalog.text, '00:00:10'), (7, 'backoff', t.backoff::pg_catalog.text, '2'),
      (8, 'max_interval', t.max_interval::pg_catalog.text, '06:00:00'), (9, 'timeout', t.timeout::pg_catalog.text, '00:01:00'),
      (10, 'ordering', CASE WHEN s.trigger_id IS NULL THEN t.ordering END, NULL), (11, 'ordering_columns', t.ordering_columns::pg_catalog.text, NULL),
      (12, 'max_in_flight', t.max_in_flight::pg_catalog.text, '20'), (13, 'invocation_type', t.invocation_type, 'RequestResponse'),
      (14, 'fire_on_replica', t.fire_on_replica::pg_catalog.text, 'false'), (15, 'signing_secret', t.signing_secret, NULL), (16, 'transform', t.transform, NULL),
      (17, 'give_up_on', t.give_up_on::pg_catalog.text, '{}'),
      (18, 'rate_limit', t.rate_limit::pg_catalog.text, NULL), (19, 'max_age', t.max_age::pg_catalog.text, NULL),
      (20, 'payload', s.payload::pg_catalog.text, NULL), (21, 'tolerance', s.tolerance::pg_catalog.text, '06:00:00'), (22, 'time_zone', s.time_zone, 'UTC'),
      (23, 'comment', s.comment, NULL)) AS o (place, name, value, usual)
    WHERE o.value IS NOT NULL AND o.value IS DISTINCT FROM o.usual) options
  WHERE t.dropped_at IS NULL AND (s.trigger_id IS NOT NULL OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) t.table_name))
$$;
COMMENT ON FUNCTION gqlsvl.export_triggers() IS
$$The caller's event triggers as calls of gqlsvl.create_trigger and gqlsvl.create_cron_trigger, one a line, for version control: running them again changes nothing. Options at their default are left out; NULL if there are none; one whose table is gone is left out.
Example: psql -Atc 'SELECT gqlsvl.export_triggers()' > triggers.sql$$;
REVOKE ALL ON FUNCTION gqlsvl.export_triggers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gqlsvl.export_triggers() TO gqlsvl_event_admin;

CREATE FUNCTION gqlsvl.adopt(deliver boolean) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO gqlsvl.control (system_identifier, database_oid, database_name, deliver)
    SELECT c.system_identifier, d.oid, d.datname, $1
    FROM pg_catalog.pg_control_system() c, pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
  ON CONFLICT (only_row) DO UPDATE SET system_identifier = excluded.system_identifier, database_oid = excluded.database_oid,
    database_name = excluded.database_name, deliver = excluded.deliver
$$;
COMMENT ON FUNCTION gqlsvl.adopt(boolean) IS
$$Says that this database, restored or copied from another one, is now the one that its events belong to.
deliver: true sends events from now on, the undelivered ones of the original included; false keeps delivery held. Takes effect within a second.
Only for gqlsvl_event_admin. Example: SELECT gqlsvl.adopt(deliver => true);$$;
REVOKE ALL ON FUNCTION gqlsvl.adopt(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gqlsvl.adopt(boolean) TO gqlsvl_event_admin;
