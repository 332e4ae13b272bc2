-- A document is compiled and planned once in a session and its plan kept; the number kept is bounded; a change of the schema replaces plans, not adds.
\set VERBOSITY terse
CREATE SCHEMA plans;
SET gqlsvl.schemas = 'plans';
CREATE TABLE plans.item (id int PRIMARY KEY, name text);
INSERT INTO plans.item VALUES (1, 'one'), (2, 'two');
-- Kept plans over plans.item, by the text that Postgres keeps with each.
CREATE FUNCTION pg_temp.kept() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%"plans"."item"%' $$;
CREATE FUNCTION pg_temp.ask(id int) RETURNS json LANGUAGE sql AS
$$ SELECT gqlsvl.resolve('query($id: Int!) { plans_item_by_pk(id: $id) { name } }', json_build_object('id', id)) $$;

\echo -- one plan, whatever the variables
SELECT pg_temp.ask(n) FROM generate_series(1, 3) n;
SELECT pg_temp.kept();
\echo -- another document, another plan; another operation of a document too
SELECT gqlsvl.resolve('query A { plans_item { id } } query B { plans_item { name } }', '{}', op) FROM unnest('{A,B,A,B}'::text[]) op;
SELECT pg_temp.kept();
\echo -- after DDL a document that is asked again gets a new plan in place of its old one; a new document is one more
ALTER TABLE plans.item ADD COLUMN more int DEFAULT 7;
SELECT gqlsvl.resolve('query($id: Int!) { plans_item_by_pk(id: $id) { name more } }', '{"id": 2}');
SELECT pg_temp.ask(2), pg_temp.kept();
\echo -- no more than gqlsvl.plan_cache_size, the latest ones
SET gqlsvl.plan_cache_size = 10;
SELECT count(gqlsvl.resolve(format('{ plans_item(limit: %s) { id } }', n))) FROM generate_series(1, 40) n;
SELECT pg_temp.kept() <= 10 AS bounded;

RESET gqlsvl.plan_cache_size;
DROP SCHEMA plans CASCADE;
