-- What an owner takes from the API although rights would let it: gqlsvl.set_table_option, and the settings that limit all lists.
-- Dialect: D5-stringify
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.roots(type text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(f ->> 'name', ' '), '-') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } inputFields { name } } }', json_build_object('t', type)) #> '{data,__type}'
      -> CASE WHEN type ~ '(exp|order_by|input|having)$' THEN 'inputFields' ELSE 'fields' END) AS f
$$;
CREATE ROLE options_owner;
CREATE ROLE options_web;
CREATE ROLE options_other;
CREATE SCHEMA opt AUTHORIZATION options_owner;
GRANT USAGE ON SCHEMA opt TO options_web, options_other;
SET gqlsvl.schemas = opt;
SET ROLE options_owner;
CREATE TABLE opt.person (id int PRIMARY KEY, name text);
CREATE TABLE opt.parcel (id int PRIMARY KEY, person_id int NOT NULL REFERENCES opt.person, weight int);
INSERT INTO opt.person SELECT n, 'p' || n FROM generate_series(1, 5) AS n;
INSERT INTO opt.parcel SELECT n, 1 + n % 2, n FROM generate_series(1, 8) AS n;
GRANT ALL ON ALL TABLES IN SCHEMA opt TO options_web, options_other;
SELECT gqlsvl.rename_table('opt.person', 'person'), gqlsvl.rename_table('opt.parcel', 'parcel');

-- max_rows: lists, nested lists and nodes; a larger limit is lowered, a smaller one stays. Not by_pk, object relationships, returning; not what is aggregated.
SELECT gqlsvl.set_table_option('opt.parcel', 'options_web', max_rows => 2), gqlsvl.set_table_option('opt.person', max_rows => 3);
SET ROLE options_web;
SELECT gqlsvl.resolve('{ parcel(order_by: {id: asc}) { id person { id } } }');
SELECT gqlsvl.resolve('query($n: Int) { more: parcel(limit: 100) { id } less: parcel(limit: 1) { id } none: parcel(limit: 0) { id } null: parcel(limit: $n) { id } by: parcel_by_pk(id: 8) { id } }');
SELECT gqlsvl.resolve('query($n: Int) { parcel(limit: $n, offset: 6, order_by: {id: asc}) { id } }', '{"n": 5}');
SELECT gqlsvl.resolve('{ person(order_by: {id: asc}) { id parcel(order_by: {id: desc}) { id } parcel_aggregate(order_by: {id: asc}) { aggregate { count sum { weight } } nodes { id } } } }');
SELECT gqlsvl.resolve('{ parcel_aggregate(limit: 5, order_by: {id: desc}) { aggregate { count } nodes { id } again: nodes { weight } } }');
SELECT gqlsvl.resolve('{ parcel_aggregate(where: {id: {_lt: 0}}) { nodes { id } } parcel(distinct_on: person_id, order_by: {person_id: asc}) { person_id } }');
SELECT gqlsvl.resolve('mutation { update_parcel(where: {}, _inc: {weight: 0}) { affected_rows returning { id } } }');
SELECT gqlsvl.resolve('{ parcel(limit: -1) { id } }');
-- Another role has only what is said of all roles; a role's own word goes before that.
SET ROLE options_other;
SELECT gqlsvl.resolve('{ person { id } parcel_aggregate { aggregate { count } nodes { id } } }');
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.person', 'options_web', max_rows => 4);
SET ROLE options_web;
SELECT gqlsvl.resolve('{ person(order_by: {id: asc}) { id } }');
-- The setting limits every list; of two limits the smaller holds. A plan of one setting is not used with another.
RESET ROLE;
SET gqlsvl.max_rows = 1;
SET ROLE options_web;
SELECT gqlsvl.resolve('{ person(order_by: {id: asc}) { id } }');
RESET ROLE;
SET gqlsvl.max_rows = 1000;
SET ROLE options_web;
SELECT gqlsvl.resolve('{ person(order_by: {id: asc}) { id } }');
SET gqlsvl.max_rows = 0;
RESET ROLE;
RESET gqlsvl.max_rows;

-- allow_aggregations: neither fields, nor filters, nor orders.
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.parcel', max_rows => 0, allow_aggregations => false);
SET ROLE options_other;
SELECT pg_temp.roots('query_root'), pg_temp.roots('person'), pg_temp.roots('person_bool_exp'), pg_temp.roots('person_order_by');
SELECT gqlsvl.resolve('{ __type(name: "parcel_aggregate") { name } parcel { id } }');
SELECT gqlsvl.resolve('{ parcel_aggregate { aggregate { count } } }');
SELECT gqlsvl.resolve('{ parcel_group_by(by: id) { aggregate { count } } }');
SELECT gqlsvl.resolve('{ person(order_by: {parcel_aggregate: {count: asc}}) { id } }');
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.parcel', 'options_other', allow_aggregations => true, max_rows => 100);
SET ROLE options_other;
SELECT gqlsvl.resolve('{ parcel_aggregate { aggregate { count } } }');

-- Root fields: those in the list; what is left leads to the table all the same. Mutations stay.
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.parcel'), gqlsvl.set_table_option('opt.parcel', 'options_web', query_root_fields => '{select_by_pk}', subscription_root_fields => '{select,select_stream}'),
  gqlsvl.set_table_option('opt.person', 'options_web', subscription_root_fields => '{}');
SET ROLE options_web;
SELECT pg_temp.roots('query_root'), pg_temp.roots('subscription_root');
SELECT gqlsvl.resolve('{ person_by_pk(id: 1) { parcel(limit: 1, order_by: {id: asc}) { id } parcel_aggregate { aggregate { count } } } }');
SELECT gqlsvl.resolve('{ parcel { id } }');
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.parcel', query_root_fields => '{}', subscription_root_fields => '{}'), gqlsvl.set_table_option('opt.person', query_root_fields => '{}', subscription_root_fields => '{}');
SET ROLE options_other;
SELECT pg_temp.roots('query_root'), gqlsvl.resolve('{ __schema { subscriptionType { name } mutationType { name } } }');
SELECT gqlsvl.resolve('mutation { update_person_by_pk(pk_columns: {id: 1}, _set: {name: "x"}) { name parcel(limit: 1, order_by: {id: asc}) { id } } }');
SELECT gqlsvl.resolve('query($o: [person_order_by!]) { no_queries_available }');

-- backend_only: no mutations, not even nested ones, but for the back end.
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.parcel', backend_only => true), gqlsvl.set_table_option('opt.person');
SET ROLE options_other;
SELECT pg_temp.roots('mutation_root'), pg_temp.roots('person_insert_input');
SELECT gqlsvl.resolve('mutation { insert_parcel_one(object: {id: 99, person_id: 1}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_person_one(object: {id: 99, parcel: {data: []}}) { id } }');
SET gqlsvl.use_backend_only_permissions = on;
SELECT pg_temp.roots('person_insert_input'), gqlsvl.resolve('mutation { insert_parcel_one(object: {id: 99, person_id: 1}) { id } }');
RESET gqlsvl.use_backend_only_permissions;
SELECT gqlsvl.resolve('mutation { insert_parcel_one(object: {id: 99, person_id: 1}) { id } }');
RESET ROLE;

-- Errors.
SET ROLE options_web;
SELECT gqlsvl.set_table_option('opt.parcel', max_rows => 1000);
SELECT gqlsvl.write_table_option('opt.parcel', NULL, 1000, NULL, NULL, NULL, NULL);
SELECT count(*) FROM gqlsvl.table_option;
SET ROLE options_owner;
SELECT gqlsvl.set_table_option('opt.parcel', max_rows => -1);
SELECT gqlsvl.set_table_option('opt.parcel', 'nobody_such');
SELECT gqlsvl.set_table_option('opt.parcel', '4294967295'::regrole, max_rows => 1);
SELECT gqlsvl.set_table_option('opt.parcel', query_root_fields => '{select,insert}');
SELECT gqlsvl.set_table_option('opt.parcel', query_root_fields => '{select_stream}');
SELECT gqlsvl.set_table_option('opt.parcel', subscription_root_fields => ARRAY[NULL, 'select']);
SELECT gqlsvl.set_table_option(NULL, max_rows => 1);
SELECT gqlsvl.set_table_option('1'::regclass, max_rows => 1);

-- What is undone was never there; a role or table that goes leaves a row that means nothing, and check() names the role.
RESET ROLE;
BEGIN;
SELECT gqlsvl.set_table_option('opt.person', max_rows => 1);
SELECT gqlsvl.resolve('{ person { id } }');
ROLLBACK;
SELECT gqlsvl.resolve('{ person { id } }');
SELECT table_name, role, max_rows, allow_aggregations, query_root_fields, subscription_root_fields, backend_only FROM gqlsvl.table_option ORDER BY table_name::text, role::text;
SELECT count(*) FROM gqlsvl.check() WHERE name = 'table_option';
CREATE ROLE options_gone;
SELECT gqlsvl.set_table_option('opt.person', 'options_gone', max_rows => 1);
DROP ROLE options_gone;
SELECT regexp_replace(message, '\d+', 'N'), hint FROM gqlsvl.check() WHERE name = 'table_option';
DELETE FROM gqlsvl.table_option;
DELETE FROM gqlsvl.override;

-- Groups: no more than max_rows of them; root fields by their kind; only of columns that the role may read; keys as strings.
SELECT gqlsvl.set_table_option('opt.parcel', 'options_web', max_rows => 2, query_root_fields => '{select_group_by}'), gqlsvl.set_root_fields('opt.parcel', '{"select_group_by": "parcelsBy"}');
REVOKE ALL ON opt.parcel FROM options_web;
GRANT SELECT (id, weight) ON opt.parcel TO options_web;
SET ROLE options_web;
SELECT pg_temp.roots('query_root'), pg_temp.roots('opt_parcel_group_by_key'), pg_temp.roots('opt_parcel_group_by_having');
SELECT gqlsvl.resolve('{ parcelsBy(by: weight, order_by: {key: {weight: desc}}) { key { weight } aggregate { count } } }');
SELECT gqlsvl.resolve('{ parcelsBy(by: weight, limit: 1, offset: 3, order_by: [{aggregate: {count: asc}}, {key: {weight: asc}}]) { key { weight } } }');
SELECT gqlsvl.resolve('{ parcelsBy(by: person_id) { aggregate { count } } }');
SELECT gqlsvl.resolve('{ parcelsBy { aggregate { count } } }');
RESET ROLE;
DELETE FROM gqlsvl.table_option;
DELETE FROM gqlsvl.override;

-- Numbers as strings: columns, lists, aggregates of bigint, numeric and double precision; counts and small numbers stay numbers.
CREATE DOMAIN opt.big AS bigint;
CREATE TABLE opt.number (id int PRIMARY KEY, b bigint, n numeric, d float8, f real, s smallint, bs bigint[], dom opt.big, m money, j jsonb);
INSERT INTO opt.number VALUES (1, 9007199254740993, 1.50, 0.1, 0.5, 3, '{1,NULL}', 7, 2.5, '{"x": 1}'), (2, 1, 'NaN', 'Infinity', 1, 1, NULL, NULL, NULL, NULL);
SELECT gqlsvl.resolve('{ opt_number(order_by: {id: asc}) { id b n d f s bs dom m j } opt_number_aggregate { aggregate { count max { b s } sum { b id } avg { d id } } } }');
SET gqlsvl.stringify_numerics = on;
SELECT gqlsvl.resolve('{ opt_number(order_by: {id: asc}) { id b n d f s bs dom m j } opt_number_aggregate { aggregate { count max { b s } sum { b id } avg { d id } } } }');
SELECT gqlsvl.resolve('mutation { update_opt_number_by_pk(pk_columns: {id: 1}, _inc: {b: "1"}) { b s } }');
RESET gqlsvl.stringify_numerics;

-- The number of fields has a limit, through fragments.
SET gqlsvl.max_nodes = 3;
SELECT gqlsvl.resolve('{ opt_number { b s } }')::text <> '', gqlsvl.resolve('{ opt_number { ...f } } fragment f on opt_number { b s d }');
RESET gqlsvl.max_nodes;
DROP SCHEMA opt CASCADE;
RESET gqlsvl.schemas;
DROP OWNED BY options_owner, options_web, options_other;
DROP ROLE options_owner, options_web, options_other;
