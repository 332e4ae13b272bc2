-- Functions as root fields: which ones, with which arguments, for whom; kept exact as functions, rights and comments change.
-- Dialect: D8-function-roots D8-function-args D8-function-session
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.fields(type text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(f ->> 'name', ' ' ORDER BY n), '-') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } inputFields { name } } }', json_build_object('t', type))
      #> '{data,__type}' -> CASE WHEN type ~ '_(args|exp|order_by)$' THEN 'inputFields' ELSE 'fields' END) WITH ORDINALITY AS x (f, n)
$$;
CREATE FUNCTION pg_temp.roots(part text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(root || ': ' || name, ', ' ORDER BY root, name)
  FROM unnest('{query,mutation,subscription}'::text[]) AS root, regexp_split_to_table(pg_temp.fields(root || '_root'), ' ') AS name WHERE name ~ part
$$;
CREATE ROLE fn_owner;
CREATE ROLE fn_web;
CREATE SCHEMA fn AUTHORIZATION fn_owner;
GRANT USAGE ON SCHEMA fn TO fn_web;
GRANT gqlsvl_event_admin TO fn_owner;
SET gqlsvl.schemas = fn;
SET ROLE fn_owner;
CREATE TABLE fn.shop (id int PRIMARY KEY, name text);
CREATE TABLE fn.item (id int PRIMARY KEY, shop_id int NOT NULL REFERENCES fn.shop, name text, price numeric, secret text);
INSERT INTO fn.shop VALUES (1, 'North'), (2, 'South');
INSERT INTO fn.item VALUES (1, 1, 'apple', 1.50, 'a'), (2, 1, 'pear', 2, 'b'), (3, 2, 'apricot', 9, 'c');
CREATE FUNCTION fn.search(part text, top numeric DEFAULT 5, "min" numeric DEFAULT 0) RETURNS SETOF fn.item LANGUAGE sql STABLE AS
  $$ SELECT * FROM fn.item WHERE name LIKE part || '%' AND price BETWEEN "min" AND top $$;
CREATE FUNCTION fn.cheapest() RETURNS fn.item LANGUAGE sql STABLE AS $$ SELECT * FROM fn.item ORDER BY price LIMIT 1 $$;
CREATE FUNCTION fn.none() RETURNS fn.item LANGUAGE sql STABLE AS $$ SELECT * FROM fn.item WHERE false $$;
CREATE FUNCTION fn.unnamed(int, text DEFAULT 'x') RETURNS SETOF fn.item LANGUAGE sql STABLE AS $$ SELECT * FROM fn.item WHERE id >= $1 AND $2 IS NOT NULL $$;
CREATE FUNCTION fn.mine(session json) RETURNS SETOF fn.item LANGUAGE sql STABLE AS $$ SELECT * FROM fn.item WHERE shop_id = (session ->> 'x-hasura-shop-id')::int $$;
CREATE FUNCTION fn.open_shop(name text) RETURNS fn.shop LANGUAGE plpgsql VOLATILE AS $$
DECLARE made fn.shop;
BEGIN
  INSERT INTO fn.shop SELECT max(id) + 1, open_shop.name FROM fn.shop RETURNING * INTO made;
  INSERT INTO fn.item SELECT 100 + made.id, made.id, 'first', 1;
  RETURN made;
END $$;
CREATE FUNCTION fn.raise_prices(factor numeric) RETURNS SETOF fn.item LANGUAGE sql VOLATILE AS $$ UPDATE fn.item SET price = price * factor RETURNING * $$;
GRANT SELECT ON fn.shop TO fn_web;
GRANT SELECT (id, shop_id, name, price) ON fn.item TO fn_web;

-- STABLE: query and subscription, with _aggregate where there is a set; VOLATILE: mutation. Nothing before it is tracked.
SELECT pg_temp.roots('search|cheapest|open|mine|unnamed|raise');
SELECT gqlsvl.track_function('fn.search(text, numeric, numeric)', name => 'search'), gqlsvl.track_function('fn.cheapest()'), gqlsvl.track_function('fn.none()'),
       gqlsvl.track_function('fn.unnamed(int, text)'), gqlsvl.track_function('fn.mine(json)', session_argument => 'session'),
       gqlsvl.track_function('fn.open_shop(text)'), gqlsvl.track_function('fn.raise_prices(numeric)');
SELECT pg_temp.roots('search|cheapest|none|open|mine|unnamed|raise');
SELECT pg_temp.fields('search_args'), pg_temp.fields('fn_unnamed_args'), pg_temp.fields('fn_mine_args');
SELECT gqlsvl.resolve('{ search(args: {part: "ap"}, order_by: {id: asc}) { id name shop { name } } search_aggregate(args: {part: "ap", top: 100}) { aggregate { count max { price } } } }');
-- Defaults apply to what is left out, wherever it stands; null is null.
SELECT gqlsvl.resolve('query($a: search_args!) { search(args: $a, where: {shop: {name: {_eq: "North"}}}, limit: 1, order_by: {price: desc}) { id } }', '{"a": {"part": "", "min": 2}}');
SELECT gqlsvl.resolve('{ search(args: {part: "ap", top: null}) { id } }');
SELECT gqlsvl.resolve('{ search(args: {top: 9}) { id } }');
SELECT gqlsvl.resolve('{ search { id } }');
SELECT gqlsvl.resolve('{ fn_cheapest { name } fn_none { name } fn_unnamed(args: {arg_1: 3}) { id } }');
CREATE FUNCTION fn.half_named(a int DEFAULT 1, int DEFAULT 2) RETURNS SETOF fn.item LANGUAGE sql STABLE AS $$ SELECT * FROM fn.item WHERE id IN ($1, $2) $$;
SELECT gqlsvl.track_function('fn.half_named(int, int)');
SELECT gqlsvl.resolve('{ fn_half_named(order_by: {id: asc}) { id } }'), gqlsvl.resolve('{ fn_half_named(args: {a: 3, arg_1: 1}, order_by: {id: asc}) { id } }');
SELECT gqlsvl.resolve('{ fn_half_named(args: {arg_1: 1}) { id } }');
-- The session argument is given the session variables.
SELECT gqlsvl.resolve('{ fn_mine { id } }');
SET request.jwt.claims = '{"x-hasura-shop-id": "1"}';
SELECT gqlsvl.resolve('{ fn_mine(order_by: {id: asc}) { id } }');
SELECT set_config('hasura.user', '{"x-hasura-shop-id": "2"}', false);
SELECT gqlsvl.resolve('{ fn_mine { id } }');
SELECT set_config('hasura.user', '', false);
RESET request.jwt.claims;
-- A mutation's answer sees what the function did; a query cannot write.
SELECT gqlsvl.resolve('mutation { fn_open_shop(args: {name: "East"}) { id name item { name } } fn_raise_prices(args: {factor: 10}, where: {id: {_lt: 3}}, order_by: {id: desc}) { id price } }');
SELECT gqlsvl.resolve('mutation { fn_raise_prices(args: {factor: 0.1}, order_by: {id: asc}) { id price shop { name } } }');
SELECT gqlsvl.track_function('fn.open_shop(text)', expose_as => 'query');
SELECT pg_temp.roots('open'), gqlsvl.resolve('{ fn_open_shop(args: {name: "West"}) { id } }');
SELECT gqlsvl.untrack_function('fn.open_shop(text)');
SELECT pg_temp.roots('open');

-- As the caller: EXECUTE and SELECT, column by column, and with USAGE on the function's schema.
RESET ROLE; SET ROLE fn_web;
SELECT pg_temp.roots('search|cheapest'), pg_temp.fields('fn_item');
SELECT gqlsvl.resolve('{ search(args: {part: "ap"}) { id } }');
RESET ROLE; SET ROLE fn_owner;
ALTER FUNCTION fn.search SECURITY DEFINER;
RESET ROLE; SET ROLE fn_web;
SELECT gqlsvl.resolve('{ search(args: {part: "ap"}) { id } }');
RESET ROLE; SET ROLE fn_owner;
REVOKE EXECUTE ON FUNCTION fn.search FROM PUBLIC;
RESET ROLE; SET ROLE fn_web;
SELECT pg_temp.roots('search|cheapest');
SELECT gqlsvl.track_function('fn.cheapest()');
SELECT gqlsvl.untrack_function('fn.cheapest()');
RESET ROLE; SET ROLE fn_owner;
GRANT EXECUTE ON FUNCTION fn.search TO fn_web;
RESET ROLE; SET ROLE fn_web;
SELECT pg_temp.roots('search');
RESET ROLE; SET ROLE fn_owner;

-- Comments describe; what is changed is seen at the next call, and after a rollback it is as before.
CREATE FUNCTION pg_temp.described(field text) RETURNS text LANGUAGE sql AS $$
  SELECT f ->> 'description' FROM json_array_elements(gqlsvl.resolve('{ __type(name: "query_root") { fields { name description } } }') #> '{data,__type,fields}') AS f WHERE f ->> 'name' = field
$$;
SELECT pg_temp.described('search'), pg_temp.described('search_aggregate');
COMMENT ON FUNCTION fn.search IS 'Finds items.';
SELECT pg_temp.described('search');
BEGIN;
CREATE OR REPLACE FUNCTION fn.search(part text, top numeric DEFAULT 5, "min" numeric DEFAULT 0) RETURNS SETOF fn.item LANGUAGE sql VOLATILE AS $$ SELECT * FROM fn.item $$;
SELECT pg_temp.roots('search');
ROLLBACK;
SELECT pg_temp.roots('search');

-- Overloaded: a signature names one; two cannot have one name.
CREATE FUNCTION fn.search(id int) RETURNS SETOF fn.item LANGUAGE sql STABLE AS $$ SELECT * FROM fn.item WHERE item.id = $1 $$;
SELECT gqlsvl.track_function('fn.search(int)', name => 'search');
SELECT gqlsvl.track_function('fn.search(int)', name => 'fn_item');
SELECT gqlsvl.track_function('fn.search(int)', name => 'fn_item_by_pk');
SELECT gqlsvl.track_function('fn.search(int)', name => 'by_number');
SELECT gqlsvl.resolve('{ by_number(args: {id: 3}) { id } search(args: {part: "p"}) { id } }');

-- Refused, with the reason.
CREATE FUNCTION fn.scalar() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION fn.columns() RETURNS TABLE (a int) LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION fn.many(VARIADIC int[]) RETURNS SETOF fn.item LANGUAGE sql STABLE AS 'SELECT * FROM fn.item';
CREATE FUNCTION fn.any(anyelement) RETURNS SETOF fn.item LANGUAGE sql STABLE AS 'SELECT * FROM fn.item';
CREATE PROCEDURE fn.proc() LANGUAGE sql AS 'SELECT 1';
CREATE TYPE fn.pair AS (a int, b int);
CREATE FUNCTION fn.composite() RETURNS SETOF fn.pair LANGUAGE sql STABLE AS 'SELECT 1, 2';
SELECT gqlsvl.track_function('fn.scalar()');
SELECT gqlsvl.track_function('fn.columns()');
SELECT gqlsvl.track_function('fn.many(int[])');
SELECT gqlsvl.track_function('fn.any(anyelement)');
SELECT gqlsvl.track_function('fn.proc()');
SELECT gqlsvl.track_function('fn.composite()');
SELECT gqlsvl.track_function('fn.cheapest()', expose_as => 'both');
SELECT gqlsvl.track_function('fn.cheapest()', session_argument => 'session');
SELECT gqlsvl.track_function('fn.cheapest()', name => 'no name');
SELECT gqlsvl.track_function(NULL);
SELECT gqlsvl.untrack_function('fn.scalar()');
\set VERBOSITY default
SELECT gqlsvl.track_function('fn.columns()');
\set VERBOSITY terse

-- Gone or unfit: left out of the API, and named by check().
DROP FUNCTION fn.cheapest();
CREATE OR REPLACE FUNCTION fn.mine(session json) RETURNS SETOF fn.item LANGUAGE sql STABLE AS 'SELECT * FROM fn.item';
ALTER FUNCTION fn.unnamed(int, text) RENAME TO other;
SELECT pg_temp.roots('cheapest|mine|unnamed|other');
RESET ROLE;
SELECT message, hint FROM gqlsvl.check() WHERE name = 'function';
SELECT gqlsvl.untrack_function('fn.cheapest()'), gqlsvl.untrack_function('fn.unnamed(integer,pg_catalog.text)');
SELECT count(*) FROM gqlsvl.check() WHERE name = 'function';
DELETE FROM gqlsvl.function_field;
SELECT pg_temp.roots('search|none|mine') IS NULL;
RESET gqlsvl.schemas;
DROP OWNED BY fn_owner, fn_web;
DROP ROLE fn_owner;
DROP ROLE fn_web;
