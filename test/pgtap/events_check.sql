-- gqlsvl.check() sees each promise of the event store that a superuser breaks by hand, and says nothing while they are kept.
SELECT plan(13);
CREATE TABLE item (id int PRIMARY KEY);
SELECT gqlsvl.create_trigger('t', 'item', 'http://127.0.0.1:9/hook', num_retries => 1000, retry_interval => '1 h', max_interval => '1 h');
SELECT gqlsvl.pause_trigger('t');
INSERT INTO item SELECT generate_series(1, 3);

CREATE FUNCTION found(wanted text) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(regexp_replace(c.message, '[0-9a-f]{8}-[-0-9a-f]+|[0-9]{4}-[-0-9:. +]+', 'N', 'g'), '; ' ORDER BY c.message) FROM gqlsvl.check() AS c WHERE c.name = wanted $$;
CREATE FUNCTION first_waits() RETURNS boolean LANGUAGE plpgsql AS
$$ BEGIN
  FOR i IN 1 .. 600 LOOP
    IF (SELECT count(*) = 3 FROM gqlsvl.retry) THEN RETURN true; END IF;
    PERFORM pg_sleep(0.05);
  END LOOP;
  RETURN false;
END $$;
SELECT ok(first_waits(), 'the events of the paused trigger wait');
SELECT is((SELECT string_agg(c.name || ': ' || c.message, '; ') FROM gqlsvl.store_checks() AS c), NULL, 'a healthy store gives no row');

BEGIN;
DELETE FROM gqlsvl.event WHERE id = (SELECT min(event_id) FROM gqlsvl.retry);
SELECT is(found('store_lost'), '1 events wait in gqlsvl.retry and are in no event table, the first is N', 'an event that was deleted is missed');
ROLLBACK;
BEGIN;
UPDATE gqlsvl.retry SET child = (child + 1) % 8 WHERE event_id = (SELECT min(event_id) FROM gqlsvl.retry);
SELECT is(found('store_place'), '1 events in gqlsvl.retry are in another table than it says, the first is N', 'an event elsewhere is seen');
ROLLBACK;
BEGIN;
INSERT INTO gqlsvl.dead SELECT e.*, t.name, t.table_schema, t.table_relname, t.owner, 1, 500, 'status 500' FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id LIMIT 1;
SELECT is(found('store_twice'), '1 events are both given up and to be sent again, the first is N', 'an event in two states is seen');
ROLLBACK;
BEGIN;
INSERT INTO gqlsvl.checkpoint (worker, trigger_id, n, shards, snap_from, snap_to, pos, pending)
  SELECT 0, 0, 1000000000, 65535, '4000000000:4000000000:', '4000000000:4000000000:', 0, '';
SELECT matches(found('store_position'), 'worker 0 is ahead of this cluster: it has seen transaction 4000000000', 'a position of another cluster is seen');
ROLLBACK;
BEGIN;
ALTER TABLE item DISABLE TRIGGER USER;
SELECT matches(found('trigger'), 'captures no INSERT on public.item: its trigger is disabled', 'a disabled trigger is seen');
ROLLBACK;
BEGIN;
SELECT format('ALTER TABLE item ENABLE REPLICA TRIGGER %I', tgname) FROM pg_trigger WHERE tgrelid = 'item'::regclass AND tgname LIKE '!gqlsvl%insert' \gexec
SELECT matches(found('trigger'), 'captures no INSERT on public.item: its trigger is disabled', 'so is one that fires on replicas only');
ROLLBACK;
BEGIN;
SELECT format('DROP TRIGGER %I ON item', tgname) FROM pg_trigger WHERE tgrelid = 'item'::regclass AND tgname LIKE '!gqlsvl%insert' \gexec
SELECT matches(found('trigger'), 'captures no INSERT on public.item: its trigger is gone', 'one that is defined and not in pg_trigger');
ROLLBACK;
BEGIN;
DELETE FROM gqlsvl.trigger;
SELECT matches(found('orphan'), 'on public.item belongs to no event trigger', 'and one that is in pg_trigger and not defined');
ROLLBACK;
BEGIN;
SELECT gqlsvl.set_secret('key', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
SELECT gqlsvl.alter_trigger('t', signing_secret => 'key');
DELETE FROM gqlsvl.secret_value;
SELECT is(found('secret'), 'secret "key" has no value', 'a secret that a dump left empty is seen');
DELETE FROM gqlsvl.secret;
SELECT is(found('secret'), 'event trigger "t" signs with secret "key", which does not exist', 'and one that is gone');
ROLLBACK;

-- Counted once the session has told its figures.
DELETE FROM gqlsvl.event WHERE id = (SELECT max(event_id) FROM gqlsvl.retry);
DELETE FROM gqlsvl.retry WHERE event_id = (SELECT max(event_id) FROM gqlsvl.retry);
SELECT pg_stat_force_next_flush();
SELECT matches(found('store_deleted'), '^[0-9]+ rows were deleted from gqlsvl.event_[0-7] by hand', 'a deleted row of an event table is counted');
SELECT * FROM finish();
