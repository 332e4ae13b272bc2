-- Which names the API gives: relationships, clashes, names that are no GraphQL names, other schemas.
-- Dialect: D5-scalar-names D8-public D8-invalid D8-clash
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.fields(type text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(f ->> 'name', ' ' ORDER BY n), '-') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } } }', json_build_object('t', type)) #> '{data,__type,fields}')
    WITH ORDINALITY AS x (f, n)
$$;
CREATE SCHEMA names;
SET gqlsvl.schemas = names;
SET search_path = names, public;

-- Object side: the column less _id or Id, else the referenced table. Array side: the referencing table; <table>_by_<columns> when there are
-- several keys between the same two. A unique key is an object on both sides.
CREATE TABLE person (id int PRIMARY KEY, email text UNIQUE);
CREATE TABLE letter (id int PRIMARY KEY, sender_id int REFERENCES person, "receiverId" int REFERENCES person, reader text REFERENCES person (email));
CREATE TABLE passport (number text PRIMARY KEY, person_id int NOT NULL UNIQUE REFERENCES person);
CREATE TABLE place (x int, y int, PRIMARY KEY (x, y));
CREATE TABLE visit (id int, at_x int, at_y int, FOREIGN KEY (at_x, at_y) REFERENCES place);
CREATE TABLE node (id int PRIMARY KEY, parent_id int REFERENCES node);
SELECT pg_temp.fields('names_letter');
SELECT pg_temp.fields('names_person');
SELECT pg_temp.fields('names_passport');
SELECT pg_temp.fields('names_visit'), pg_temp.fields('names_place');
SELECT pg_temp.fields('names_node');
-- A column wins a clash, also one that the role cannot read: a relationship has one name for all who see it.
CREATE TABLE clash (id int PRIMARY KEY, person_id int REFERENCES person, person text, "personId" int REFERENCES person);
CREATE TABLE crowd (id int PRIMARY KEY, clash_id int REFERENCES clash);
ALTER TABLE clash ADD COLUMN crowd_aggregate int;
SELECT pg_temp.fields('names_clash');
CREATE ROLE names_reader;
GRANT USAGE ON SCHEMA names TO names_reader;
GRANT SELECT (id, "personId") ON clash TO names_reader;
GRANT SELECT (id) ON person TO names_reader;
SET ROLE names_reader;
SELECT pg_temp.fields('names_clash'), pg_temp.fields('names_person');
RESET ROLE;

-- Names that GraphQL cannot write are left out; awkward ones that it can are quoted in SQL.
CREATE TABLE "Select" (id int PRIMARY KEY, "order" int, "Group" text, "a b" int, "ü" int, "__typename" int, "_ok" int, "1st" int);
INSERT INTO "Select" VALUES (1, 2, 'g', 3, 4, 5, 6, 7);
CREATE TABLE "no name" (id int);
CREATE TABLE "in""jection" (id int);
SELECT pg_temp.fields('names_Select');
SELECT gqlsvl.resolve('{ names_Select(where: {Group: {_eq: "g"}}, order_by: {order: asc}) { order Group _ok } }');
SELECT gqlsvl.resolve('mutation { update_names_Select_by_pk(pk_columns: {id: 1}, _set: {Group: "h"}, _inc: {order: 1}) { order Group __typename } }');
SELECT pg_temp.fields('query_root') ~ 'no name|jection';
-- 63 bytes, the longest name Postgres keeps.
CREATE TABLE a_very_long_name_that_needs_all_of_the_sixty_three_bytes_of_it_ (a_very_long_column_that_needs_all_the_sixty_three_bytes_of_it__ int);
SELECT gqlsvl.resolve('{ names_a_very_long_name_that_needs_all_of_the_sixty_three_bytes_of_it_ { a_very_long_column_that_needs_all_the_sixty_three_bytes_of_it__ } }');

-- Two tables whose names would clash: the longer name, or that of another schema than public, gets a suffix.
CREATE TABLE person_aggregate (id int PRIMARY KEY);
CREATE TABLE person_by_pk (id int PRIMARY KEY);
CREATE TABLE person_bool_exp (id int PRIMARY KEY);
CREATE TABLE person_one (id int PRIMARY KEY);
CREATE TABLE person_list (id int PRIMARY KEY);
SELECT string_agg(name, ' ' ORDER BY name) FROM regexp_split_to_table(pg_temp.fields('query_root'), ' ') AS name WHERE name LIKE 'names\_person%';
SELECT gqlsvl.resolve('{ __type(name: "names_person_aggregate") { kind fields { name } } }');
CREATE TABLE public.names_person (only_in_public int);
SET gqlsvl.schemas = 'names, public';
SELECT pg_temp.fields('names_person');
DROP TABLE public.names_person;

-- Tables that would take a name of GraphQL's or of the API's own; types and tables of one name.
CREATE TABLE public."Int" (id int PRIMARY KEY);
CREATE TABLE public."String" (id int PRIMARY KEY);
CREATE TABLE public.query_root (id int PRIMARY KEY);
CREATE TABLE public.order_by (id int PRIMARY KEY);
CREATE TABLE public."Int_comparison_exp" (id int PRIMARY KEY);
CREATE TABLE public.names_mood (id int PRIMARY KEY);
CREATE TYPE public.names_state AS ENUM ('good');
CREATE TABLE public.names_state_of (id int PRIMARY KEY, state public.names_state);
CREATE TYPE names.names_mood AS ENUM ('fine');
CREATE TABLE public.names_day (id int PRIMARY KEY, mood names.names_mood);
SELECT count(*) FROM regexp_split_to_table(pg_temp.fields('query_root'), ' ') AS name WHERE name IN ('Int', 'String', 'query_root', 'order_by', 'Int_comparison_exp');
SELECT gqlsvl.resolve('{ names_day { mood } names_mood { id } names_state_of { state } __type(name: "names_day") { fields { name type { kind name ofType { kind name } } } } }');
-- Whatever the names, the schema has each type once.
SELECT count(*) - count(DISTINCT t ->> 'name') AS twice FROM json_array_elements(gqlsvl.resolve('{ __schema { types { name } } }') #> '{data,__schema,types}') AS t;

DROP TABLE public."Int", public."String", public.query_root, public.order_by, public."Int_comparison_exp", public.names_mood, public.names_state_of, public.names_day;
DROP TYPE public.names_state;
DROP SCHEMA names CASCADE;
DROP ROLE names_reader;
