-- What the options of create_trigger do to capture, and that changing most of them leaves the table alone.
BEGIN;
SELECT plan(38);
SET LOCAL client_min_messages = warning;
CREATE TABLE item (id int PRIMARY KEY, owner text, note text, j json);
CREATE TABLE log (line text);

CREATE FUNCTION captured(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ops text;
BEGIN
  SELECT string_agg(e.op::text, '' ORDER BY e.id) INTO ops FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = captured.name AND t.dropped_at IS NULL
    WHERE e.id > coalesce(nullif(current_setting('test.seen', true), ''), '0')::bigint;
  PERFORM set_config('test.seen', (SELECT coalesce(max(id), 0)::text FROM gqlsvl.event), true);
  RETURN coalesce(ops, '');
END $$;
CREATE FUNCTION last_event() RETURNS gqlsvl.event LANGUAGE sql AS $$SELECT * FROM gqlsvl.event ORDER BY id DESC LIMIT 1$$;
CREATE FUNCTION triggers_of(regclass) RETURNS oid[] LANGUAGE sql AS $$SELECT array_agg(oid ORDER BY oid) FROM pg_trigger WHERE tgrelid = $1 AND tgname LIKE '!gqlsvl%'$$;

-- condition
SELECT gqlsvl.create_trigger('c', 'item', 'http://127.0.0.1:9/', operations => '{UPDATE}', condition => 'NEW.note = ''paid'' AND OLD.note IS DISTINCT FROM NEW.note -- once');
INSERT INTO item VALUES (1, 'a', 'new'), (2, 'b', 'paid');
UPDATE item SET note = 'paid';
SELECT is(captured('c'), 'U', 'only the change that fulfils the condition is captured');
SELECT ok(pg_get_triggerdef(oid) LIKE '%WHEN (((new.note = ''paid''::text)%', 'the condition is the trigger''s own WHEN') FROM pg_trigger WHERE tgname LIKE '!gqlsvl%update' AND tgrelid = 'item'::regclass;
ALTER TABLE item RENAME COLUMN note TO state;
UPDATE item SET state = 'open';
UPDATE item SET state = 'paid';
SELECT is(captured('c'), 'UU', 'it follows a renamed column');
ALTER TABLE item RENAME COLUMN state TO note;
SELECT gqlsvl.create_trigger('c', 'item', 'http://127.0.0.1:9/', operations => '{INSERT}', condition => 'NEW.id > 100', replace => true);
INSERT INTO item VALUES (50), (101);
SELECT is(captured('c'), 'I', 'replace changes it');
SELECT gqlsvl.create_trigger('c', 'item', 'http://127.0.0.1:9/', operations => '{INSERT}', replace => true);
INSERT INTO item VALUES (51);
SELECT is(captured('c'), 'I', 'and takes it away');
SELECT gqlsvl.drop_trigger('c');

-- ordering
SELECT gqlsvl.create_trigger('o', 'item', 'http://127.0.0.1:9/', ordering_columns => '{owner}');
INSERT INTO item VALUES (201, 'x'), (202, 'x'), (203, 'y');
SELECT is((SELECT count(DISTINCT key_hash) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = 'o'), 2::bigint, 'ordering_columns: one lane for each of their values');
UPDATE item SET owner = 'y' WHERE id = 201;
SELECT is((last_event()).new_key_hash, (SELECT e.key_hash FROM gqlsvl.event e WHERE e.payload #>> '{data,new,id}' = '203' ORDER BY id DESC LIMIT 1),
  'a change of one joins both lanes');
UPDATE item SET note = 'z' WHERE id = 201;
SELECT is((last_event()).new_key_hash, NULL, 'a change of another column does not');
UPDATE item SET owner = NULL WHERE id = 201;
SELECT lives_ok($$UPDATE item SET owner = 'y' WHERE id = 201$$, 'they may be null');
SELECT captured('o');

-- Changes that need no lock on the table: its triggers stay as they are, and the next statement captures by the new definition.
CREATE TEMP TABLE was AS SELECT triggers_of('item') AS triggers;
SELECT gqlsvl.create_trigger('o', 'item', 'http://127.0.0.1:9/other', columns => '{note}', payload_columns => '{id}', ordering => 'none', num_retries => 3, replace => true);
SELECT is(triggers_of('item'), triggers, 'webhook, columns, payload_columns, ordering and retries leave the triggers alone') FROM was;
UPDATE item SET owner = 'q' WHERE id = 201;
SELECT is(captured('o'), '', 'columns: changed for the next statement');
UPDATE item SET note = 'q' WHERE id = 201;
SELECT is((last_event()).payload ->> 'data', '{"old":{"id":201},"new":{"id":201}}', 'payload_columns too');
SELECT is((last_event()).key_hash::bigint, (last_event()).id, 'and the ordering: no lane');
SELECT gqlsvl.create_trigger('o', 'item', 'http://127.0.0.1:9/other', operations => '{UPDATE}', columns => '{note}', replace => true);
SELECT isnt(triggers_of('item'), triggers, 'other operations need other triggers') FROM was;
INSERT INTO item VALUES (300);
SELECT captured('o');
INSERT INTO item VALUES (301);
SELECT is(captured('o'), '', 'and are captured or not at once');

-- A column that is renamed keeps its part. One that is dropped: rather an event too many than one lost.
SELECT gqlsvl.create_trigger('r', 'item', 'http://127.0.0.1:9/', operations => '{UPDATE}', columns => '{note}', payload_columns => '{id,note}', ordering_columns => '{id,note}');
UPDATE item SET owner = 'r' WHERE id = 300;
SELECT is(captured('r'), '', 'before: another column is not listened to');
CREATE ROLE options_owner;
ALTER TABLE item OWNER TO options_owner;
SET LOCAL ROLE options_owner;
ALTER TABLE IF EXISTS absent RENAME COLUMN note TO remark;
ALTER TABLE item RENAME COLUMN note TO "Remark, new";
RESET ROLE;
UPDATE item SET owner = 's' WHERE id = 300;
SELECT is(captured('r'), '', 'after a rename another column is still not listened to');
UPDATE item SET "Remark, new" = 'r' WHERE id = 300;
SELECT is((last_event()).payload #>> '{data,new}', '{"id":300,"Remark, new":"r"}', 'the renamed one is, and is in the payload by its new name');
SELECT isnt((last_event()).new_key_hash, NULL, 'and orders');
SELECT is(captured('r'), 'U', 'one event');
ALTER TABLE item DROP COLUMN "Remark, new";
UPDATE item SET owner = 't' WHERE id = 300;
SELECT is(captured('r'), 'U', 'after it was dropped each change is an event');
SELECT is((last_event()).payload #>> '{data,new}', '{"id":300}', 'its place in the payload is gone');
UPDATE item SET owner = 'u' WHERE id = 300;
SELECT is((SELECT count(DISTINCT e.key_hash) FROM (SELECT e.key_hash FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = 'r' ORDER BY e.id DESC LIMIT 2) e), 1::bigint, 'the primary key orders');
SELECT is((SELECT message FROM gqlsvl.check() WHERE name = 'columns' AND message LIKE '%"r"%'), 'event trigger "r" names columns of public.item that were dropped: Remark, new', 'check() says so');
SELECT gqlsvl.drop_trigger('r');
SELECT gqlsvl.drop_trigger('o');

-- fire_on_replica
SELECT gqlsvl.create_trigger('f', 'item', 'http://127.0.0.1:9/', fire_on_replica => true);
SELECT captured('f');
SET LOCAL session_replication_role = replica;
INSERT INTO item (id) VALUES (400);
SET LOCAL session_replication_role = origin;
SELECT is(captured('f'), 'I', 'fire_on_replica: changes applied by replication are captured');
SELECT gqlsvl.create_trigger('f', 'item', 'http://127.0.0.1:9/', replace => true);
SET LOCAL session_replication_role = replica;
INSERT INTO item (id) VALUES (401);
SET LOCAL session_replication_role = origin;
SELECT is(captured('f'), '', 'without it they are not');
INSERT INTO item (id) VALUES (402);
SELECT is(captured('f'), 'I', 'others are');

-- A table that has a capture trigger but no definition stays writable.
DELETE FROM gqlsvl.trigger WHERE name = 'f';
SELECT lives_ok($$INSERT INTO item (id) VALUES (403)$$, 'a definition that is missing fails no writer');
-- Partitions: the definition is that of the partitioned table.
CREATE TABLE spread (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE spread_a PARTITION OF spread FOR VALUES IN ('a');
SELECT gqlsvl.create_trigger('s', 'spread', 'http://127.0.0.1:9/', condition => 'NEW.id > 1', operations => '{INSERT}', fire_on_replica => true);
SELECT captured('s');
INSERT INTO spread VALUES (1, 'a'), (2, 'a');
SELECT is(captured('s'), 'I', 'a partition is captured by the condition of its parent');
SET LOCAL session_replication_role = replica;
INSERT INTO spread_a VALUES (3, 'a');
SET LOCAL session_replication_role = origin;
SELECT is(captured('s'), 'I', 'and by its fire_on_replica');
CREATE TABLE spread_b (region text, extra int, id int NOT NULL);
ALTER TABLE spread_b DROP COLUMN extra;
ALTER TABLE spread_b ALTER region SET NOT NULL;
ALTER TABLE spread ATTACH PARTITION spread_b FOR VALUES IN ('b');
INSERT INTO spread VALUES (4, 'b');
SELECT is((last_event()).payload #>> '{data,new}', '{"region":"b","id":4}', 'a partition attached later is captured, with columns in its order');
SELECT gqlsvl.create_trigger('s_b', 'spread_b', 'http://127.0.0.1:9/', operations => '{INSERT}', payload_columns => '{region}');
ALTER TABLE spread RENAME COLUMN region TO area;
INSERT INTO spread VALUES (6, 'b');
SELECT is((SELECT e.payload #>> '{data,new}' FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = 's_b'), '{"area":"b"}', 'a rename in the table above counts for the trigger of a partition');
ALTER TABLE spread RENAME COLUMN area TO region;
SELECT gqlsvl.drop_trigger('s_b');
ALTER TABLE spread DETACH PARTITION spread_b;
SELECT captured('s');
INSERT INTO spread_b VALUES ('b', 5);
SELECT is(captured('s'), '', 'a detached one is not');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'spread_b'::regclass AND tgname LIKE '!gqlsvl%'), 0::bigint, 'its triggers are gone');
-- TRUNCATE
CREATE TABLE kept (id int PRIMARY KEY);
CREATE TABLE kept_part (id int REFERENCES kept);
SELECT gqlsvl.create_trigger('t', 'kept', 'http://127.0.0.1:9/', operations => '{DELETE,TRUNCATE}', condition => 'OLD.id > 1');
INSERT INTO kept VALUES (1), (2);
TRUNCATE kept CASCADE;
SELECT is(captured('t'), 'T', 'TRUNCATE: one event for the table, whatever the condition');
SELECT is((last_event()).payload ->> 'data', '{"old":null,"new":null}', 'without rows');
SELECT is((SELECT op FROM gqlsvl.event_log WHERE trigger = 't'), 'TRUNCATE', 'the log says so');
SELECT gqlsvl.alter_trigger('t', operations => '{TRUNCATE}');
SELECT is((SELECT string_agg(substring(tgname FROM '[a-z]+$'), ' ') FROM pg_trigger WHERE tgrelid = 'kept'::regclass AND NOT tgisinternal), 'truncate', 'alone it needs no other trigger');
SELECT gqlsvl.drop_trigger('t');
SELECT * FROM finish();
ROLLBACK;
