-- Whoever watches a table hears of each commit that touched it, and of nothing that was rolled back. Commits: not inside BEGIN .. ROLLBACK.
CREATE FUNCTION signal_ready(deadline interval) RETURNS boolean LANGUAGE c AS '$libdir/gqlsvl_signal_test', 'gqlsvl_test_signal_ready';
CREATE FUNCTION signal_watch(oid[]) RETURNS bigint LANGUAGE c AS '$libdir/gqlsvl_signal_test', 'gqlsvl_test_signal_watch';
CREATE FUNCTION signal_stop() RETURNS void LANGUAGE c AS '$libdir/gqlsvl_signal_test', 'gqlsvl_test_signal_stop';
CREATE FUNCTION signal_dirty(oid[]) RETURNS text LANGUAGE c AS '$libdir/gqlsvl_signal_test', 'gqlsvl_test_signal_dirty';
CREATE FUNCTION signal_changed(oid[], bigint) RETURNS boolean LANGUAGE c AS '$libdir/gqlsvl_signal_test', 'gqlsvl_test_signal_changed';
CREATE FUNCTION signal_generation(before_invalidations boolean) RETURNS bigint LANGUAGE c AS '$libdir/gqlsvl_signal_test', 'gqlsvl_test_signal_generation';
CREATE FUNCTION dirty(VARIADIC regclass[]) RETURNS text LANGUAGE sql AS 'SELECT signal_dirty($1::oid[])';
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (parent_id int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE other (id int);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE leaf PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE TABLE heir () INHERITS (other);
CREATE MATERIALIZED VIEW summary AS SELECT count(*) FROM parent;

SELECT plan(24);
SELECT ok(signal_ready(deadline => '30 s'), 'the launcher finds the database');
SELECT ok(signal_watch(ARRAY['parent', 'child', 'other', 'parted', 'leaf', 'heir', 'summary']::regclass[]::oid[]) >= 0, 'watching');

INSERT INTO parent VALUES (1), (2), (3);
SELECT is(dirty('parent', 'child'), 'tf', 'an INSERT touches its table and no other');
SELECT is(dirty('parent', 'child'), 'ff', 'and is told once');
INSERT INTO child VALUES (1), (2);
SELECT is(dirty('parent', 'child'), 'ft', 'a foreign key that is only checked touches nothing');
DELETE FROM parent WHERE id = 1;
SELECT is(dirty('parent', 'child'), 'tt', 'a cascade touches both tables');
BEGIN;
INSERT INTO parent VALUES (9);
ROLLBACK;
SELECT is(dirty('parent'), 'f', 'what is rolled back is not told');
SELECT id FROM parent WHERE id = -1 FOR UPDATE;
SELECT is(dirty('parent'), 'f', 'reading is not told');
BEGIN;
INSERT INTO parent VALUES (10);
SELECT is(dirty('parent'), 'f', 'nothing is told before the commit');
COMMIT;
SELECT is(dirty('parent'), 't', 'but after it');
INSERT INTO parted VALUES (1);
SELECT is(dirty('parted', 'leaf'), 'tt', 'a row routed to a partition touches both');
INSERT INTO leaf VALUES (2);
SELECT is(dirty('parted', 'leaf'), 'tt', 'a row put into the partition itself too');
INSERT INTO heir VALUES (1);
SELECT is(dirty('other', 'heir', 'parent'), 'ttf', 'an inheriting table touches the one it inherits from');
COPY other FROM PROGRAM 'echo 5';
SELECT is(dirty('other', 'parent'), 'tf', 'COPY FROM touches its table');
TRUNCATE child;
SELECT is(dirty('child', 'parent'), 'tf', 'TRUNCATE touches its table');
REFRESH MATERIALIZED VIEW summary;
SELECT is(dirty('summary', 'child'), 'tf', 'REFRESH touches the view');
GRANT SELECT ON other TO PUBLIC;
SELECT is(dirty('child'), 'everything', 'a GRANT may change any result');
SELECT signal_generation(false) AS before \gset
REVOKE SELECT ON other FROM PUBLIC;
SELECT signal_generation(true) AS early, dirty('child') AS told \gset
SELECT is(:'early' || ' ' || :'told', :'before' || ' everything', 'it is told only when no session can see the rights of before any more');

-- A transaction that touches more than its fixed memory holds; nothing may be allocated at commit (an ERROR there is a PANIC).
DO $$ BEGIN FOR i IN 1..200 LOOP EXECUTE format('CREATE TABLE many_%s (id int)', i); END LOOP; END $$;
SELECT is(dirty('other'), 'everything', 'new tables are DDL');
DO $$ BEGIN FOR i IN 1..200 LOOP EXECUTE format('INSERT INTO many_%s VALUES (1)', i); END LOOP; END $$;
SELECT is(dirty('other'), 'everything', 'a transaction that touched more tables than are counted touched everything');
BEGIN;
INSERT INTO other VALUES (7);
PREPARE TRANSACTION 'elsewhere';
COMMIT PREPARED 'elsewhere';
SELECT is(dirty('child'), 'everything', 'what COMMIT PREPARED makes visible is not known');

SELECT signal_stop();
BEGIN;
INSERT INTO parent VALUES (20);
SELECT ok(signal_watch(ARRAY['parent'::regclass]::oid[]) >= 0, 'somebody subscribes while a writer is at work');
COMMIT;
SELECT is(dirty('parent'), 'everything', 'and hears of the commit');
SELECT signal_watch(ARRAY['other'::regclass]::oid[]) AS before \gset
INSERT INTO parent VALUES (21);
SELECT ok(signal_changed(ARRAY['parent'::regclass]::oid[], :before) AND NOT signal_changed(ARRAY['child'::regclass]::oid[], :before),
  'a commit between snapshot and watching is found by its generation');
SELECT signal_stop();
SELECT * FROM finish();
