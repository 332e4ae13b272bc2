-- Cron triggers: events at the times of a schedule. The work is in src/events/cron_*.cpp.
CREATE FUNCTION gqlsvl.create_cron_trigger(
  name text, webhook text, schedule text, payload json DEFAULT NULL,
  headers jsonb DEFAULT '{}',
  num_retries integer DEFAULT 20, retry_interval interval DEFAULT '10 s', backoff double precision DEFAULT 2, max_interval interval DEFAULT '6 h',
  give_up_on integer[] DEFAULT '{}',
  timeout interval DEFAULT '60 s',
  max_in_flight integer DEFAULT 20,
  signing_secret text DEFAULT NULL,
  transform regprocedure DEFAULT NULL,
  invocation_type text DEFAULT 'RequestResponse',
  tolerance interval DEFAULT '6 h',
  time_zone text DEFAULT 'UTC',
  comment text DEFAULT NULL,
  replace boolean DEFAULT false) RETURNS integer
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_create_cron_trigger';
COMMENT ON FUNCTION gqlsvl.create_cron_trigger(text, text, text, json, jsonb, integer, interval, double precision, interval, integer[], interval, integer, text,
  regprocedure, text, interval, text, text, boolean) IS
$$Sends a request to a webhook or Lambda function at each time of a schedule, at least once. Returns the trigger's number.
schedule: minute (0-59), hour (0-23), day of month (1-31, L or $: the last), month (1-12, JAN-DEC), day of week (0-7, SUN-SAT; 0 and 7 are Sunday), separated by blanks. A field is a list of *, N, N-M, */STEP or N-M/STEP. Or @yearly, @monthly, @weekly, @daily, @hourly. When neither day field begins with *, one of the two is enough; else both must hold.
time_zone: a name such as Europe/Berlin. When the clock is changed, a time that is skipped is run as much later as the clock was moved on (02:30 becomes 03:30), one that comes twice is run the first time; if the hour begins with *, the schedule follows the clock as it goes: every 15 minutes stays every 15 minutes.
tolerance: a run that could not be sent in time is sent late, but not later than this. Of a downtime each missed run is sent, in order; older ones are skipped and counted in gqlsvl.stat_cron.
payload, comment: go into the body: id, name, scheduled_time, payload, comment, as in Hasura v2. The other options are those of gqlsvl.create_trigger. replace: change the cron trigger of that name if there is one.
The next run is in gqlsvl.event_log, as soon as the one before is due; gqlsvl.cancel_event leaves it out. gqlsvl.pause_trigger, resume_trigger, drop_trigger and export_triggers work as for other triggers; runs of a paused one wait for the time of the tolerance.
Needs membership in gqlsvl_event_admin. Errors: 22023 a bad value, a schedule that never occurs or names the field that is wrong; 42501 not allowed; 42710 name taken; 42809 the name is another kind of trigger's.
Example: SELECT gqlsvl.create_cron_trigger('report', 'https://shop.example/report', '30 6 * * MON-FRI', '{"kind": "daily"}', time_zone => 'Europe/Berlin');$$;

CREATE FUNCTION gqlsvl.alter_cron_trigger(
  name text, webhook text DEFAULT NULL, schedule text DEFAULT NULL, payload json DEFAULT NULL, headers jsonb DEFAULT NULL, num_retries integer DEFAULT NULL,
  retry_interval interval DEFAULT NULL, backoff double precision DEFAULT NULL, max_interval interval DEFAULT NULL, give_up_on integer[] DEFAULT NULL,
  timeout interval DEFAULT NULL, max_in_flight integer DEFAULT NULL, signing_secret text DEFAULT NULL, transform regprocedure DEFAULT NULL,
  invocation_type text DEFAULT NULL, tolerance interval DEFAULT NULL, time_zone text DEFAULT NULL, comment text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_alter_cron_trigger';
COMMENT ON FUNCTION gqlsvl.alter_cron_trigger(text, text, text, json, jsonb, integer, interval, double precision, interval, integer[], interval, integer, text,
  regprocedure, text, interval, text, text) IS
$$Changes the options given and keeps the others; they are those of gqlsvl.create_cron_trigger. signing_secret, comment: '' takes it away, transform: '-', payload: 'null'.
A new schedule, time zone, payload or comment takes the place of the next run, whose event goes to gqlsvl.dead as "rescheduled". A run that is due is still sent. The caller becomes the trigger's owner.
Needs membership in gqlsvl_event_admin and the rights of the role that made it. Errors: as gqlsvl.create_cron_trigger; 42704 no such trigger.
Example: SELECT gqlsvl.alter_cron_trigger('report', schedule => '0 7 * * MON-FRI');$$;

CREATE FUNCTION gqlsvl.cron_times(schedule text, time_zone text DEFAULT 'UTC', count integer DEFAULT 5, "after" timestamptz DEFAULT pg_catalog.now())
  RETURNS timestamptz[] LANGUAGE c STRICT STABLE AS 'MODULE_PATHNAME', 'gqlsvl_cron_times';
COMMENT ON FUNCTION gqlsvl.cron_times(text, text, integer, timestamptz) IS
$$The next times of a schedule: to try one before gqlsvl.create_cron_trigger.
count: 1 to 1000. Errors: 22023 a bad value. Example: SELECT unnest(gqlsvl.cron_times('30 2 * * SUN', 'Europe/Berlin'));$$;

CREATE FUNCTION gqlsvl.schedule_cron_runs() RETURNS bigint LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_schedule_cron_runs';
COMMENT ON FUNCTION gqlsvl.schedule_cron_runs() IS
$$Makes the events of runs that are due next; not for direct use: the delivery worker that owns the first shard calls it. Returns in how many milliseconds it is needed again; NULL: never, there is no cron trigger.$$;
REVOKE ALL ON FUNCTION gqlsvl.schedule_cron_runs() FROM PUBLIC;

CREATE VIEW gqlsvl.stat_cron WITH (security_barrier) AS
SELECT t.name AS trigger, s.schedule, s.time_zone, s.tolerance, t.paused,
  CASE WHEN s.scheduled_until OPERATOR(pg_catalog.>) pg_catalog.now() THEN s.scheduled_until END AS next_run, i.last_attempt, i.last_status, s.skipped
FROM gqlsvl.cron_schedule AS s JOIN gqlsvl.trigger AS t ON t.id OPERATOR(pg_catalog.=) s.trigger_id
LEFT JOIN LATERAL (
  SELECT v.at AS last_attempt, v.status::integer AS last_status FROM gqlsvl.event AS e JOIN gqlsvl.invocation AS v ON v.event_id OPERATOR(pg_catalog.=) e.id
  WHERE e.trigger_id OPERATOR(pg_catalog.=) t.id ORDER BY v.at DESC LIMIT 1) AS i ON true
WHERE t.dropped_at IS NULL AND gqlsvl.may_see(t.owner);
COMMENT ON VIEW gqlsvl.stat_cron IS
$$The cron triggers: next_run (NULL: the one that is due is being scheduled, or the trigger is paused), the last attempt and its HTTP status, how many runs were skipped because they were missed for longer than the tolerance.
Shows a trigger's owner his own. Example: SELECT trigger, next_run, skipped FROM gqlsvl.stat_cron;$$;
GRANT SELECT ON gqlsvl.stat_cron TO PUBLIC;
