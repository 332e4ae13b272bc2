-- Whichever way a relationship's rows are reached (gqlsvl.explain says which, and why), the answer is the same as by a sub-select for each row.
BEGIN;
SELECT plan(23);
CREATE SCHEMA shape;
SET LOCAL gqlsvl.schemas = 'shape';
CREATE TABLE shape.shop (id int PRIMARY KEY, name text);
CREATE TABLE shape.sale (id int PRIMARY KEY, shop_id int REFERENCES shape.shop, price numeric);
INSERT INTO shape.shop VALUES (1, 'one'), (2, 'two'), (3, 'no sales');
INSERT INTO shape.sale VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30), (4, NULL, 40);

CREATE FUNCTION shape_of(document text, field text) RETURNS text LANGUAGE sql AS $$
  SELECT s->>'shape' FROM json_array_elements(gqlsvl.explain(document)->'statements') q, json_array_elements(q->'shapes') s
  WHERE s->>'path' LIKE '%.' || field AND s->>'reason' <> '' $$;
CREATE FUNCTION answers(document text, wanted text, why text) RETURNS text LANGUAGE sql AS $$
  SELECT is(gqlsvl.resolve(document)->>'data', wanted, why) $$;

SELECT is(shape_of('{ shape_sale { shop { name } } }', 'shop'), 'left join', 'an object by a key is joined');
SELECT answers('{ shape_sale(order_by: {id: asc}) { shop { name } } }', '{"shape_sale":[{"shop":{"name":"one"}},{"shop":{"name":"one"}},{"shop":{"name":"two"}},{"shop":null}]}',
  'a row without partner has null');
SELECT is(shape_of('{ shape_shop { sale { id } } }', 'sale'), 'grouped join', 'the lists of all parents are made in one pass');
SELECT answers('{ shape_shop(order_by: {id: asc}) { sale(order_by: {id: desc}) { id } } }', '{"shape_shop":[{"sale":[{"id":2},{"id":1}]},{"sale":[{"id":3}]},{"sale":[]}]}',
  'each parent has its own rows in order, one without rows an empty list');
SELECT answers('{ shape_shop(order_by: {id: asc}) { sale_aggregate(where: {price: {_gt: "10"}}) { aggregate { count max { price } } } } }',
  '{"shape_shop":[{"sale_aggregate":{"aggregate":{"count":1,"max":{"price":20}}}},{"sale_aggregate":{"aggregate":{"count":1,"max":{"price":30}}}},{"sale_aggregate":{"aggregate":{"count":0,"max":{"price":null}}}}]}',
  'aggregates of groups: of none where there is no row');
SELECT is(shape_of('{ shape_shop(limit: 2) { sale { id } } }', 'sale'), 'sub-select', 'of a limited number of parents: only their rows are read');
SELECT is(shape_of('{ shape_shop(where: {id: {_eq: 1}}) { sale_aggregate { aggregate { count } } } }', 'sale_aggregate'), 'sub-select', 'of chosen parents too');
SELECT is(shape_of('{ shape_shop { sale(limit: 1) { id } } }', 'sale'), 'sub-select', 'a limit holds for each parent');
SELECT answers('{ shape_shop(order_by: {id: asc}) { sale(limit: 1, order_by: {id: desc}) { id } } }', '{"shape_shop":[{"sale":[{"id":2}]},{"sale":[{"id":3}]},{"sale":[]}]}',
  'and is one for each of them');
SELECT answers('{ shape_sale(order_by: [{shop: {name: desc}}, {id: desc}], limit: 3) { id shop { id } } }', '{"shape_sale":[{"id":4,"shop":null},{"id":3,"shop":{"id":2}},{"id":2,"shop":{"id":1}}]}',
  'rows ordered by a joined column, limited, joined again');
SELECT is(shape_of('mutation { update_shape_sale(where: {}, _inc: {price: "1"}) { returning { shop { name } } } }', 'shop'), 'sub-select',
  'rows that a mutation returns keep their order');
SELECT is(shape_of('subscription { shape_sale { shop { name } } }', 'shop'), 'sub-select', 'a subscription looks its rows up, so that it waits for these only');

-- A key says nothing about the rows of inheriting tables.
CREATE TABLE shape.branch () INHERITS (shape.shop);
INSERT INTO shape.branch VALUES (2, 'two again');
SELECT is(shape_of('{ shape_sale { shop { name } } }', 'shop'), 'sub-select', 'a table that others inherit from may have a key twice');
SELECT is(json_array_length(gqlsvl.resolve('{ shape_sale { shop { name } } }')->'data'->'shape_sale'), 4, 'no row comes twice for it');
DROP TABLE shape.branch;
ANALYZE shape.shop; -- only then does Postgres forget that there was one
SELECT is(shape_of('{ shape_sale { shop { name } } }', 'shop'), 'left join', 'and may not when none does any more');

-- A deferrable key can be broken inside a transaction.
CREATE TABLE shape.note (id int PRIMARY KEY, shop_id int UNIQUE DEFERRABLE INITIALLY DEFERRED REFERENCES shape.shop);
INSERT INTO shape.note VALUES (1, 1), (2, 1);
SELECT is(shape_of('{ shape_shop { note { id } } }', 'note'), 'sub-select', 'a deferrable key does not count');
SELECT is(json_array_length(gqlsvl.resolve('{ shape_shop { note { id } } }')->'data'->'shape_shop'), 3, 'no row comes twice for it either');
DELETE FROM shape.note;

-- Equal for the foreign key and equal for a group are not the same where a collation takes case for nothing.
CREATE COLLATION shape.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE shape.tag (name text PRIMARY KEY);
CREATE TABLE shape.tagged (id int PRIMARY KEY, tag text COLLATE shape.nocase);
ALTER TABLE shape.tagged ADD CONSTRAINT tagged_tag FOREIGN KEY (tag) REFERENCES shape.tag;
SELECT is(shape_of('{ shape_tag { tagged { id } } }', 'tagged'), 'sub-select', 'a column that takes A for a is not grouped by');

-- Row security: what is hidden stays hidden, and the rows of hidden parents are not read for nothing.
CREATE ROLE shape_clerk;
GRANT USAGE ON SCHEMA shape TO shape_clerk;
GRANT SELECT ON ALL TABLES IN SCHEMA shape TO shape_clerk;
ALTER TABLE shape.shop ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shape.shop USING (name = current_setting('shape.shop', true));
SET LOCAL shape.shop = 'two';
SET LOCAL ROLE shape_clerk;
SELECT answers('{ shape_sale(order_by: {id: asc}) { id shop { name } } }',
  '{"shape_sale":[{"id":1,"shop":null},{"id":2,"shop":null},{"id":3,"shop":{"name":"two"}},{"id":4,"shop":null}]}', 'a partner that a policy hides is null');
SELECT is(shape_of('{ shape_shop { sale { id } } }', 'sale'), 'sub-select', 'with a policy on the parents their rows are looked up');
SELECT answers('{ shape_shop { sale(order_by: {id: asc}) { id } } }', '{"shape_shop":[{"sale":[{"id":3}]}]}', 'for those that are shown');
RESET ROLE;
ALTER TABLE shape.shop DISABLE ROW LEVEL SECURITY;
SELECT is(shape_of('{ shape_shop { sale { id } } }', 'sale'), 'grouped join', 'the shape follows ALTER TABLE at once');

-- Seven joins at most in one select: the planner does not order more by cost.
SELECT is((SELECT count(*) FILTER (WHERE s->>'shape' = 'left join') FROM json_array_elements(gqlsvl.explain(
  '{ shape_sale { ' || (SELECT string_agg(format('a%s: shop { name }', n), ' ') FROM generate_series(1, 9) n) || ' } }')->'statements') q, json_array_elements(q->'shapes') s),
  7::bigint, 'of nine objects seven are joined');
SELECT * FROM finish();
ROLLBACK;
