-- Ways to change a row, and what can happen to a table: each ends as events say it should.
BEGIN;
SELECT plan(26);
SET LOCAL client_min_messages = warning;
CREATE TABLE item (id int PRIMARY KEY, note text);
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

-- Ways to write.
COPY item FROM PROGRAM 'printf "1\ta\n2\tb\n"';
SELECT is(captured(), 'I:1 I:2', 'COPY');
CREATE VIEW notes AS SELECT id, note FROM item WHERE id < 100;
INSERT INTO notes VALUES (3, 'c');
UPDATE notes SET note = 'C' WHERE id = 3;
DELETE FROM notes WHERE id = 3;
SELECT is(captured(), 'I:3 U:3 D:3', 'through an updatable view');
WITH gone AS (DELETE FROM item WHERE id = 2 RETURNING id), made AS (INSERT INTO item SELECT id + 10 FROM gone RETURNING id) SELECT count(*) FROM made;
SELECT is(captured(), 'D:2 I:12', 'statements inside WITH');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
CREATE TRIGGER refuse BEFORE INSERT ON item FOR EACH ROW WHEN (new.id = 13) EXECUTE FUNCTION refuse();
INSERT INTO item VALUES (13), (14);
SELECT is(captured(), 'I:14', 'a row that a BEFORE trigger refuses is none');
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN new.note := upper(new.note); RETURN new; END$$;
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION shout();
INSERT INTO item VALUES (15, 'low');
SELECT is((SELECT payload #>> '{data,new,note}' FROM gqlsvl.event ORDER BY id DESC LIMIT 1), 'LOW', 'what a BEFORE trigger made of the row is the row');
SELECT captured();
CREATE FUNCTION by_function(int) RETURNS void LANGUAGE sql AS 'UPDATE item SET note = ''f'' WHERE id = $1';
SELECT by_function(15);
SELECT is(captured(), 'U:15', 'by a function');
SELECT gqlsvl.resolve('mutation { update_item_by_pk(pk_columns: {id: 15}, _set: {note: "g"}) { id } }');
SELECT is(captured(), 'U:15', 'by GraphQL');
DECLARE rows CURSOR FOR SELECT * FROM item WHERE id = 15 FOR UPDATE;
FETCH rows;
UPDATE item SET note = 'cursor' WHERE CURRENT OF rows;
SELECT is(captured(), 'U:15', 'WHERE CURRENT OF');
CLOSE rows;

-- Foreign keys.
CREATE TABLE part (id int PRIMARY KEY, item_id int REFERENCES item ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE);
SELECT gqlsvl.create_trigger('part', 'part', 'http://127.0.0.1:9/');
INSERT INTO part VALUES (500, 15);
SELECT captured();
DELETE FROM item WHERE id = 15;
SELECT is(captured(), 'D:15 U:500', 'ON DELETE SET NULL');
SET CONSTRAINTS ALL IMMEDIATE;
TRUNCATE item CASCADE;
SELECT is(captured(), '', 'TRUNCATE, also by CASCADE from another table, makes none');

-- What happens to a table.
INSERT INTO item VALUES (20, 'x');
SELECT captured();
ALTER TABLE item RENAME TO goods;
UPDATE goods SET note = 'y';
SELECT is(captured(), 'U:20', 'a renamed table is captured');
CREATE SCHEMA "Ware House";
ALTER TABLE goods SET SCHEMA "Ware House";
UPDATE "Ware House".goods SET note = 'z';
SELECT is(captured(), 'U:20', 'one moved to another schema too');
SELECT is((SELECT DISTINCT "table"::text FROM gqlsvl.event_log WHERE trigger = 'item'), '"Ware House".goods', 'the log names it as it is called now');
SELECT lives_ok($$SELECT gqlsvl.alter_trigger('item', operations => '{INSERT,DELETE}')$$, 'its triggers can be made anew there');
DROP VIEW notes;
DROP TRIGGER shout ON "Ware House".goods;
DROP TRIGGER refuse ON "Ware House".goods;
ALTER TABLE "Ware House".goods ADD COLUMN more int DEFAULT 7, DROP COLUMN note, ALTER COLUMN id TYPE bigint;
INSERT INTO "Ware House".goods VALUES (21);
SELECT is((SELECT payload #>> '{data,new}' FROM gqlsvl.event ORDER BY id DESC LIMIT 1), '{"id":21,"more":7}', 'columns added, dropped and of another type');
SELECT captured();
PREPARE again AS INSERT INTO "Ware House".goods VALUES ($1);
EXECUTE again(22);
SELECT gqlsvl.alter_trigger('item', payload_columns => '{id}');
EXECUTE again(23);
SELECT is((SELECT payload #>> '{data,new}' FROM gqlsvl.event ORDER BY id DESC LIMIT 1), '{"id":23}', 'a prepared statement captures by the new definition');
SELECT captured();
DROP TABLE "Ware House".goods CASCADE;
SELECT is((SELECT count(*) > 0 FROM gqlsvl.event_log WHERE trigger = 'item' AND status = 'pending'), true, 'events of a dropped table stay to be delivered');
SELECT is((SELECT payload #>> '{data,new}' FROM gqlsvl.event_log WHERE trigger = 'item' AND payload #>> '{data,new,id}' = '23'), '{"id":23}', 'with their whole payload');

-- Kinds of tables.
CREATE UNLOGGED TABLE fast (id int PRIMARY KEY);
SELECT gqlsvl.create_trigger('fast', 'fast', 'http://127.0.0.1:9/');
INSERT INTO fast VALUES (30);
SELECT is(captured(), 'I:30', 'an unlogged table is captured');
CREATE TABLE parent (id int PRIMARY KEY);
SELECT gqlsvl.create_trigger('parent', 'parent', 'http://127.0.0.1:9/');
CREATE TABLE child () INHERITS (parent);
INSERT INTO child VALUES (40);
SELECT is(captured(), '', 'rows of a child by inheritance are its own: none');
SELECT throws_ok($$SELECT gqlsvl.alter_trigger('parent', num_retries => 1)$$, '42809', NULL, 'and a parent is refused from then on');
CREATE TABLE no_key (id int, n int);
SELECT gqlsvl.create_trigger('no_key', 'no_key', 'http://127.0.0.1:9/');
INSERT INTO no_key VALUES (50), (51);
SELECT is((SELECT count(DISTINCT key_hash) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id AND t.name = 'no_key'), 2::bigint, 'a table without a key has no lanes');
SELECT captured();
CREATE TABLE tree (id int, kind int, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
CREATE TABLE tree_1 PARTITION OF tree FOR VALUES IN (1) PARTITION BY RANGE (id);
CREATE TABLE tree_1_low PARTITION OF tree_1 FOR VALUES FROM (0) TO (100);
CREATE TABLE tree_rest PARTITION OF tree DEFAULT;
SELECT gqlsvl.create_trigger('tree', 'tree', 'http://127.0.0.1:9/');
INSERT INTO tree VALUES (60, 1), (61, 2);
UPDATE tree SET kind = 2 WHERE id = 60;
SELECT is(captured(), 'I:60 I:61 D:60 I:60', 'partitions of partitions; a row that moves is a DELETE and an INSERT');
SELECT is((SELECT DISTINCT "table"::text FROM gqlsvl.event_log WHERE trigger = 'tree'), 'tree', 'they report the partitioned table');
SELECT gqlsvl.create_trigger('leaf', 'tree_rest', 'http://127.0.0.1:9/');
INSERT INTO tree VALUES (62, 3);
SELECT is(captured(), 'I:62 I:62', 'a trigger on one partition beside that of the whole');
SELECT gqlsvl.drop_trigger('tree');
INSERT INTO tree VALUES (63, 3), (64, 1);
SELECT is(captured(), 'I:63', 'and without it');
SELECT * FROM finish();
ROLLBACK;
