-- What becomes an event, and what its payload says: one for each committed row change, by whatever statement, equal to row_to_json.
BEGIN;
SELECT plan(27);
SET LOCAL client_min_messages = warning;
CREATE TABLE item (id int PRIMARY KEY, note text, j json, seen int);
CREATE TABLE part (id int PRIMARY KEY, item_id int REFERENCES item ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE spread (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE spread_a PARTITION OF spread FOR VALUES IN ('a');
CREATE TABLE spread_b PARTITION OF spread FOR VALUES IN ('b');
SELECT gqlsvl.create_trigger('item', 'item', 'http://127.0.0.1:9/', columns => '{id,note,j}');
SELECT gqlsvl.create_trigger('part', 'part', 'http://127.0.0.1:9/');
SELECT gqlsvl.create_trigger('spread', 'spread', 'http://127.0.0.1:9/');

-- The operations captured since the last call, in the order of their ids.
CREATE FUNCTION captured() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ops text;
BEGIN
  SELECT string_agg(op::text, '' ORDER BY id) INTO ops FROM gqlsvl.event WHERE id > current_setting('test.seen')::bigint;
  PERFORM set_config('test.seen', (SELECT coalesce(max(id), 0)::text FROM gqlsvl.event), true);
  RETURN coalesce(ops, '');
END $$;
SELECT set_config('test.seen', (SELECT coalesce(max(id), 0)::text FROM gqlsvl.event), true);

INSERT INTO item VALUES (1, 'a'), (2, 'b'), (3, 'c');
SELECT is(captured(), 'III', 'a multi-row INSERT gives one event per row');
INSERT INTO item VALUES (1, 'x'), (4, 'd') ON CONFLICT (id) DO UPDATE SET note = excluded.note;
SELECT is(captured(), 'UI', 'ON CONFLICT DO UPDATE gives the change that happened');
INSERT INTO item VALUES (1, 'y') ON CONFLICT DO NOTHING;
SELECT is(captured(), '', 'ON CONFLICT DO NOTHING gives none');
MERGE INTO item USING (VALUES (1), (9)) AS s (id) ON item.id = s.id
  WHEN MATCHED THEN UPDATE SET note = 'm' WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'n');
SELECT is(captured(), 'UI', 'MERGE is captured');
UPDATE item SET note = note;
SELECT is(captured(), '', 'an UPDATE that changes nothing gives none');
UPDATE item SET seen = 1;
SELECT is(captured(), '', 'an UPDATE of a column not listened to gives none');
UPDATE item SET note = NULL WHERE id = 1;
SELECT is(captured(), 'U', 'a change to NULL is a change');
UPDATE item SET j = '{"a":1}' WHERE id = 1;
SELECT is(captured(), 'U', 'a change from NULL is a change');
UPDATE item SET j = '{"a": 1}' WHERE id = 1;
SELECT is(captured(), 'U', 'json, which has no equality, is compared by bytes');
INSERT INTO part VALUES (10, 1), (11, 1);
SELECT captured();
UPDATE item SET id = 100 WHERE id = 1;
SELECT is(captured(), 'UUU', 'ON UPDATE CASCADE is captured');
SELECT isnt((SELECT new_key_hash FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name = 'item' ORDER BY e.id DESC LIMIT 1),
  NULL, 'a change of the key carries the hash of the new key');
DELETE FROM item WHERE id = 100;
SELECT is(captured(), 'DDD', 'ON DELETE CASCADE is captured');
SAVEPOINT undone;
INSERT INTO item VALUES (50, 'gone');
ROLLBACK TO undone;
SELECT is(captured(), '', 'ROLLBACK TO SAVEPOINT takes its events along');
DO $$
BEGIN
  INSERT INTO item VALUES (60, 'kept');
  BEGIN
    INSERT INTO item VALUES (61, 'gone');
    RAISE EXCEPTION 'undo';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
  INSERT INTO item VALUES (62, 'kept');
END $$;
SELECT is(captured(), 'II', 'an exception block takes its events along, and only its own');
INSERT INTO spread VALUES (1, 'a');
INSERT INTO spread_b VALUES (2, 'b');
SELECT is(captured(), 'II', 'a partitioned table is captured, also when a partition is written to');
UPDATE spread SET region = 'b' WHERE id = 1;
SELECT is(captured(), 'DI', 'a row that moves to another partition is a DELETE and an INSERT');
TRUNCATE part;
SELECT is(captured(), '', 'TRUNCATE gives none');
SET LOCAL session_replication_role = replica;
INSERT INTO item VALUES (70, 'replicated');
SET LOCAL session_replication_role = origin;
SELECT is(captured(), '', 'changes applied by replication give none');

-- The order of one row: the capture trigger runs before a user's trigger that changes the row again.
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE item SET note = new.note || '2' WHERE id = new.id; RETURN NULL; END$$;
CREATE TRIGGER again AFTER UPDATE ON item FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION again();
UPDATE item SET note = 'x' WHERE id = 2;
SELECT is((SELECT string_agg((payload #>> '{data,old,note}') || '>' || (payload #>> '{data,new,note}'), ' ' ORDER BY id)
  FROM gqlsvl.event WHERE id > current_setting('test.seen')::bigint), 'b>x x>x2', 'events of one row are in the order of its changes');
SELECT captured();
CREATE OR REPLACE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE item SET note = new.note || '2' WHERE id = new.id;
  RETURN NULL;
EXCEPTION WHEN division_by_zero THEN RETURN NULL;
END $$;
UPDATE item SET note = 'y' WHERE id IN (2, 3);
SELECT is((SELECT string_agg((payload #>> '{data,old,note}') || '>' || (payload #>> '{data,new,note}'), ' ' ORDER BY id)
  FROM gqlsvl.event WHERE id > current_setting('test.seen')::bigint), 'x2>y y>y2 c>y y>y2', 'also where the inner change, in a subtransaction, is written first');
SELECT captured();
DO $$ BEGIN
  FOR i IN 1..3000 LOOP
    BEGIN
      UPDATE item SET seen = i, note = 'z' || i WHERE id = 4;
      IF i % 3 = 0 THEN RAISE division_by_zero; END IF;
    EXCEPTION WHEN division_by_zero THEN NULL;
    END;
  END LOOP;
END $$;
DROP TRIGGER again ON item;
SELECT is((SELECT count(*) FROM (SELECT payload #>> '{data,old,note}' AS old, lag(payload #>> '{data,new,note}') OVER (ORDER BY id) AS before
    FROM gqlsvl.event WHERE id > current_setting('test.seen')::bigint AND payload #>> '{data,new,id}' = '4') e WHERE old <> before), 0::bigint,
  'in thousands of subtransactions, kept and undone, each event begins where the one before ended');
SELECT is(length(captured()), 4000, 'and none is missing: a change and its change again for each that was kept');

-- A writer with no right on gqlsvl's tables, under row security.
CREATE ROLE events_writer;
GRANT INSERT ON item TO events_writer;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY writes ON item FOR INSERT TO events_writer WITH CHECK (true);
SET LOCAL ROLE events_writer;
SET LOCAL "hasura.user" = '{"X-Hasura-Role": "writer", "x-hasura-user-id": 7, "other": 1}';
INSERT INTO item VALUES (80, 'by a writer');
RESET ROLE;
SELECT is(captured(), 'I', 'a writer without rights on gqlsvl is captured, also under row security');
SELECT is((SELECT payload ->> 'session_variables' FROM gqlsvl.event ORDER BY id DESC LIMIT 1),
  '{"x-hasura-role":"writer","x-hasura-user-id":"7"}', 'session variables: x-hasura-* in lower case, values as strings');

-- The payload equals row_to_json under the pinned formats, whatever the session has.
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE TABLE kinds (id int PRIMARY KEY, f8 float8, f4 float4, n numeric, b bool, t text, by bytea, d date, ts timestamp, tz timestamptz,
  iv interval, u uuid, j json, jb jsonb, ia int[], ta text[], p pair, pa pair[], dom positive, r int4range, tr tstzrange, i inet, m money, x xml, c char(5));
SELECT gqlsvl.create_trigger('kinds', 'kinds', 'http://127.0.0.1:9/');
SET LOCAL TimeZone = 'Asia/Kathmandu';
SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL bytea_output = 'escape';
SET LOCAL extra_float_digits = -5;
SET LOCAL DateStyle = 'German';
INSERT INTO kinds VALUES
  (1, 'NaN', 'Infinity', 'NaN', true, E'q"\\\b\f\n\r\t\u0001\u00e9', '\x00ff', 'infinity', '-infinity', '2024-02-29 12:00+02', '1 year 2 days 03:04:05.6',
   'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a" :1}', '{"a": 1.0}', '{{1,NULL},{3,4}}', ARRAY['a"b', NULL], (1, 'x"y'), ARRAY[(1, 'a')::pair], 5,
   '[1,5)', '[2024-01-01 00:00+00,)', '10.0.0.1/8', '1.5', '<a/>', 'ab');
INSERT INTO kinds (id, f8, n) VALUES (2, 0.1::float8 + 0.2, 1e30), (3, -1e-300, 0.00), (4, NULL, NULL);
SET LOCAL TimeZone = 'UTC';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL DateStyle = 'ISO, YMD';
SELECT results_eq(
  $$SELECT payload #>> '{data,new}' FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name = 'kinds' ORDER BY e.id$$,
  $$SELECT row_to_json(kinds)::text FROM kinds ORDER BY id$$, 'the payload equals row_to_json over all kinds of types');
CREATE TABLE few (id int PRIMARY KEY, secret text, shown text);
SELECT gqlsvl.create_trigger('few', 'few', 'http://127.0.0.1:9/', payload_columns => '{id,shown}');
INSERT INTO few VALUES (1, 's', 'v');
SELECT is((SELECT payload ->> 'data' FROM gqlsvl.event ORDER BY id DESC LIMIT 1), '{"old":null,"new":{"id":1,"shown":"v"}}',
  'payload_columns limits what leaves the database');
PREPARE bulk AS INSERT INTO few SELECT g, 's', 'v' FROM generate_series(2, 2501) g;
EXECUTE bulk;
SELECT is((SELECT count(*) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name = 'few'), 2501::bigint,
  'a statement larger than the buffer is captured whole');
SELECT * FROM finish();
ROLLBACK;
