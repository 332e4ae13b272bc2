-- What a database can do to a table beside plain statements (docs/capture.md): each change is captured once, as it happened, whoever made it.
BEGIN;
SELECT plan(28);
SET LOCAL client_min_messages = warning;
CREATE TABLE item (id int PRIMARY KEY, note text, n int DEFAULT 0);
SELECT gqlsvl.create_trigger('item', 'item', 'http://127.0.0.1:9/');
CREATE FUNCTION captured() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ops text;
BEGIN
  SELECT string_agg(op::text || ':' || coalesce(payload #>> '{data,new,id}', payload #>> '{data,old,id}'), ' ' ORDER BY id) INTO ops
    FROM gqlsvl.event WHERE id > coalesce(nullif(current_setting('test.seen', true), ''), '0')::bigint;
  PERFORM set_config('test.seen', (SELECT coalesce(max(id), 0)::text FROM gqlsvl.event), true);
  RETURN coalesce(ops, '');
END $$;

-- Views.
CREATE VIEW shown AS SELECT id, upper(note) AS note FROM item;
CREATE FUNCTION write_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'INSERT' THEN INSERT INTO item VALUES (new.id, lower(new.note));
  ELSIF tg_op = 'UPDATE' THEN UPDATE item SET note = lower(new.note) WHERE id = old.id;
  ELSE DELETE FROM item WHERE id = old.id; RETURN old; END IF;
  RETURN new;
END $$;
CREATE TRIGGER write_item INSTEAD OF INSERT OR UPDATE OR DELETE ON shown FOR EACH ROW EXECUTE FUNCTION write_item();
INSERT INTO shown VALUES (1, 'A'), (2, 'B');
UPDATE shown SET note = 'C' WHERE id = 1;
DELETE FROM shown WHERE id = 2;
SELECT is(captured(), 'I:1 I:2 U:1 D:2', 'a view with INSTEAD OF triggers: what they change');
CREATE RULE kept AS ON DELETE TO item DO INSTEAD UPDATE item SET note = 'kept' WHERE id = old.id;
DELETE FROM item;
SELECT is(captured(), 'U:1', 'a rule: the statement it puts in place');
DROP RULE kept ON item;

-- MERGE with all its actions, COPY with a condition, several in one statement.
INSERT INTO item VALUES (3, 'c'), (4, 'd');
SELECT captured();
MERGE INTO item USING (VALUES (3), (4), (5)) AS s (id) ON item.id = s.id
  WHEN MATCHED AND s.id = 3 THEN DELETE WHEN MATCHED THEN UPDATE SET note = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'n');
SELECT is(captured(), 'D:3 U:4 I:5', 'MERGE: each of its actions');
COPY item (id, note) FROM PROGRAM 'printf "6\ta\n7\tb\n"' WHERE id > 6;
SELECT is(captured(), 'I:7', 'COPY: the rows that its condition lets in');
WITH changed AS (UPDATE item SET note = 'w' WHERE id = 4 RETURNING id) INSERT INTO item SELECT id + 100, 'copy' FROM changed RETURNING id;
SELECT is(captured(), 'U:4 I:104', 'a statement that changes and inserts');

-- Row changes that other changes bring.
CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE item SET n = n + 1 WHERE id = new.id; RETURN NULL; END$$;
CREATE CONSTRAINT TRIGGER count_changes AFTER UPDATE OF note ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_changes();
UPDATE item SET note = 'deferred' WHERE id = 5;
SELECT is(captured(), 'U:5', 'a deferred constraint trigger: not before it runs');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is(captured(), 'U:5', 'its change when it does');
DROP TRIGGER count_changes ON item;
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
SELECT gqlsvl.create_trigger('tree', 'tree', 'http://127.0.0.1:9/');
INSERT INTO tree VALUES (201, NULL), (202, 201), (203, 202);
SELECT captured();
DELETE FROM tree WHERE id = 201;
SELECT is(captured(), 'D:201 D:202 D:203', 'a cascade within one table: parents before children');
CREATE FUNCTION also() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO item VALUES (new.id + 1000, 'also'); RETURN new; END$$;
CREATE TRIGGER also BEFORE INSERT ON item FOR EACH ROW WHEN (new.id < 1000) EXECUTE FUNCTION also();
INSERT INTO item VALUES (8, 'x');
SELECT is(captured(), 'I:1008 I:8', 'a BEFORE trigger that inserts another row: that row first');
DROP TRIGGER also ON item;

-- Whoever writes, by whatever plan.
CREATE ROLE cases_writer;
CREATE FUNCTION insert_for(int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'INSERT INTO item VALUES ($1)';
SET LOCAL ROLE cases_writer;
SELECT insert_for(9);
RESET ROLE;
SELECT is(captured(), 'I:9', 'a SECURITY DEFINER function, called by a role without rights');
GRANT SELECT, UPDATE, DELETE ON item TO cases_writer;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE item FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON item TO cases_writer USING (id < 9);
SET LOCAL ROLE cases_writer;
UPDATE item SET note = 'by policy' WHERE id >= 8;
DELETE FROM item WHERE id > 100;
RESET ROLE;
SELECT is(captured(), 'U:8', 'row security: the rows it lets be changed');
ALTER TABLE item DISABLE ROW LEVEL SECURITY;
ALTER TABLE item NO FORCE ROW LEVEL SECURITY;
SET LOCAL force_parallel_mode = on;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE TABLE source AS SELECT generate_series(301, 303) AS id;
INSERT INTO item SELECT max(id) FROM source;
UPDATE item SET note = 'p' WHERE id IN (SELECT id FROM source);
RESET force_parallel_mode;
SELECT is(captured(), 'I:303 U:303', 'rows that parallel workers found');
DECLARE walk CURSOR FOR SELECT id FROM item WHERE id IN (4, 5) ORDER BY id FOR UPDATE;
FETCH walk;
SAVEPOINT second;
FETCH walk;
DELETE FROM item WHERE CURRENT OF walk;
ROLLBACK TO second;
CLOSE walk;
UPDATE item SET note = 'after' WHERE id = 5;
SELECT is(captured(), 'U:5', 'WHERE CURRENT OF, undone to a savepoint: none');
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) INSERT INTO item VALUES (10);
SELECT is(captured(), 'I:10', 'EXPLAIN ANALYZE, which really inserts');
ALTER TABLE item DISABLE TRIGGER USER;
INSERT INTO item VALUES (11);
ALTER TABLE item ENABLE TRIGGER USER;
SELECT is(captured(), '', 'DISABLE TRIGGER USER: none, as asked for');

-- Partitions.
CREATE TABLE spread (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE spread_a PARTITION OF spread FOR VALUES IN ('a');
CREATE TABLE spread_b PARTITION OF spread FOR VALUES IN ('b');
SELECT gqlsvl.create_trigger('spread', 'spread', 'http://127.0.0.1:9/');
COPY spread FROM PROGRAM 'printf "401\ta\n402\tb\n"';
COPY spread_b FROM PROGRAM 'printf "403\tb\n"';
SELECT is(captured(), 'I:401 I:402 I:403', 'COPY into a partitioned table, and into a partition');
MERGE INTO spread USING (VALUES (401, 'b'), (404, 'a')) AS s (id, region) ON spread.id = s.id
  WHEN MATCHED THEN UPDATE SET region = s.region WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.region);
SELECT is(captured(), 'D:401 I:401 I:404', 'MERGE that moves a row to another partition');
INSERT INTO spread VALUES (404, 'a'), (405, 'b') ON CONFLICT (id, region) DO UPDATE SET id = excluded.id + 1;
SELECT is(captured(), 'U:405 I:405', 'ON CONFLICT in a partition');
INSERT INTO spread SELECT g, CASE g % 2 WHEN 0 THEN 'a' ELSE 'b' END FROM generate_series(5001, 7500) g;
SELECT is((SELECT count(*) FROM gqlsvl.event WHERE payload #>> '{data,new,region}' IS NOT NULL AND (payload #>> '{data,new,id}')::int > 5000), 2500::bigint,
  'more rows than the buffer holds, over several partitions');
SELECT captured();
DROP TABLE spread_a;
DELETE FROM spread WHERE id > 403;
SELECT matches(captured(), '^D:405', 'a dropped partition makes no events, those that stay do');
TRUNCATE spread;
SELECT is(captured(), '', 'TRUNCATE makes none where it is not among the operations');

-- Columns.
CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED);
SELECT gqlsvl.create_trigger('made', 'made', 'http://127.0.0.1:9/', columns => '{twice}');
INSERT INTO made (a) VALUES (7);
UPDATE made SET a = a;
UPDATE made SET a = 8;
SELECT is((SELECT payload ->> 'data' FROM gqlsvl.event ORDER BY id DESC LIMIT 1), '{"old":{"id":1,"a":7,"twice":14},"new":{"id":1,"a":8,"twice":16}}', 'a generated column is written and listened to');
SELECT is(captured(), 'I:1 U:1', 'and compared as it is stored');

-- A type that writes while it is written.
CREATE TYPE loud AS ENUM ('a');
CREATE TABLE noisy (id int PRIMARY KEY, v loud);
CREATE FUNCTION loud_json(loud) RETURNS json LANGUAGE plpgsql AS $$BEGIN INSERT INTO noisy VALUES (2, NULL); RETURN '"loud"'; END$$;
CREATE CAST (loud AS json) WITH FUNCTION loud_json(loud);
SELECT gqlsvl.create_trigger('noisy', 'noisy', 'http://127.0.0.1:9/');
SELECT throws_ok($$INSERT INTO noisy VALUES (1, 'a')$$, '55000', 'a change of a row cannot be captured while another one is written as JSON', 'a cast to json that changes the table itself is refused');
SELECT is(captured(), '', 'nothing of it stays');
INSERT INTO noisy VALUES (3, NULL);
SELECT is(captured(), 'I:3', 'and the next change is captured');

-- A statement of 200,000 rows, with some 200 MB of events: what the writer's backend holds of them stays small.
CREATE TABLE bulk (id int PRIMARY KEY, body text);
SELECT gqlsvl.create_trigger('bulk', 'bulk', 'http://127.0.0.1:9/', operations => '{INSERT}');
CREATE TABLE memory (kilobytes bigint);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
  INSERT INTO memory SELECT sum(total_bytes) / 1024 FROM pg_backend_memory_contexts WHERE name LIKE 'gqlsvl%'; RETURN NULL;
END$$;
CREATE TRIGGER look AFTER INSERT ON bulk FOR EACH ROW WHEN (new.id % 50000 = 0) EXECUTE FUNCTION look();
INSERT INTO bulk SELECT g, repeat('x', 1000) FROM generate_series(1, 200000) g;
SELECT is((SELECT count(*) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = 'bulk'), 200000::bigint, 'all rows of a large statement are captured');
SELECT ok(count(*) = 4 AND max(kilobytes) < 16384, 'and the backend never holds more than some megabytes of them: ' || string_agg(kilobytes || ' kB', ', ')) FROM memory;
SELECT * FROM finish();
ROLLBACK;
