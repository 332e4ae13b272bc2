-- The types generated for a table, field by field as introspected, and what count and the other aggregates mean.
-- Dialect: D2-object D2-aggregate D2-avg D2-sum D2-max-min D2-bool-exp D2-order-by D2-enums D2-insert-input D2-conflict-input D2-update-inputs D2-response D2-aggregate-bool-exp
-- Dialect: D2-numeric D2-comparable D2-count D2-nodes D2-empty D2-object-relationship D2-reverse D2-array-relationship D7-inc
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
BEGIN;
\getenv srcdir PG_ABS_SRCDIR
\set orders :srcdir '/test/data/orders.sql'
\i :orders
\set written :srcdir '/test/data/written_types.sql'
\i :written
-- A type with its fields, input fields or values on one line.
CREATE FUNCTION pg_temp.type(wanted text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN t IS NULL OR t::text = 'null' THEN wanted || ': none' ELSE format('%s %s: %s', t ->> 'kind', t ->> 'name', concat_ws(', ',
    (SELECT string_agg(format('%s%s %s', f ->> 'name', '(' || (SELECT string_agg(a ->> 'name', ' ') FROM json_array_elements(f -> 'args') AS a) || ')', pg_temp.written(f -> 'type')), ', ')
      FROM json_array_elements(COALESCE(NULLIF(t ->> 'fields', ''), t ->> 'inputFields', '[]')::json) AS f),
    (SELECT string_agg(v ->> 'name', ', ') FROM json_array_elements(COALESCE(t ->> 'enumValues', '[]')::json) AS v))) END
  FROM (SELECT gqlsvl.resolve('query ($name: String!) { __type(name: $name) { kind name enumValues { name } inputFields { name type { ...T } } fields { name args { name } type { ...T } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }', json_build_object('name', wanted)) #> '{data,__type}' AS t) AS answer
$$;
\echo -- reading
SELECT pg_temp.type(name) FROM unnest('{orders,customers,receipts,orders_aggregate,orders_aggregate_fields,orders_avg_fields,orders_stddev_fields,orders_sum_fields,orders_max_fields,orders_min_fields}'::text[]) AS name;
\echo -- only tables with numbers have sums, only those with comparable columns greatest and least ones
CREATE TABLE plain (meta json, ok boolean);
SELECT pg_temp.type(name) FROM unnest('{plain_aggregate_fields,plain_sum_fields,plain_max_fields}'::text[]) AS name;
\echo -- filtering and ordering
SELECT pg_temp.type(name) FROM unnest('{orders_bool_exp,orders_order_by,orders_aggregate_order_by,orders_avg_order_by,orders_max_order_by,order_by,orders_select_column,orders_aggregate_bool_exp,orders_aggregate_bool_exp_count}'::text[]) AS name;
\echo -- changing
SELECT pg_temp.type(name) FROM unnest('{orders_insert_input,orders_obj_rel_insert_input,orders_arr_rel_insert_input,orders_on_conflict,orders_constraint,orders_update_column,orders_set_input,orders_inc_input,orders_pk_columns_input,orders_updates,orders_mutation_response}'::text[]) AS name;
SELECT pg_temp.type('customers_' || name || '_input') FROM unnest('{append,prepend,delete_key,delete_elem,delete_at_path}'::text[]) AS name;
SELECT gqlsvl.resolve('{ __type(name: "orders_on_conflict") { inputFields { name defaultValue } } }');
\echo -- relationships: not null by the key columns; the reverse of a unique key is one object
SELECT pg_temp.type('order_items');
\echo -- which types have sums, which a greatest
CREATE DOMAIN amount AS numeric;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE sample (a smallint, b int, c bigint, d real, e float8, f numeric, g money, h text, i varchar(5), j char(3), k citext, l uuid, m date, n timestamp, o timestamptz, p mood,
  q time, r interval, s inet, t bytea, u json, v jsonb, w boolean, x amount, y text[]);
SELECT pg_temp.type(name) FROM unnest('{sample_sum_fields,sample_avg_fields,sample_max_fields,sample_inc_input}'::text[]) AS name;
\echo -- counts: of rows, of values, of different ones, of rows of values
SELECT gqlsvl.resolve('{ orders_aggregate { aggregate { count ids: count(columns: id) agents: count(columns: [agent_id]) different: count(columns: [agent_id], distinct: true) rows: count(columns: [agent_id, status]) pairs: count(columns: [agent_id, status], distinct: true) all: count(distinct: true) } } }');
\echo -- limit counts before the aggregate; nodes are the same rows; of no row the count is 0, all else null
SELECT gqlsvl.resolve('{ orders_aggregate(where: {status: {_eq: "done"}}, order_by: {id: desc}, limit: 1) { aggregate { count sum { total } max { created_at } } nodes { id } } }');
SELECT gqlsvl.resolve('{ orders_aggregate(where: {id: {_eq: 0}}) { aggregate { count sum { total } avg { total } max { id } } nodes { id } } }');
SELECT gqlsvl.resolve('{ sample_aggregate { aggregate { sum { a b c f } } } }');
INSERT INTO sample (a, b, c, f) SELECT 30000, 2000000000, 9000000000000000000, 0.1 FROM generate_series(1, 3);
SELECT gqlsvl.resolve('{ sample_aggregate { aggregate { sum { a b c f } avg { a } } } }');
\echo -- an object that row security hides is null, whatever the type says
CREATE ROLE graphql_types_web;
GRANT SELECT ON orders, customers TO graphql_types_web;
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customers USING (id = 1);
SET LOCAL ROLE graphql_types_web;
SELECT gqlsvl.resolve('{ orders(order_by: {id: asc}) { customer { name } } }');
SELECT pg_temp.type('orders');
ROLLBACK;
