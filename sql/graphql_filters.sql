-- Filters: every operator of every kind of column, what is empty, what is null, and which rows related ones select.
-- Dialect: D4.1-keys D4.1-empty D4.1-exists D4.1-or-object D4.1-one-row D4.1-not D4.1-null D4.1-null-key D4.1-is-null D4.1-three-valued D4.1-empty-list D4.2-names D4.2-generic
-- Dialect: D4.2-text D4.2-array D4.2-jsonb D4.2-json D4.2-no-columns D4.3-count D4.3-bool D4.3-one
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
BEGIN;
\getenv srcdir PG_ABS_SRCDIR
\set orders :srcdir '/test/data/orders.sql'
\i :orders
-- The ids of the rows that a filter leaves.
CREATE FUNCTION pg_temp.ids(name text, filter text) RETURNS text LANGUAGE sql AS $$
  SELECT COALESCE(a #>> '{errors,0,message}', (SELECT string_agg(r ->> 'id', ' ' ORDER BY r ->> 'id') FROM json_array_elements(a #> array['data', name]) AS r), 'none')
  FROM gqlsvl.resolve(format('{ %s(where: %s) { id } }', name, filter)) AS a
$$;
CREATE FUNCTION pg_temp.try(name text, VARIADIC filters text[]) RETURNS SETOF text LANGUAGE sql AS $$ SELECT f || ' -> ' || pg_temp.ids(name, f) FROM unnest(filters) WITH ORDINALITY AS u(f, n) ORDER BY n $$;
CREATE FUNCTION pg_temp.operators(type text) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s (%s): %s', type, gqlsvl.resolve('query ($n: String!) { __type(name: $n) { description } }', json_build_object('n', type)) #>> '{data,__type,description}', (SELECT string_agg(f ->> 'name' || ' ' || COALESCE(f #>> '{type,name}', '[' || (f #>> '{type,ofType,ofType,name}') || '!]'), ', ')
    FROM json_array_elements(gqlsvl.resolve('query ($n: String!) { __type(name: $n) { inputFields { name type { name ofType { ofType { name } } } } } }', json_build_object('n', type)) #> '{data,__type,inputFields}') AS f))
$$;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE thing (id int PRIMARY KEY, name text, short varchar(9), fixed char(4), mail citext, size bigint, small smallint, price numeric, ratio float8, rough real, ok boolean, key uuid, day date, at timestamptz, state mood,
  words text[], counts int[], body jsonb, plain json, net inet);
INSERT INTO thing VALUES
  (1, 'Apple', 'Apple', 'ap', 'A@x.io', 10, 1, 1.5, 0.5, 0.25, true, '00000000-0000-0000-0000-000000000001', '2026-01-01', '2026-01-01T00:00:00Z', 'sad', '{a,b}', '{1,2}', '{"k": {"n": 1}, "l": [1]}', '{}', '10.0.0.1'),
  (2, 'banana', 'banana', 'ba', 'B@x.io', 20, 2, 2.5, 1.5, 0.5, false, '00000000-0000-0000-0000-000000000002', '2026-02-01', '2026-02-01T00:00:00Z', 'ok', '{b,c}', '{3}', '["k", "z"]', '[]', '10.0.1.1');
INSERT INTO thing (id) VALUES (3);
\echo -- the input types: operators and their types
SELECT pg_temp.operators(t) FROM unnest('{Int,smallint,bigint,numeric,Float,float8,Boolean,uuid,date,timestamptz,mood,String,bpchar,citext,String_array,Int_array,jsonb,json,inet}'::text[]) AS u(t2), LATERAL (SELECT t2 || '_comparison_exp') AS v(t);
\echo -- every type: the generic ones; nothing compares with NULL
SELECT * FROM pg_temp.try('thing', '{size: {_eq: 10}}', '{size: {_neq: 10}}', '{size: {_gt: 10}}', '{size: {_gte: 10}}', '{size: {_lt: 20}}', '{size: {_lte: 20}}', '{size: {_in: [10, 30]}}', '{size: {_nin: [10]}}', '{size: {_is_null: true}}', '{size: {_is_null: false}}');
SELECT * FROM pg_temp.try('thing', '{small: {_gt: 1}}', '{price: {_gt: 1.5}}', '{ratio: {_lt: 1}}', '{rough: {_eq: 0.25}}', '{ok: {_gt: false}}', '{ok: {_eq: false}}', '{key: {_eq: "00000000-0000-0000-0000-000000000001"}}', '{day: {_gte: "2026-02-01"}}', '{at: {_lt: "2026-01-01T01:00:00+00:00"}}', '{state: {_gt: "sad"}}', '{net: {_eq: "10.0.0.1"}}');
\echo -- text: patterns, in all its types
SELECT * FROM pg_temp.try('thing', '{name: {_like: "A%"}}', '{name: {_nlike: "A%"}}', '{name: {_ilike: "B%"}}', '{name: {_nilike: "B%"}}', '{name: {_similar: "(Apple|x)"}}', '{name: {_nsimilar: "(Apple|x)"}}', '{name: {_regex: "^A"}}', '{name: {_nregex: "^A"}}', '{name: {_iregex: "^a"}}', '{name: {_niregex: "^a"}}');
SELECT * FROM pg_temp.try('thing', '{short: {_like: "A%"}}', '{fixed: {_like: "ap%"}}', '{fixed: {_eq: "ap"}}', '{mail: {_eq: "a@X.IO"}}', '{mail: {_like: "a%"}}', '{mail: {_regex: "^b"}}');
\echo -- arrays
SELECT * FROM pg_temp.try('thing', '{words: {_contains: ["b"]}}', '{words: {_contained_in: ["a", "b"]}}', '{words: {_eq: ["a", "b"]}}', '{counts: {_contains: 3}}', '{counts: {_gt: [1]}}', '{words: {_is_null: true}}');
\echo -- jsonb
SELECT * FROM pg_temp.try('thing', '{body: {_contains: {l: [1]}}}', '{body: {_contained_in: ["k", "z", 1]}}', '{body: {_has_key: "k"}}', '{body: {_has_keys_any: ["l", "z"]}}', '{body: {_has_keys_all: ["k", "l"]}}', '{body: {_jsonb_path_exists: "$.k.n"}}', '{body: {_jsonb_path_match: "$.k.n == 1"}}', '{body: {_cast: {String: {_like: "[%"}}}}', '{body: {_eq: ["k", "z"]}}');
SELECT * FROM pg_temp.try('thing', '{plain: {_is_null: false}}', '{plain: {_eq: {}}}');
\echo -- there are no operators between columns, and no _exists
SELECT * FROM pg_temp.try('thing', '{size: {_ceq: "small"}}', '{_exists: {}}');
\echo -- what is empty: true, but for _or: [] and _not: {}
SELECT * FROM pg_temp.try('thing', '{}', '{size: {}}', '{_and: []}', '{_or: []}', '{_not: {}}', '{_and: {}}', '{_or: {size: {_eq: 10}, name: {_eq: "banana"}}}', '{_or: [{size: {_eq: 10}}, {name: {_eq: "banana"}}]}', '{_not: {size: {_eq: 10}}}', '{size: {_in: []}}', '{size: {_nin: []}}', '{size: {_gt: 5}, name: {_like: "b%"}}');
\echo -- what is null is refused, wherever it stands
SELECT * FROM pg_temp.try('thing', '{size: {_eq: null}}', '{size: {_in: null}}', '{size: {_in: [null]}}', '{size: {_is_null: null}}', '{size: null}', '{_and: null}', '{_or: [null]}', '{_not: null}');
SELECT * FROM pg_temp.try('orders', '{customer: null}', '{order_items: null}');
SELECT gqlsvl.resolve('query ($n: bigint) { thing(where: {size: {_eq: $n}}) { id } }');
SELECT gqlsvl.resolve('query ($i: bigint_comparison_exp) { thing(where: {size: $i}) { id } }');
\echo -- related rows: one of them must fit all; none; any at all
SELECT * FROM pg_temp.try('orders', '{order_items: {}}', '{customer: {}}', '{agent: {}}', '{order_items: {qty: {_gt: 1}, price: {_lt: 5}}}', '{_and: [{order_items: {qty: {_gt: 1}}}, {order_items: {price: {_lt: 5}}}]}', '{_not: {order_items: {qty: {_gt: 1}}}}', '{customer: {orders: {status: {_is_null: true}}}}', '{receipts: {issued: {_eq: "2026-01-01"}}}');
\echo -- aggregates of related rows
SELECT * FROM pg_temp.try('customers', '{orders_aggregate: {count: {predicate: {_eq: 0}}}}', '{orders_aggregate: {count: {predicate: {_gte: 1}, filter: {is_paid: {_eq: true}}}}}', '{orders_aggregate: {count: {predicate: {_eq: 1}, arguments: [agent_id]}}}', '{orders_aggregate: {count: {predicate: {_eq: 1}, arguments: agent_id, distinct: true}}}', '{orders_aggregate: {bool_or: {arguments: is_paid, predicate: {_eq: true}}}}', '{orders_aggregate: {bool_and: {arguments: is_paid, predicate: {_eq: true}}}}',
  '{_and: [{orders_aggregate: {count: {predicate: {_gt: 0}}}}, {orders_aggregate: {bool_and: {arguments: is_paid, predicate: {_eq: false}}}}]}');
SELECT * FROM pg_temp.try('customers', '{orders_aggregate: {}}', '{orders_aggregate: {count: {predicate: {_eq: 0}}, bool_or: {arguments: is_paid, predicate: {_eq: true}}}}', '{orders_aggregate: {count: {}}}');
ROLLBACK;
