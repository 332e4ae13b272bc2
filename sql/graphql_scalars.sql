-- Scalars: the GraphQL type of each type of column, how its values look in JSON, what is taken for it, and which variables fit.
-- Dialect: D5-int D5-decimal D5-money D5-boolean D5-text D5-uuid D5-time D5-json D5-bytea D5-other D5-array D5-enum D5-composite D5-ranges D5-no-url D5-path D5-variables
-- Dialect: D5-not-null D5-bad-values D10-range
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
BEGIN;
\getenv srcdir PG_ABS_SRCDIR
\set orders :srcdir '/test/data/orders.sql'
\i :orders
SET LOCAL timezone = 'UTC';
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE money_amount AS (amount numeric, currency text);
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE sample (id int PRIMARY KEY, a smallint, b int, c bigint, d real, e float8, f numeric, g money, h boolean, i text, j varchar(9), k char(3), l citext, m uuid, n date, o timestamp, p timestamptz,
  q time, r timetz, s interval, t json, u jsonb, v bytea, w inet, x text[], y mood, z money_amount, za email, zb int4range, zc name, zd point, ze xml, zf numeric(6,2));
CREATE FUNCTION pg_temp.types() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT f ->> 'name' || ': ' || COALESCE(f #>> '{type,name}', '[' || (f #>> '{type,ofType,ofType,name}') || '!]', (f #>> '{type,ofType,name}') || '!')
  FROM json_array_elements(gqlsvl.resolve('{ __type(name: "sample") { fields { name type { name ofType { name ofType { name } } } } } }') #> '{data,__type,fields}') AS f
$$;
SELECT string_agg(t, ', ') FROM pg_temp.types() AS t;
\echo -- scalars have no URL of a specification
SELECT DISTINCT t ->> 'specifiedByURL' IS NULL FROM json_array_elements(gqlsvl.resolve('{ __schema { types { specifiedByURL } } }') #> '{data,__schema,types}') AS t;
\echo -- written by a document, read again
SELECT gqlsvl.resolve($$ mutation { insert_sample_one(object: {id: 1, a: 1, b: 2, c: 9007199254740993, d: 0.5, e: 1.25, f: 12345678901234567890.10, g: "$1,000.00", h: true, i: "x\ty", j: "x", k: "k", l: "Lo",
  m: "00000000-0000-0000-0000-000000000001", n: "2024-05-01", o: "2024-05-01T10:00:00.123", p: "2024-05-01T10:00:00.123Z", q: "10:00:00", r: "10:00:00+00", s: "1 day 02:00:00", t: {a: [1, null, "s", E]}, u: "text",
  v: "\\x6869", w: "10.0.0.1", x: ["a", "b"], y: "ok", z: "(1.50,EUR)", za: "a@b", zb: "[1,5)", zc: "n", zd: "(1,2)", ze: "<a/>", zf: 1}) { a b c d e f g h i j k l m n o p q r s t u v w x y z za zb zc zd ze zf } } $$);
\echo -- numbers and booleans as strings, money as a number, an array as text
SELECT gqlsvl.resolve($$ mutation { insert_sample_one(object: {id: 2, a: "1", b: "2", c: "9007199254740993", d: "0.5", e: "1.25", f: "12345678901234567890.10", g: 1000.5, h: "true", x: "{a,b}", u: [{b: 1}, 2.50]}) { a b c d e f g h x u } } $$);
SELECT gqlsvl.resolve('mutation ($o: sample_insert_input!) { insert_sample_one(object: $o) { a b c f g h t u x y } }', '{"o": {"id": 3, "a": 1, "b": "2", "c": "9007199254740993", "f": 0.1, "g": 2, "h": "f", "t": {"b": 1, "a": [{}]}, "u": "s", "x": ["q"], "y": "sad"}}');
\echo -- not finite, infinite, empty
SELECT gqlsvl.resolve('mutation { insert_sample_one(object: {id: 4, d: "NaN", e: "-Infinity", f: "NaN", n: "infinity", p: "-infinity", x: [], i: ""}) { d e f n p x i } }');
\echo -- nothing but the right kind of value
CREATE FUNCTION pg_temp.refused(value text) RETURNS text LANGUAGE sql AS $$ SELECT value || ' -> ' || COALESCE(a #>> '{errors,0,message}', 'taken') FROM gqlsvl.resolve('mutation { insert_sample_one(object: {id: 9, ' || value || '}) { id } }') AS a $$;
SELECT pg_temp.refused(v) FROM (VALUES ('a: 40000'), ('a: 1.5'), ('b: 3000000000'), ('b: true'), ('b: "x"'), ('c: 9223372036854775808'), ('h: 1'), ('h: "perhaps"'), ('i: 5'), ('i: sad'), ('m: "abc"'), ('m: 1'), ('n: "2024-02-30"'), ('y: sad'), ('y: "happy"'), ('za: "nobody"'), ('x: [5]'), ('x: [["a"]]'), ('zf: 123456'), ('k: "four"'), ('t: {a: $v}')) AS u(v);
\echo -- a variable fits by its name; a literal by its value
SELECT gqlsvl.resolve('query ($v: Int!) { sample(where: {c: {_eq: $v}}) { id } }', '{"v": 1}');
SELECT gqlsvl.resolve('query ($v: Int!) { sample(where: {e: {_eq: $v}}) { id } }', '{"v": 1}');
SELECT gqlsvl.resolve('{ sample(where: {c: {_eq: 9007199254740993}, e: {_gt: 1}, f: {_gt: 1}}) { id } }');
\echo -- not null: by the column; never in a view
CREATE TABLE strict (id int PRIMARY KEY, name text NOT NULL, note text);
CREATE VIEW strict_view AS SELECT * FROM strict;
SELECT gqlsvl.resolve('{ table: __type(name: "strict") { fields { name type { kind } } } view: __type(name: "strict_view") { fields { name type { kind } } } }');
\echo -- path of json columns
SELECT gqlsvl.resolve($$ { sample(where: {id: {_eq: 1}}) { all: t a: t(path: "a") first: t(path: "$.a[0]") root: t(path: "$") quoted: t(path: "$[\"a\"]") single: t(path: "['a'][2]") none: t(path: "b.c") nothing: t(path: null) } } $$);
SELECT gqlsvl.resolve('{ sample { t(path: "a..b") } }');
SELECT gqlsvl.resolve('query ($p: String) { sample(where: {id: {_eq: 1}}) { t(path: $p) } }', '{"p": "a["}');
ROLLBACK;
