-- A schema that makes every name and type of the generated API difficult. Needs gqlsvl.schemas = 'public, shop' and roles boss and web.
CREATE SCHEMA shop;
CREATE TYPE order_state AS ENUM ('new', 'in work', 'done');
CREATE TYPE shop.order_state AS ENUM ('other');             -- the same name in another schema
CREATE TYPE money_amount AS (amount numeric, currency text);
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE DOMAIN shop.email AS integer;                        -- the same name, another base
CREATE DOMAIN "Int" AS text;                                -- a name of GraphQL's own
CREATE DOMAIN "odd domain" AS text;                         -- no GraphQL name: its column is left out
CREATE DOMAIN email_array AS text;                          -- email_array_comparison_exp is also that of email[]

CREATE TABLE person (id integer PRIMARY KEY, name text NOT NULL, boss_id integer REFERENCES person);
CREATE TABLE "order" (                                      -- reserved in SQL
  id bigint PRIMARY KEY, seller_id integer NOT NULL REFERENCES person, buyer_id integer REFERENCES person,
  state order_state, states order_state[], price money_amount, contact email, contacts email[], fake "Int", odd "odd domain", spare email_array,
  meta jsonb, plain json, tags text[], numbers integer[], amount numeric(10, 2), ratio real, precise double precision, paid boolean,
  at timestamptz, day date, span interval, key uuid, raw bytea, address inet, during tstzrange, small smallint,
  total numeric GENERATED ALWAYS AS (amount * 2) STORED);
CREATE TABLE shop."order" (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state shop.order_state, contact shop.email);
CREATE TABLE profile (person_id integer PRIMARY KEY REFERENCES person, bio text);   -- one to one
CREATE TABLE pair (a integer, b integer, PRIMARY KEY (a, b), UNIQUE (b, a));
CREATE TABLE part (id integer PRIMARY KEY, a integer, b integer, FOREIGN KEY (a, b) REFERENCES pair);
-- Names that another table's fields and types have too.
CREATE TABLE order_aggregate (id integer PRIMARY KEY);
CREATE TABLE order_by_pk (id integer PRIMARY KEY);
CREATE TABLE order_one (id integer PRIMARY KEY);
CREATE TABLE order_bool_exp (id integer PRIMARY KEY);
CREATE TABLE public_order_aggregate (id integer PRIMARY KEY);
CREATE TABLE shop_order (id integer PRIMARY KEY);
-- Names of GraphQL's own or of every schema here.
CREATE TABLE "String" (id integer PRIMARY KEY, t text);
CREATE TABLE query_root (id integer PRIMARY KEY);
CREATE TABLE order_by (id integer PRIMARY KEY);
CREATE TABLE jsonb (id integer PRIMARY KEY, j jsonb);
CREATE TABLE "Int_comparison_exp" (id integer PRIMARY KEY);
-- Columns with names that the generated types use.
CREATE TABLE keyword (_and integer PRIMARY KEY, _not text, "where" text, "limit" text, "if" text, "true" text, "null" text, "on" text, __reserved text, "kebab-case" text,
  "Ünïcode" text, "9lives" text, type text, query text, count integer, nodes integer, aggregate integer);
CREATE TABLE "true" (id integer PRIMARY KEY, "null" integer REFERENCES "true");
CREATE TABLE "odd table" (id integer PRIMARY KEY);
CREATE TABLE "__hidden" (id integer PRIMARY KEY);
CREATE TABLE empty_table ();
CREATE TABLE keyless (body text);
CREATE TABLE node (id integer PRIMARY KEY, node_id integer REFERENCES node, node integer);   -- column, relationship and table of one name
CREATE TABLE ledger (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE ledger_2026 PARTITION OF ledger FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW person_view AS SELECT id, name FROM person;
CREATE VIEW person_count AS SELECT count(*) AS persons FROM person;
CREATE MATERIALIZED VIEW person_copy AS SELECT * FROM person;
COMMENT ON TABLE person IS 'People: "quoted" \ and
on two lines, 😀';
COMMENT ON COLUMN person.name IS E'tab\there';

INSERT INTO person VALUES (1, 'Ann', NULL), (2, 'Bob', 1);
INSERT INTO "order" (id, seller_id, buyer_id, state, states, price, contact, contacts, meta, plain, tags, numbers, amount, ratio, precise, paid, at, day, span, key, raw, address, during, small)
VALUES (1, 1, 2, 'in work', '{new,"in work"}', '(1.5,EUR)', 'a@b', '{a@b}', '{"a": [1, {"b": null}]}', '[1, 2]', '{x,y}', '{1,2}', 9.5, 0.5, 'NaN', true,
  '2026-01-02 03:04:05+00', '2026-01-02', '1 day', '00000000-0000-0000-0000-000000000001', '\x00ff', '10.0.0.1', '[2026-01-01,2026-02-01)', 7);
INSERT INTO shop."order" (state, contact) VALUES ('other', 5);
INSERT INTO profile VALUES (1, 'bio');
INSERT INTO keyword VALUES (1, 'n', 'w', 'l', 'i', 't', 'n', 'o', 'r', 'k', 'u', '9', 't', 'q', 1, 2, 3);

-- web: columns of some, insert only on one, nothing on others.
GRANT USAGE ON SCHEMA shop TO boss, web;
GRANT ALL ON ALL TABLES IN SCHEMA public, shop TO boss;
GRANT SELECT (id, name) ON person TO web;
GRANT SELECT (id, seller_id, state, meta), UPDATE (meta) ON "order" TO web;
GRANT INSERT ON keyless TO web;
GRANT SELECT (bio) ON profile TO web;
GRANT DELETE ON pair TO web;

-- Functions as fields; for web none: it may execute none of them. The last two are refused their names by tables.
CREATE FUNCTION sales(integer DEFAULT 1, "if" integer DEFAULT 2, "odd name" shop.email DEFAULT NULL) RETURNS SETOF "order" LANGUAGE sql STABLE AS 'SELECT * FROM "order" WHERE seller_id = $1';
CREATE FUNCTION shop.first_person() RETURNS person LANGUAGE sql STABLE AS 'SELECT * FROM public.person ORDER BY id LIMIT 1';
CREATE FUNCTION hire(name text) RETURNS person LANGUAGE sql VOLATILE AS 'INSERT INTO person SELECT max(id) + 1, $1 FROM person RETURNING *';
CREATE FUNCTION initials(person) RETURNS text LANGUAGE sql STABLE AS 'SELECT left($1.name, 1)';
CREATE FUNCTION as_json(person, "of" text DEFAULT 'x') RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT jsonb_build_object($2, $1.id)';
CREATE FUNCTION sold(person) RETURNS SETOF "order" LANGUAGE sql STABLE AS 'SELECT * FROM "order" WHERE seller_id = $1.id';
REVOKE EXECUTE ON FUNCTION sales, shop.first_person, hire, initials, as_json, sold FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sales, shop.first_person, hire, initials, as_json, sold TO boss;
SELECT gqlsvl.track_function('sales'::regproc::oid::regprocedure), gqlsvl.track_function('shop.first_person()'), gqlsvl.track_function('hire(text)');
SELECT gqlsvl.add_computed_field('person', 'initials', 'initials(person)'), gqlsvl.add_computed_field('person', 'as_json', 'as_json(person, text)'), gqlsvl.add_computed_field('person', 'sold', 'sold(person)');
CREATE FUNCTION everybody() RETURNS SETOF person LANGUAGE sql STABLE AS 'SELECT * FROM person';
CREATE FUNCTION everybody_else() RETURNS SETOF person LANGUAGE sql STABLE AS 'SELECT * FROM person';
SELECT gqlsvl.track_function('everybody()'), gqlsvl.track_function('everybody_else()');
UPDATE gqlsvl.function_field SET name = CASE WHEN function ~ 'else' THEN 'insert_order_one' ELSE 'order_by_pk' END WHERE function ~ 'everybody';
