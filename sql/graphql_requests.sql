-- The request: which operation runs, variables and their defaults, directives, fragments, introspection, and the order of the keys of the answer.
-- Dialect: D9-operation D9-syntax D9-language D9-variables D9-enum-variables D9-include-skip D9-cached D9-multiple D9-directives D9-fragments D9-merging D9-typename
-- Dialect: D9-introspection D9-key-order
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
BEGIN;
\getenv srcdir PG_ABS_SRCDIR
\set orders :srcdir '/test/data/orders.sql'
\i :orders
\echo -- which operation
SELECT gqlsvl.resolve('query A { agents(limit: 1) { id } } query B { customers(limit: 1) { id } }', '{}', 'B');
SELECT gqlsvl.resolve('query A { agents { id } } query B { customers { id } }');
SELECT gqlsvl.resolve('query A { agents { id } }', '{}', 'C');
SELECT gqlsvl.resolve('{ agents { id } }', '{}', 'C');
SELECT gqlsvl.resolve('{ agents { id } } query B { customers { id } }', '{}', 'B');
SELECT gqlsvl.resolve('fragment F on agents { id }');
\echo -- the text itself
SELECT gqlsvl.resolve(U&'\FEFF{ agents_by_pk(id: 1) { id, ,name # a comment' || chr(13) || ' } }');
SELECT gqlsvl.resolve($$ "a description" query Q("of a variable" $id: Int!) { agents_by_pk(id: $id) { ...F } } """of a fragment""" fragment F on agents { name } $$, '{"id": 1}');
SELECT gqlsvl.resolve($$ "not before an operation without name" { agents { id } } $$);
SELECT gqlsvl.resolve('type agents { id: Int }');
SELECT gqlsvl.resolve('{ agents { id } } extend schema @x');
SELECT gqlsvl.resolve('{ agents(where: {name: {_eq: "un');
SELECT gqlsvl.resolve($$ mutation { insert_agents_one(object: {id: 7, name: "\u0041\u{1F600}\uD83D\uDE00\"\n"}) { name } } $$);
SELECT gqlsvl.resolve($$ mutation { insert_agents_one(object: {id: 8, name: """
    one
      two \""" three

  """}) { name } } $$);
SELECT gqlsvl.resolve($$ { agents(where: {name: {_eq: "\uD83D"}}) { id } } $$);
SELECT gqlsvl.resolve($$ { agents(where: {name: {_eq: "\u0000"}}) { id } } $$);
\echo -- variables: their value, default, nothing
SELECT gqlsvl.resolve('query ($id: Int = 2) { agents_by_pk(id: $id) { id } }');
SELECT gqlsvl.resolve('query ($id: Int = 2) { agents_by_pk(id: $id) { id } }', '{"id": 1}');
SELECT gqlsvl.resolve('query ($id: Int = 2) { agents_by_pk(id: $id) { id } }', '{"id": null}');
SELECT gqlsvl.resolve('query ($id: Int!) { agents_by_pk(id: $id) { id } }');
SELECT gqlsvl.resolve('query ($id: Int!) { agents_by_pk(id: $id) { id } }', '{"id": null}');
SELECT gqlsvl.resolve('{ agents_by_pk(id: $id) { id } }', '{"id": 1}');
SELECT gqlsvl.resolve('{ agents { id } }', '{"id": 1}');
SELECT gqlsvl.resolve('query ($id: Int, $id: Int) { agents(where: {id: {_in: [$id]}}) { id } }', '{"id": 1}');
SELECT gqlsvl.resolve('query ($o: [agents_order_by!]) { agents(order_by: $o) { id } }', '{"o": {"id": "desc"}}');
SELECT gqlsvl.resolve('query ($o: order_by) { agents(order_by: {id: $o}) { id } }', '{"o": "downwards"}');
SELECT gqlsvl.resolve('mutation ($n: String) { update_agents(where: {id: {_eq: 1}}, _set: {name: $n}) { returning { name } } }');
\echo -- directives
SELECT gqlsvl.resolve('query ($y: Boolean!, $n: Boolean!) { agents_by_pk(id: 1) { a: id @include(if: $y) b: id @include(if: $n) c: id @skip(if: $y) d: id @skip(if: $n) e: id @include(if: $y) @skip(if: $y) ... @include(if: $n) { f: id } ...F @skip(if: $n) } } fragment F on agents { g: id }', '{"y": true, "n": false}');
SELECT gqlsvl.resolve('{ agents_by_pk(id: 1) { id @skip(if: true) } }');
SELECT gqlsvl.resolve('{ agents @skip(if: true) { id } }');
SELECT gqlsvl.resolve('query @cached(ttl: 120, refresh: true) { agents_by_pk(id: 1) { id } }');
SELECT gqlsvl.resolve('subscription @_multiple_top_level_fields { a: agents { id } b: agents { id } }');
SELECT gqlsvl.resolve('{ agents { id @nix } }');
SELECT gqlsvl.resolve('query @skip(if: true) { agents { id } }');
SELECT gqlsvl.resolve('{ agents { id @include(if: true) @include(if: false) } }');
SELECT gqlsvl.resolve('{ agents { id @include } }');
\echo -- fragments
SELECT gqlsvl.resolve('{ agents_by_pk(id: 1) { ...A ... on agents { name } ... { rating } } } fragment A on agents { id ...B } fragment B on agents { id orders(limit: 1, order_by: {id: asc}) { id ...C } } fragment C on orders { status }');
SELECT gqlsvl.resolve('{ agents { ... on customers { id } } }');
SELECT gqlsvl.resolve('{ agents { ...A } } fragment A on agents { ...B } fragment B on agents { ...A }');
SELECT gqlsvl.resolve('{ agents { id } } fragment A on agents { id }');
SELECT gqlsvl.resolve('{ agents { ...Nowhere } }');
\echo -- fields of one key are merged in the order of the document; arguments must be the same
SELECT gqlsvl.resolve('{ b: agents_by_pk(id: 2) { rating id } a: agents_by_pk(id: 1) { name id } b: agents_by_pk(id: 2) { name rating } }');
SELECT gqlsvl.resolve('{ a: agents_by_pk(id: 1) { id } a: agents_by_pk(id: 2) { id } }');
SELECT gqlsvl.resolve('{ agents_by_pk(id: 1) { id: name id } }');
\echo -- __typename everywhere; aliases also inside aggregates
SELECT gqlsvl.resolve('{ r: __typename agents_aggregate(order_by: {id: asc}, limit: 1) { t: __typename aggregate { u: __typename n: count max { v: __typename m: id } } nodes { w: __typename id } } }');
SELECT gqlsvl.resolve('mutation { __typename insert_agents(objects: {id: 99}) { __typename returning { __typename } } }');
\echo -- introspection: of queries only, sorted, without deprecation; not there when switched off
SELECT gqlsvl.resolve('mutation { __schema { queryType { name } } }');
SELECT gqlsvl.resolve('{ __schema { directives { name locations isRepeatable args { name defaultValue } } queryType { name kind } } }');
SELECT gqlsvl.resolve('{ __type(name: "agents") { interfaces { name } fields(includeDeprecated: true) { name isDeprecated deprecationReason } enumValues(includeDeprecated: true) { name } } nothing: __type(name: "x") { name } }');
SELECT bool_and(names = (SELECT array_agg(n ORDER BY n COLLATE "C") FROM unnest(names) AS n)) FROM (SELECT array(SELECT f ->> 'name' FROM json_array_elements(t -> key) AS f) AS names
  FROM json_array_elements(gqlsvl.resolve('{ __schema { types { fields { name } inputFields { name } enumValues { name } } } }') #> '{data,__schema,types}') AS t, unnest('{fields,inputFields,enumValues}'::text[]) AS key WHERE json_typeof(t -> key) = 'array') AS lists;
SET LOCAL gqlsvl.introspection = off;
SELECT gqlsvl.resolve('{ __schema { queryType { name } } }');
SELECT gqlsvl.resolve('{ __type(name: "agents") { name } }');
SELECT gqlsvl.resolve('{ __typename }');
ROLLBACK;
