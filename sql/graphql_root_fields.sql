-- The root types and their fields: arguments, types and descriptions as introspected, when a field exists, and what each answers.
-- Dialect: D1-roots D1-list D1-by-pk D1-aggregate D1-insert D1-insert-one D1-update D1-update-by-pk D1-update-many D1-delete D1-delete-by-pk D1-on-conflict D1-where D1-limits
-- Dialect: D1-list-of-one D1-several D1-descriptions D2-response D7-fitting D8-views D10-one-field
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
-- The root fields whose names match, as SDL writes them.
CREATE FUNCTION pg_temp.roots(root text, pattern text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('%s(%s): %s', f ->> 'name', (SELECT string_agg(format('%s: %s', a ->> 'name', pg_temp.written(a -> 'type')), ', ') FROM json_array_elements(f -> 'args') AS a), pg_temp.written(f -> 'type'))
  FROM json_array_elements(gqlsvl.resolve('query ($root: String!) { __type(name: $root) { fields { name args { name type { ...T } } type { ...T } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }', json_build_object('root', root)) #> '{data,__type,fields}') AS f
  WHERE f ->> 'name' ~ pattern
$$;
\echo -- a table with a key
SELECT * FROM pg_temp.roots('query_root', '^orders');
SELECT * FROM pg_temp.roots('subscription_root', '^orders');
SELECT * FROM pg_temp.roots('mutation_root', '_orders');
\echo -- a key of several columns; none
CREATE TABLE keyless (a int);
SELECT * FROM pg_temp.roots('query_root', '^(order_items_by_pk|keyless)');
SELECT * FROM pg_temp.roots('mutation_root', '_keyless|_order_items_by_pk');
\echo -- descriptions
SELECT f ->> 'name' || ': ' || (f ->> 'description') FROM json_array_elements(gqlsvl.resolve('{ __type(name: "query_root") { fields { name description } } }') #> '{data,__type,fields}') AS f WHERE f ->> 'name' ~ '^orders';
SELECT f ->> 'name' || ': ' || (f ->> 'description') FROM json_array_elements(gqlsvl.resolve('{ __type(name: "mutation_root") { fields { name description } } }') #> '{data,__type,fields}') AS f WHERE f ->> 'name' ~ '_orders';
SELECT a ->> 'name' || ': ' || (a ->> 'description') FROM json_array_elements(gqlsvl.resolve('{ __type(name: "query_root") { fields { name args { name description } } } }') #> '{data,__type,fields}') AS f, json_array_elements(f -> 'args') AS a WHERE f ->> 'name' = 'orders';
COMMENT ON TABLE orders IS 'what was ordered'; COMMENT ON COLUMN orders.total IS 'with tax';
SELECT gqlsvl.resolve('{ orders: __type(name: "orders") { description } agents: __type(name: "agents") { description fields { name description } } }');
SELECT f ->> 'description' FROM json_array_elements(gqlsvl.resolve('{ __type(name: "orders") { fields { name description } } }') #> '{data,__type,fields}') AS f WHERE f ->> 'name' = 'total';

\echo -- where on a change is required and not null, {} is every row; on a select null is the same as nothing
SELECT gqlsvl.resolve('mutation { delete_receipts { affected_rows } }');
SELECT gqlsvl.resolve('mutation { delete_receipts(where: null) { affected_rows } }');
SELECT gqlsvl.resolve('mutation { update_orders(where: null, _set: {status: "x"}) { affected_rows } }');
SELECT gqlsvl.resolve('mutation { delete_receipts(where: {}) { affected_rows } }');
SELECT gqlsvl.resolve('{ orders(where: null, order_by: null, limit: null, offset: null, distinct_on: null) { id } }');
SELECT gqlsvl.resolve('query ($w: orders_bool_exp, $l: Int) { orders(where: $w, limit: $l, order_by: {id: asc}) { id } }');
\echo -- limit is not negative; offset has 64 bits, also as a string
SELECT gqlsvl.resolve('{ orders(limit: 0) { id } }');
SELECT gqlsvl.resolve('{ orders(limit: -1) { id } }');
SELECT gqlsvl.resolve('{ orders(offset: -1) { id } }');
SELECT gqlsvl.resolve('{ orders(offset: 5000000000) { id } }');
SELECT gqlsvl.resolve('{ orders(offset: "3", order_by: {id: asc}) { id } }');
SELECT gqlsvl.resolve('query ($o: Int) { orders(offset: $o, order_by: {id: asc}) { id } }', '{"o": "3"}');
\echo -- one object stands for a list of one
SELECT gqlsvl.resolve('{ orders(order_by: {id: desc}, distinct_on: id, limit: 1) { id } }');
SELECT gqlsvl.resolve('mutation { insert_agents(objects: {id: 9}) { affected_rows } }');
\echo -- several root fields, the same one under aliases; of a subscription exactly one
SELECT gqlsvl.resolve('{ a: orders_by_pk(id: 1) { id } b: orders_by_pk(id: 2) { id } agents_aggregate { aggregate { count } } }');
SELECT gqlsvl.resolve('subscription { a: orders { id } b: orders { id } }');

\echo -- what exists follows the rights of the role
CREATE ROLE graphql_root_fields_web;
GRANT SELECT (status) ON orders TO graphql_root_fields_web;
GRANT INSERT, UPDATE ON orders TO graphql_root_fields_web;
GRANT DELETE ON receipts TO graphql_root_fields_web;
SET LOCAL ROLE graphql_root_fields_web;
SELECT * FROM pg_temp.roots('query_root', '.');
SELECT * FROM pg_temp.roots('mutation_root', '.');
SELECT gqlsvl.resolve('{ __type(name: "orders_mutation_response") { fields { name } } receipts: __type(name: "receipts_mutation_response") { fields { name } } }');
RESET ROLE;
REVOKE ALL ON orders, receipts FROM graphql_root_fields_web;
SET LOCAL ROLE graphql_root_fields_web;
SELECT gqlsvl.resolve('{ __schema { queryType { name fields { name type { kind ofType { name } } } } mutationType { name } subscriptionType { name } } }');
SELECT gqlsvl.resolve('{ no_queries_available __typename }');
SELECT gqlsvl.resolve('mutation { insert_orders(objects: {}) { affected_rows } }');
ROLLBACK;
