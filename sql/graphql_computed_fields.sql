-- Computed fields: functions of a row as fields of its table, in filters and orders, for whom may read the whole row.
-- Dialect: D8-computed D3-computed D4.1-computed
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.fields(type text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(f ->> 'name', ' ' ORDER BY n), '-') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } inputFields { name } } }', json_build_object('t', type))
      #> '{data,__type}' -> CASE WHEN type ~ '_(args|exp|order_by|input)$' THEN 'inputFields' ELSE 'fields' END) WITH ORDINALITY AS x (f, n)
$$;
CREATE ROLE cf_owner;
CREATE ROLE cf_web;
CREATE SCHEMA cf AUTHORIZATION cf_owner;
GRANT USAGE ON SCHEMA cf TO cf_web;
SET gqlsvl.schemas = cf;
SET ROLE cf_owner;
CREATE TABLE cf.author (id int PRIMARY KEY, first text, last text, extra jsonb);
CREATE TABLE cf.book (id int PRIMARY KEY, author_id int NOT NULL REFERENCES cf.author, title text, price numeric);
INSERT INTO cf.author VALUES (1, 'Ana', 'Zorn', '{"a": [1, 2]}'), (2, 'Bo', 'Young', '{}');
INSERT INTO cf.book VALUES (1, 1, 'One', 10), (2, 1, 'Two', 30), (3, 2, 'Three', 20);
CREATE FUNCTION cf.full_name(cf.author) RETURNS text LANGUAGE sql STABLE AS $$ SELECT $1.first || ' ' || $1.last $$;
CREATE FUNCTION cf.greeting(word text, author cf.author, mark text DEFAULT '!') RETURNS text LANGUAGE sql STABLE AS $$ SELECT word || ' ' || author.first || mark $$;
CREATE FUNCTION cf.as_json(cf.author) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_build_object('id', $1.id, 'in', $1.extra) $$;
CREATE FUNCTION cf.is_me(author cf.author, session json) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT author.id = (session ->> 'x-hasura-user-id')::int $$;
CREATE FUNCTION cf.dear_books(cf.author) RETURNS SETOF cf.book LANGUAGE sql STABLE AS $$ SELECT * FROM cf.book WHERE author_id = $1.id AND price >= 20 $$;
CREATE FUNCTION cf.books_from(author cf.author, lowest numeric) RETURNS SETOF cf.book LANGUAGE sql STABLE AS $$ SELECT * FROM cf.book WHERE author_id = author.id AND price >= lowest $$;
GRANT SELECT ON cf.book TO cf_web;
GRANT SELECT (id, first, last) ON cf.author TO cf_web;
SELECT gqlsvl.add_computed_field('cf.author', 'full_name', 'cf.full_name(cf.author)'), gqlsvl.add_computed_field('cf.author', 'greeting', 'cf.greeting(text, cf.author, text)', 'author'),
       gqlsvl.add_computed_field('cf.author', 'as_json', 'cf.as_json(cf.author)'), gqlsvl.add_computed_field('cf.author', 'is_me', 'cf.is_me(cf.author, json)', session_argument => 'session'),
       gqlsvl.add_computed_field('cf.author', 'dear_books', 'cf.dear_books(cf.author)'), gqlsvl.add_computed_field('cf.author', 'books_from', 'cf.books_from(cf.author, numeric)');

-- Where they are, and where not: those with arguments in no filter and order, none in inputs and aggregates.
SELECT pg_temp.fields('cf_author');
SELECT pg_temp.fields('cf_author_bool_exp');
SELECT pg_temp.fields('cf_author_order_by');
SELECT pg_temp.fields('greeting_cf_author_args'), pg_temp.fields('books_from_cf_author_args');
SELECT pg_temp.fields('cf_author_insert_input'), pg_temp.fields('cf_author_max_fields');
SELECT gqlsvl.resolve('{ __type(name: "cf_author") { fields { name description type { kind name ofType { kind name ofType { name } } } args { name type { kind ofType { name } } } } } }') #>> '{data,__type,fields,5}';

SELECT gqlsvl.resolve('{ cf_author(order_by: {full_name: desc}) { full_name greeting(args: {word: "Hi"}) again: greeting(args: {word: "Hi", mark: "?"}) as_json as_json_in: as_json(path: "in.a[1]") dear_books { title author { full_name } } } }');
SELECT gqlsvl.resolve('{ cf_author(order_by: {id: asc}) { id books_from(args: {lowest: 15}, order_by: {price: desc}, limit: 1) { title } } }');
SELECT gqlsvl.resolve('{ cf_author { greeting } }');
SELECT gqlsvl.resolve('{ cf_author { greeting(args: {mark: "?"}) } }');
-- In filters and orders, of related rows too.
SELECT gqlsvl.resolve('{ cf_author(where: {full_name: {_ilike: "%zorn"}}) { id } cf_book(where: {author: {full_name: {_like: "Bo%"}}}, order_by: {author: {full_name: asc}}) { id } }');
SELECT gqlsvl.resolve('{ cf_author(where: {dear_books: {title: {_eq: "Two"}}}) { id } cf_author_aggregate(where: {_not: {dear_books: {}}}) { aggregate { count } } by_count: cf_author(order_by: [{dear_books_aggregate: {max: {price: desc}}}]) { id } by: cf_author(order_by: {dear_books_aggregate: {count: asc}, id: desc}) { id } }');
SELECT set_config('hasura.user', '{"x-hasura-user-id": "2"}', false);
SELECT gqlsvl.resolve('{ cf_author(where: {is_me: {_eq: true}}) { id is_me } }');
-- What a mutation returns has them too, with what it has just written.
SELECT gqlsvl.resolve('mutation { insert_cf_author_one(object: {id: 3, first: "Cy", last: "X", book: {data: [{id: 9, title: "New", price: 99}]}}) { full_name dear_books { title } } update_cf_author(where: {full_name: {_eq: "Cy X"}}, _set: {last: "Y"}) { affected_rows returning { full_name as_json } } delete_cf_book_by_pk(id: 9) { author { full_name } } delete_cf_author_by_pk(id: 3) { full_name } }');
-- Functions that are root fields return rows that have them.
CREATE FUNCTION cf.everybody() RETURNS SETOF cf.author LANGUAGE sql STABLE AS 'SELECT * FROM cf.author';
SELECT gqlsvl.track_function('cf.everybody()');
SELECT gqlsvl.resolve('{ cf_everybody(where: {full_name: {_like: "A%"}}) { full_name } }');

-- A STABLE function in SQL is inlined: the index on what it computes serves.
CREATE FUNCTION cf.plain_last(cf.author) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1.last) $$;
SELECT gqlsvl.add_computed_field('cf.author', 'plain_last', 'cf.plain_last(cf.author)');
CREATE INDEX ON cf.author (lower(last));
SET enable_seqscan = off;
SELECT sql ~ 'plain_last' FROM json_to_recordset(gqlsvl.explain('{ cf_author(where: {plain_last: {_eq: "zorn"}}) { id } }') -> 'statements') AS x (sql text);
EXPLAIN (COSTS OFF) SELECT t1.id FROM cf.author AS t1 WHERE cf.plain_last(t1) = 'zorn';
RESET enable_seqscan;

-- Only for whom may read all columns of the row, and execute the function.
RESET ROLE; SET ROLE cf_web;
SELECT pg_temp.fields('cf_author');
RESET ROLE; SET ROLE cf_owner;
GRANT SELECT (extra) ON cf.author TO cf_web;
REVOKE EXECUTE ON FUNCTION cf.as_json FROM PUBLIC;
RESET ROLE; SET ROLE cf_web;
SELECT pg_temp.fields('cf_author');
SELECT gqlsvl.resolve('{ cf_author(order_by: {id: asc}) { full_name dear_books { id } } }');
SELECT gqlsvl.add_computed_field('cf.author', 'mine', 'cf.full_name(cf.author)');
SELECT gqlsvl.drop_computed_field('cf.author', 'full_name');
RESET ROLE; SET ROLE cf_owner;

-- Refused, with the reason.
CREATE FUNCTION cf.dice(cf.author) RETURNS double precision LANGUAGE sql VOLATILE AS 'SELECT random()';
CREATE FUNCTION cf.numbers(cf.author) RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION cf.one_book(cf.author) RETURNS cf.book LANGUAGE sql STABLE AS 'SELECT * FROM cf.book';
CREATE FUNCTION cf.nothing(cf.author) RETURNS void LANGUAGE sql STABLE AS 'SELECT 1';
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.dice(cf.author)');
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.numbers(cf.author)');
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.one_book(cf.author)');
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.nothing(cf.author)');
SELECT gqlsvl.add_computed_field('cf.book', 'x', 'cf.full_name(cf.author)');
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.greeting(text, cf.author, text)');
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.full_name(cf.author)', 'nobody');
SELECT gqlsvl.add_computed_field('cf.author', 'x', 'cf.full_name(cf.author)', session_argument => 'nobody');
SELECT gqlsvl.add_computed_field('cf.author', 'last', 'cf.full_name(cf.author)');
SELECT gqlsvl.add_computed_field('cf.author', 'no name', 'cf.full_name(cf.author)');
SELECT gqlsvl.add_computed_field('cf.author', NULL, 'cf.full_name(cf.author)');
SELECT gqlsvl.drop_computed_field('cf.author', 'x');

-- One of the same name replaces; a dropped one is gone; an unfit one is left out and named.
SELECT gqlsvl.add_computed_field('cf.author', 'full_name', 'cf.plain_last(cf.author)');
SELECT gqlsvl.resolve('{ cf_author(limit: 1) { full_name } }');
SELECT gqlsvl.drop_computed_field('cf.author', 'full_name');
SELECT pg_temp.fields('cf_author') ~ 'full_name';
DROP FUNCTION cf.dear_books;
ALTER FUNCTION cf.is_me VOLATILE;
-- A column that comes later wins.
ALTER TABLE cf.author ADD COLUMN as_json int;
SELECT pg_temp.fields('cf_author');
RESET ROLE;
SELECT message FROM gqlsvl.check() WHERE name = 'function';
DROP TABLE cf.author CASCADE;
SELECT count(*) FROM gqlsvl.check() WHERE name = 'function' AND message ~ 'cf.author';
DELETE FROM gqlsvl.function_field;
RESET gqlsvl.schemas;
DROP OWNED BY cf_owner, cf_web;
DROP ROLE cf_owner;
DROP ROLE cf_web;
