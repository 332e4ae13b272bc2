-- What gqlsvl.schedule_event and cancel_event refuse: each error names what is wrong, and nothing is left behind.
\set VERBOSITY default
SELECT gqlsvl.schedule_event('ftp://example.org/', '1', now());
SELECT gqlsvl.schedule_event(NULL, '1', now());
SELECT gqlsvl.schedule_event('http://example.org/', '1', NULL);
SELECT gqlsvl.schedule_event('http://example.org/', '1', 'infinity');
SELECT gqlsvl.schedule_event('http://example.org/', '1', now(), num_retries => -1);
SELECT gqlsvl.schedule_event('http://example.org/', '1', now(), timeout => NULL);
SELECT gqlsvl.schedule_event('http://example.org/', '1', now(), headers => '[1]');
SELECT gqlsvl.cancel_event('00000000-0000-8000-8000-000000000001');
SELECT count(*) FROM gqlsvl.trigger WHERE dropped_at IS NULL;
SET client_min_messages = error;
CREATE ROLE events_scheduler;
CREATE ROLE events_other;
RESET client_min_messages;
SET ROLE events_scheduler;
SELECT gqlsvl.schedule_event('http://example.org/', '1', now());
RESET ROLE;
GRANT gqlsvl_event_admin TO events_scheduler, events_other;
-- equal options share a definition, of one owner
SET ROLE events_scheduler;
SELECT gqlsvl.schedule_event('http://example.org/', '{"n": 1}', '2100-01-01 00:00+00', comment => 'a "b"') AS event \gset
SELECT gqlsvl.schedule_event('http://example.org/', '2', '2100-01-01 00:00+00', retry_interval => '0.1 min', timeout => '1 minute') IS NOT NULL AS made;
SELECT gqlsvl.schedule_event('http://example.org/', '2', '2100-01-01 00:00+00', retry_interval => '6 s') IS NOT NULL AS made;
SELECT count(*), min(owner::text) AS owner, min(table_name::text) AS "table" FROM gqlsvl.trigger WHERE dropped_at IS NULL;
SELECT op, payload FROM gqlsvl.event_log WHERE uuid = :'event';
SELECT gqlsvl.export_triggers() IS NULL AS not_exported;
SET ROLE events_other;
SELECT count(*) FROM gqlsvl.trigger WHERE dropped_at IS NULL;
SELECT gqlsvl.cancel_event(:'event');
SELECT gqlsvl.schedule_event('http://example.org/', '2', '2100-01-01 00:00+00') IS NOT NULL AS made;
RESET ROLE;
SELECT count(*) FROM gqlsvl.trigger WHERE dropped_at IS NULL;
-- nothing of a transaction that is rolled back
BEGIN;
SELECT gqlsvl.schedule_event('http://example.org/gone', '1', now()) IS NOT NULL AS made;
ROLLBACK;
SELECT count(*) FROM gqlsvl.trigger WHERE dropped_at IS NULL;
SET client_min_messages = warning;
SELECT gqlsvl.drop_trigger(name) FROM gqlsvl.trigger WHERE dropped_at IS NULL;
REVOKE gqlsvl_event_admin FROM events_scheduler, events_other;
DROP ROLE events_scheduler, events_other;
