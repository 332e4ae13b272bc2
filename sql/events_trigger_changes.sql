-- alter_trigger changes what it is given and keeps the rest; export_triggers writes calls that make the same again.
\set VERBOSITY default
SET IntervalStyle = 'iso_8601'; -- the export does not depend on it
CREATE TABLE shop (id int PRIMARY KEY, kind text, note text);
CREATE TABLE "Odd ""Name""" (id int);
SELECT gqlsvl.create_trigger('plain', 'shop', 'http://example.org/') > 0 AS made;
SELECT gqlsvl.create_trigger('all', 'shop', 'lambda:work:live', operations => '{UPDATE}', columns => '{note,kind}', payload_columns => '{id}', condition => $$NEW.note <> 'it''s'$$,
  headers => '{"x-a": "b"}', num_retries => 3, retry_interval => '1 day 2 hours', backoff => 1.5, max_interval => '1 minute', timeout => '90 s', ordering => 'row',
  ordering_columns => '{kind}', max_in_flight => 7, invocation_type => 'Event', fire_on_replica => true) > 0 AS made;
SELECT gqlsvl.create_trigger('it''s odd', '"Odd ""Name"""', 'http://example.org/', ordering => 'none') > 0 AS made;
SELECT gqlsvl.export_triggers();
-- running the export again changes nothing
CREATE TEMP TABLE was AS SELECT array_agg(t ORDER BY t.id) AS definitions, (SELECT array_agg(oid ORDER BY oid) FROM pg_trigger WHERE tgname LIKE '!gqlsvl%') AS triggers FROM gqlsvl.trigger t;
SELECT gqlsvl.export_triggers() AS calls \gset
SET client_min_messages = warning;
\o /dev/null
:calls
\o
RESET client_min_messages;
SELECT array_agg(t ORDER BY t.id) = definitions AS same, (SELECT array_agg(oid ORDER BY oid) = triggers FROM pg_trigger WHERE tgname LIKE '!gqlsvl%') AS untouched
  FROM gqlsvl.trigger t, was GROUP BY definitions, triggers;
-- one option at a time
CREATE FUNCTION changed() RETURNS TABLE (option text, value text) LANGUAGE sql AS $$
  SELECT n.key, n.value FROM gqlsvl.trigger t, LATERAL jsonb_each_text(to_jsonb(t)) n, was w, LATERAL unnest(w.definitions) AS o, LATERAL jsonb_each_text(to_jsonb(o)) b
  WHERE t.name = 'all' AND t.dropped_at IS NULL AND (to_jsonb(o) ->> 'id')::int = t.id AND b.key = n.key AND n.value IS DISTINCT FROM b.value ORDER BY 1 $$;
SELECT gqlsvl.alter_trigger('all', num_retries => 5);
SELECT * FROM changed();
SELECT gqlsvl.alter_trigger('all', webhook => 'http://example.org/new', invocation_type => 'RequestResponse', headers => '{}');
SELECT * FROM changed();
SELECT (SELECT array_agg(oid ORDER BY oid) = triggers FROM pg_trigger WHERE tgname LIKE '!gqlsvl%') AS untouched FROM was;
SELECT gqlsvl.alter_trigger('all', columns => '{}', payload_columns => '{}', ordering_columns => '{}', condition => '');
SELECT * FROM changed();
SELECT pg_get_triggerdef(oid) LIKE '%WHEN%' AS conditional FROM pg_trigger WHERE tgrelid = 'shop'::regclass AND tgname LIKE '!gqlsvl%update' ORDER BY oid DESC LIMIT 1;
SELECT gqlsvl.alter_trigger('all', table_name => '"Odd ""Name"""', ordering => 'none');
SELECT tgrelid::regclass, count(*) FROM pg_trigger WHERE tgname LIKE '!gqlsvl%' GROUP BY tgrelid ORDER BY tgrelid::regclass::text COLLATE "C";
-- errors name the option, and leave what was
SELECT gqlsvl.alter_trigger('absent', num_retries => 5);
SELECT gqlsvl.alter_trigger(NULL, num_retries => 5);
SELECT gqlsvl.alter_trigger('all', num_retries => -5);
SELECT gqlsvl.alter_trigger('all', columns => '{absent}');
SELECT gqlsvl.alter_trigger('all', operations => '{}');
SELECT gqlsvl.alter_trigger('all', ordering => 'row');
SELECT gqlsvl.alter_trigger('all', webhook => 'ftp://example.org/');
SELECT gqlsvl.alter_trigger('all', rate_limit => -1);
SELECT num_retries, webhook, operations, ordering FROM gqlsvl.trigger WHERE name = 'all';
-- rights
SET client_min_messages = error;
CREATE ROLE events_other;
RESET client_min_messages;
GRANT gqlsvl_event_admin TO events_other;
SET ROLE events_other;
SELECT gqlsvl.alter_trigger('all', num_retries => 1);
SELECT gqlsvl.pause_trigger('all');
SELECT gqlsvl.resume_trigger('all');
SELECT gqlsvl.emit_event('all', '1');
SELECT gqlsvl.redeliver('all', '-infinity', 'infinity');
SELECT gqlsvl.export_triggers() IS NULL AS nothing;
RESET ROLE;
INSERT INTO shop VALUES (1);
SELECT gqlsvl.event_uuid(txid, id) AS event FROM gqlsvl.event ORDER BY id DESC LIMIT 1 \gset
SET ROLE events_other;
SELECT gqlsvl.redeliver(:'event');
RESET ROLE;
DROP ROLE events_other;
-- a trigger whose table is gone can be dropped, not altered
DROP TABLE "Odd ""Name""";
SELECT gqlsvl.alter_trigger('all', num_retries => 5);
SET client_min_messages = warning;
SELECT gqlsvl.drop_trigger(name) FROM gqlsvl.trigger WHERE dropped_at IS NULL ORDER BY name;
DROP FUNCTION changed;
DROP TABLE shop;
