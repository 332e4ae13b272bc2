-- Hostile sizes: each is refused with a clear error, or answered, in bounded time and memory. The time limit is a deadline, not a measure.
-- Dialect: D9-bounds
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET statement_timeout = '60s';
CREATE SCHEMA limits;
SET gqlsvl.schemas = limits;
CREATE TABLE limits.item (id int PRIMARY KEY, parent int REFERENCES limits.item, other int REFERENCES limits.item, meta jsonb, tags text[]);
INSERT INTO limits.item (id) SELECT n FROM generate_series(1, 3) AS n;
-- The first error, and whether the answer stayed small.
CREATE FUNCTION pg_temp.answer(query text, variables json DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT COALESCE(r #>> '{errors,0,message}', left(r::text, 100)) || CASE WHEN length(r::text) > 20000 THEN ' (long)' ELSE '' END
  FROM gqlsvl.resolve(query, variables) AS r
$$;
SELECT pg_temp.answer('{ limits_item { id } }');
CREATE TEMP TABLE memory AS SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::int AS before_kb;
-- Depth: of selections, of values, of types, through fragments.
SELECT pg_temp.answer(repeat('{a', 100000));
SELECT pg_temp.answer('{limits_item(where:' || repeat('{_not:', 100000));
SELECT pg_temp.answer('{limits_item(where:{id:{_in:' || repeat('[', 100000));
SELECT pg_temp.answer('query($a:' || repeat('[', 100000));
SELECT pg_temp.answer('{ limits_item { ' || repeat('item { ', 60) || 'id' || repeat(' }', 62));
SELECT pg_temp.answer('{ limits_item { ...f0 } }' || string_agg(format(' fragment f%s on limits_item { ...f%s }', n, n + 1), '') || ' fragment f10000 on limits_item { id }')
FROM generate_series(0, 9999) AS n;
-- Aliases and nodes, also multiplied by fragments.
SELECT pg_temp.answer('{ limits_item {' || string_agg(' a' || n || ': id', '') || ' } }') FROM generate_series(1, 1001) AS n;
SELECT pg_temp.answer('{ limits_item {' || repeat(' id', 20001) || ' } }');
SELECT pg_temp.answer('{ limits_item { ...f0 } }' || string_agg(format(' fragment f%1$s on limits_item { ...f%2$s item { ...f%2$s id } }', n, n + 1), '') || ' fragment f40 on limits_item { id }')
FROM generate_series(0, 39) AS n;
SELECT pg_temp.answer('{ limits_item { ...f0 } }' || string_agg(format(' fragment f%1$s on limits_item { a: id item { ...f%2$s } b: id item { ...f%2$s } }', n, n + 1), '') || ' fragment f20 on limits_item { id }')
FROM generate_series(0, 19) AS n;
-- Ten megabytes: of what is ignored, of one string, of tokens, of one name.
SELECT pg_temp.answer('{ limits_item { id } }' || repeat(' , # nothing' || chr(10), 800000));
SELECT pg_temp.answer('{ limits_item(where: {tags: {_eq: ["' || repeat('x', 10000000) || '"]}}) { id } }');
SELECT pg_temp.answer('{ limits_item { id ' || repeat('id ', 3000000) || ' } }');
SELECT left(pg_temp.answer('{ limits_item { ' || repeat('x', 10000000) || ' } }'), 30);
-- A hundred thousand items, in the document and in the variables.
SELECT pg_temp.answer('{ limits_item(where: {id: {_in: [' || string_agg(n::text, ',') || ']}}, order_by: {id: asc}) { id } }') FROM generate_series(1, 100000) AS n;
SELECT pg_temp.answer('query($ids: [Int!]) { limits_item(where: {id: {_in: $ids}}, order_by: {id: asc}) { id } }', json_build_object('ids', array_agg(n))) FROM generate_series(1, 100000) AS n;
SELECT pg_temp.answer('query($ids: [Int!]) { limits_item(where: {id: {_in: $ids}}) { id } }', json_build_object('ids', array_agg(CASE WHEN n < 99999 THEN n::text ELSE 'x' END))) FROM generate_series(1, 100000) AS n;
-- Twenty thousand variables.
SELECT pg_temp.answer('query(' || string_agg(format('$v%s: Int!', n), ' ') || ') { limits_item(where: {id: {_in: [' || string_agg('$v' || n, ' ') || ']}}) { id } }',
  json_object_agg('v' || n, n)) FROM generate_series(1, 20000) AS n;
-- Deep JSON: Postgres refuses what its own stack does not hold, we what is deeper than 200.
SELECT pg_temp.answer('query($m: jsonb) { limits_item(where: {meta: {_eq: $m}}) { id } }', ('{"m": ' || repeat('[', 199) || repeat(']', 199) || '}')::json);
SELECT pg_temp.answer('query($m: jsonb) { limits_item(where: {meta: {_eq: $m}}) { id } }', ('{"m": ' || repeat('[', 300) || repeat(']', 300) || '}')::json);
-- Introspection multiplies too: its answer has the limit of every answer.
SET gqlsvl.max_response_size = '1MB';
SELECT pg_temp.answer('{ __schema { types { ' || repeat('fields { type { ', 20) || 'name' || repeat(' } }', 20) || ' } } }');
RESET gqlsvl.max_response_size;
-- All of this took less than 600 MB, and the session answers as before.
SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::int - before_kb < 600000 AS bounded FROM memory;
SELECT pg_temp.answer('{ limits_item { id } }');
DROP SCHEMA limits CASCADE;
