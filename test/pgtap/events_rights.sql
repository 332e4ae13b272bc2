-- Who may define event triggers and who sees what they captured: payloads bypass column grants and row security, so only their owner.
BEGIN;
SELECT plan(41);
SET LOCAL client_min_messages = warning;
CREATE ROLE events_alice;
CREATE ROLE events_bob;
CREATE ROLE events_deputy IN ROLE events_alice;             -- has alice's rights
CREATE ROLE events_gateway NOINHERIT IN ROLE events_alice;  -- could only SET ROLE to her
CREATE ROLE events_clerk;
GRANT gqlsvl_event_admin TO events_alice, events_bob;
CREATE TABLE order_of_alice (id int PRIMARY KEY, card text);
CREATE TABLE order_of_bob (id int PRIMARY KEY, card text);
ALTER TABLE order_of_alice OWNER TO events_alice;
ALTER TABLE order_of_bob OWNER TO events_bob;
GRANT INSERT, SELECT (id) ON order_of_alice TO events_clerk;

SELECT is((SELECT string_agg(c.relname, ' ') FROM pg_class c WHERE c.relnamespace = 'gqlsvl'::regnamespace AND c.relkind IN ('r', 'S')
    AND has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')), NULL, 'PUBLIC has no right on any table of the store');
SELECT is((SELECT string_agg(c.relname, ' ') FROM pg_class c WHERE c.relnamespace = 'gqlsvl'::regnamespace AND c.relkind = 'v'
    AND c.relname IN ('event_log', 'invocation_log') AND NOT coalesce(c.reloptions @> '{security_barrier=true}', false)), NULL, 'the log views are security barriers');

SET LOCAL ROLE events_alice;
SELECT lives_ok($$SELECT gqlsvl.create_trigger('alices', 'order_of_alice', 'http://127.0.0.1:9/')$$, 'an owner who is event admin may create');
SELECT throws_ok($$SELECT gqlsvl.create_trigger('x', 'order_of_bob', 'http://127.0.0.1:9/')$$, '42501', NULL, 'not on a table of somebody else');
RESET ROLE;
SELECT id AS alices FROM gqlsvl.trigger WHERE name = 'alices' \gset
SET LOCAL ROLE events_bob;
SELECT lives_ok($$SELECT gqlsvl.create_trigger('bobs', 'order_of_bob', 'http://127.0.0.1:9/')$$, 'another owner has his own');
SELECT throws_ok($$SELECT gqlsvl.drop_trigger('alices')$$, '42501', NULL, 'nobody drops the trigger of somebody else');
SELECT throws_ok($$SELECT gqlsvl.create_trigger('alices', 'order_of_bob', 'http://127.0.0.1:9/', replace => true)$$, '42501', NULL,
  'nor takes its name over for his own table');
CREATE TRIGGER forged AFTER INSERT ON order_of_bob FOR EACH ROW EXECUTE FUNCTION gqlsvl.capture(:alices);
INSERT INTO order_of_bob VALUES (2, 'forged');
DROP TRIGGER forged ON order_of_bob;
SELECT throws_ok($$SELECT gqlsvl.capture()$$, '39P01', NULL, 'the capture function is not for direct calls');
SELECT is((SELECT string_agg(name, ' ') FROM gqlsvl.trigger), 'bobs', 'gqlsvl.trigger shows an event admin his own triggers');
SELECT throws_ok($$UPDATE gqlsvl.trigger SET webhook = 'http://127.0.0.1:9/bob'$$, '42501', NULL, 'and does not let him write');
INSERT INTO order_of_bob VALUES (1, '4111');

RESET ROLE;
SELECT is((SELECT count(*) FROM gqlsvl.event WHERE trigger_id = :alices), 0::bigint, 'a capture trigger of his own forges no event of somebody else');

-- A condition runs and is parsed with its author's rights.
CREATE TABLE ran_as (who text);
GRANT INSERT ON ran_as TO PUBLIC;
CREATE SCHEMA bobs AUTHORIZATION events_bob;
SET LOCAL ROLE events_bob;
SET LOCAL search_path = bobs, public;
CREATE FUNCTION bobs.note_who(int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.ran_as VALUES (current_user); RETURN true; END$$;
CREATE DOMAIN bobs.noting AS int CHECK (note_who(value));
CREATE TYPE bobs.pair AS (a bobs.noting);
SELECT lives_ok($$SELECT gqlsvl.create_trigger('conditioned', 'order_of_bob', 'http://127.0.0.1:9/', operations => '{INSERT}', condition => '(''(1)''::pair).a = NEW.id OR note_who(NEW.id)')$$,
  'a condition finds the types and functions of its author');
SET LOCAL search_path = public;
INSERT INTO order_of_bob VALUES (3, 'x');
SELECT gqlsvl.drop_trigger('conditioned');
RESET ROLE;
RESET search_path;
SELECT is((SELECT string_agg(DISTINCT who, ' ') FROM ran_as), 'events_bob', 'and never runs as somebody else');

-- What it calls runs with the rights of who writes, as in any trigger: not of the author, whose tables it would open, nor of the extension.
CREATE TABLE bobs.private (who text);
ALTER TABLE bobs.private OWNER TO events_bob;
SET LOCAL ROLE events_bob;
GRANT USAGE ON SCHEMA bobs TO PUBLIC;
GRANT INSERT ON order_of_bob TO events_clerk;
CREATE FUNCTION bobs.look_inside(int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN INSERT INTO bobs.private VALUES (current_user); RETURN true; END$$;
SELECT gqlsvl.create_trigger('looking', 'order_of_bob', 'http://127.0.0.1:9/', operations => '{INSERT}', condition => 'bobs.look_inside(NEW.id)');
SET LOCAL ROLE events_clerk;
SELECT throws_ok($$INSERT INTO order_of_bob VALUES (10, 'x')$$, '42501', 'permission denied for table private', 'a condition has no right that the writer lacks');
SET LOCAL ROLE events_bob;
SELECT gqlsvl.drop_trigger('looking');
RESET ROLE;

-- Types of a table's owner: their operators run as who writes.
CREATE SCHEMA odd AUTHORIZATION events_bob;
GRANT USAGE ON SCHEMA odd TO PUBLIC;
SET LOCAL ROLE events_bob;
CREATE TYPE odd.pair AS ENUM ('a');
CREATE FUNCTION odd.pair_json(odd.pair) RETURNS json LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.ran_as VALUES ('json ' || current_user); RETURN '1'; END$$;
CREATE CAST (odd.pair AS json) WITH FUNCTION odd.pair_json(odd.pair);
CREATE TABLE odd.item (id int PRIMARY KEY, p odd.pair);
GRANT INSERT ON odd.item TO events_clerk;
SELECT lives_ok($$SELECT gqlsvl.create_trigger('odd', 'odd.item', 'http://127.0.0.1:9/')$$, 'a table with a type of its owner');
SET LOCAL ROLE events_clerk;
INSERT INTO odd.item VALUES (1, 'a');
RESET ROLE;
SELECT is((SELECT string_agg(DISTINCT who, ' ') FROM ran_as WHERE who LIKE 'json%'), 'json events_clerk', 'its cast to json runs as the writer');

-- A table that changes hands.
CREATE TABLE given (id int PRIMARY KEY, card text);
ALTER TABLE given OWNER TO events_alice;
SET LOCAL ROLE events_alice;
SELECT gqlsvl.create_trigger('given', 'given', 'http://127.0.0.1:9/', headers => '{"authorization": "token of alice"}');
RESET ROLE;
ALTER TABLE given OWNER TO events_bob;
SET LOCAL ROLE events_alice;
SELECT throws_ok($$SELECT gqlsvl.alter_trigger('given', num_retries => 1)$$, '42501', 'must be owner of table given', 'the owner of before may not change the trigger');
SET LOCAL ROLE events_bob;
SELECT throws_ok($$SELECT gqlsvl.alter_trigger('given', num_retries => 1)$$, '42501', 'the options of this event trigger belong to the role that made it', 'the new one may not take its options over');
SELECT is((SELECT count(*) FROM gqlsvl.trigger WHERE headers::text LIKE '%alice%'), 0::bigint, 'nor see them');
SELECT lives_ok($$SELECT gqlsvl.pause_trigger('given')$$, 'but stop it');
SELECT lives_ok($$SELECT gqlsvl.create_trigger('given', 'given', 'http://127.0.0.1:9/mine', replace => true)$$, 'and put his own in its place');
SELECT is((SELECT headers::text FROM gqlsvl.trigger WHERE name = 'given'), '{}', 'which has nothing of the other');
SELECT gqlsvl.drop_trigger('given');
SELECT gqlsvl.drop_trigger('odd');
RESET ROLE;

-- A writer who may not read the card's column writes it.
SET LOCAL ROLE events_clerk;
SELECT lives_ok($$INSERT INTO order_of_alice VALUES (1, '4242')$$, 'a writer needs no right on gqlsvl');
SELECT throws_ok($$SELECT payload FROM gqlsvl.event$$, '42501', NULL, 'and has none: not on the events');
SELECT throws_ok($$SELECT payload FROM gqlsvl.event_0$$, '42501', NULL, 'not on their tables');
SELECT throws_ok($$SELECT * FROM gqlsvl.dead$$, '42501', NULL, 'not on the dead ones');
SELECT throws_ok($$SELECT * FROM gqlsvl.retry$$, '42501', NULL, 'not on retries');
SELECT throws_ok($$SELECT * FROM gqlsvl.checkpoint$$, '42501', NULL, 'not on checkpoints');
SELECT throws_ok($$SELECT * FROM gqlsvl.trigger$$, '42501', NULL, 'not on definitions, whose headers may hold a token');
SELECT throws_ok($$SELECT nextval('gqlsvl.event_id')$$, '42501', NULL, 'not on the numbers');
SELECT throws_ok($$SELECT gqlsvl.adopt(true)$$, '42501', NULL, 'nor may he adopt the database');
SELECT is((SELECT count(*) FROM gqlsvl.event_log), 0::bigint, 'the log shows him nothing');

SET LOCAL ROLE events_alice;
SELECT is((SELECT string_agg(trigger || (payload #>> '{data,new,card}'), ' ') FROM gqlsvl.event_log), 'alices4242', 'an owner sees the events of his triggers only');
SET LOCAL ROLE events_deputy;
SELECT is((SELECT count(*) FROM gqlsvl.event_log), 1::bigint, 'so does a role that has his rights');
SET LOCAL ROLE events_gateway;
SELECT is((SELECT count(*) FROM gqlsvl.event_log), 0::bigint, 'a role that could only SET ROLE to him does not');

-- A function in WHERE that is cheaper than the view's condition is not called with rows the caller may not see.
RESET ROLE;
CREATE TABLE leaked (what text);
GRANT INSERT, SELECT ON leaked TO events_bob;
CREATE FUNCTION leak(what text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$BEGIN INSERT INTO leaked VALUES (what); RETURN true; END$$;
SET LOCAL ROLE events_bob;
SELECT count(*) FROM gqlsvl.event_log WHERE leak(payload::text);
SELECT count(*) FROM gqlsvl.invocation_log WHERE leak(uuid::text);
SELECT count(*) FROM gqlsvl.trigger WHERE leak(webhook);
SELECT is((SELECT count(*) FROM leaked WHERE what LIKE '%4242%'), 0::bigint, 'a leaky function in WHERE sees no payload of somebody else');

-- What the caller's search_path finds first is not called with our rights.
RESET ROLE;
CREATE SCHEMA events_hostile AUTHORIZATION events_bob;
SET LOCAL ROLE events_bob;
CREATE FUNCTION events_hostile.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.leaked VALUES (current_user); RETURN false; END$$;
CREATE OPERATOR events_hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = events_hostile.same);
CREATE FUNCTION events_hostile.now() RETURNS timestamptz LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.leaked VALUES (current_user); RETURN '-infinity'; END$$;
SET LOCAL search_path = events_hostile, pg_catalog, public;
SELECT gqlsvl.create_trigger('bobs', 'order_of_bob', 'http://127.0.0.1:9/2', replace => true);
SELECT gqlsvl.drop_trigger('bobs');
SELECT count(*) FROM gqlsvl.event_log;
RESET search_path;
RESET ROLE;
SELECT is((SELECT count(*) FROM leaked WHERE what = session_user), 0::bigint, 'no operator or function of the caller''s search_path runs with our rights');

-- A trigger whose table is gone belongs to the role that made it.
DROP TABLE order_of_alice;
SET LOCAL ROLE events_bob;
SELECT throws_ok($$SELECT gqlsvl.drop_trigger('alices')$$, '42501', 'must be owner of the event trigger', 'another event admin may not drop it');
SET LOCAL ROLE events_alice;
SELECT is((SELECT count(*) FROM gqlsvl.event_log), 1::bigint, 'its events are still in its owner''s log');
SELECT lives_ok($$SELECT gqlsvl.drop_trigger('alices')$$, 'its owner may');
SELECT throws_ok($$SELECT gqlsvl.drop_trigger('alices')$$, '42704', NULL, 'once');
SELECT * FROM finish();
ROLLBACK;
