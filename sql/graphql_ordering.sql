-- order_by and distinct_on: what can be ordered by, where nulls go, the order of the keys, and what must match.
-- Dialect: D3-nulls D3-related D3-aggregates D3-json D3-keys D3-nothing D3-distinct
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
BEGIN;
\getenv srcdir PG_ABS_SRCDIR
\set orders :srcdir '/test/data/orders.sql'
\i :orders
\echo -- where nulls go: last ascending, first descending, or as said
SELECT key, gqlsvl.resolve('query ($o: order_by!) { orders(order_by: [{status: $o}, {id: asc}]) { id } }', json_build_object('o', key)) FROM unnest('{asc,asc_nulls_first,asc_nulls_last,desc,desc_nulls_first,desc_nulls_last}'::text[]) AS key;
\echo -- several keys of one object count in the order written, in the document and in a variable
SELECT gqlsvl.resolve('{ a: orders(order_by: {is_paid: asc, id: desc}) { id } b: orders(order_by: {id: desc, is_paid: asc}) { id } }');
SELECT gqlsvl.resolve('query ($o: [orders_order_by!]) { orders(order_by: $o) { id } }', '{"o": {"is_paid": "asc", "id": "desc"}}');
SELECT gqlsvl.resolve('query ($o: [orders_order_by!]) { orders(order_by: $o) { id } }', '{"o": {"id": "desc", "is_paid": "asc"}}');
\echo -- by related rows: one, its relation, the number and sums of many
SELECT gqlsvl.resolve('{ orders(order_by: [{customer: {name: desc}}, {agent: {rating: asc_nulls_first}}, {id: asc}]) { id } }');
SELECT gqlsvl.resolve('{ order_items(order_by: [{order: {customer: {name: desc}}}, {order_id: asc}, {line: asc}]) { order_id line } }');
SELECT gqlsvl.resolve('{ customers(order_by: [{orders_aggregate: {count: desc}}, {id: desc}]) { id } orders(order_by: [{order_items_aggregate: {sum: {price: desc_nulls_last}}}]) { id } }');
SELECT gqlsvl.resolve('{ orders(order_by: {order_items: {qty: asc}}) { id } }');
\echo -- nothing to order by; a null is passed over
SELECT gqlsvl.resolve('{ a: orders(order_by: []) { id } b: orders(order_by: {}) { id } c: orders(order_by: [{status: null}, {id: desc}]) { id } }');
SELECT gqlsvl.resolve('query ($o: order_by) { orders(order_by: [{status: $o}, {id: desc}]) { id } }');
\echo -- jsonb has an order, json has none
SELECT gqlsvl.resolve('{ customers(order_by: {meta: asc}) { id } }');
CREATE TABLE plain (id int PRIMARY KEY, body json);
SELECT gqlsvl.resolve('{ plain(order_by: {body: asc}) { id } }');
\echo -- distinct_on: its columns come first in order_by, in any order among themselves
SELECT gqlsvl.resolve('{ orders(distinct_on: [customer_id], order_by: [{customer_id: asc}, {id: desc}]) { id } }');
SELECT gqlsvl.resolve('{ orders(distinct_on: [customer_id, restaurant_id], order_by: [{restaurant_id: desc}, {customer_id: asc}, {id: desc}]) { id } }');
SELECT gqlsvl.resolve('{ orders(distinct_on: [customer_id]) { customer_id } }');
SELECT gqlsvl.resolve('{ orders(distinct_on: customer_id, order_by: {id: desc}) { id } }');
SELECT gqlsvl.resolve('{ a: orders(distinct_on: [customer_id, restaurant_id], order_by: [{customer_id: asc}]) { id } }');
SELECT gqlsvl.resolve('{ orders(distinct_on: customer_id, order_by: {customer: {id: asc}}) { id } }');
\echo -- also of nested lists and of aggregates, which see the distinct rows only
SELECT gqlsvl.resolve('{ customers(order_by: {id: asc}) { orders(distinct_on: restaurant_id, order_by: [{restaurant_id: asc}, {id: desc}]) { id } orders_aggregate(distinct_on: restaurant_id) { aggregate { count } } } }');
SELECT gqlsvl.resolve('{ orders_aggregate(distinct_on: status, order_by: {status: asc}) { aggregate { count } nodes { status } } }');
ROLLBACK;
