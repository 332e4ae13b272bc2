-- The rows of an enum table are the values of a GraphQL enum, for the columns that refer to it; new rows are seen at their commit.
-- Dialect: D4.2-enum-table D5-enum-table
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE FUNCTION pg_temp.values_of(type text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(v ->> 'name' || coalesce(' (' || (v ->> 'description') || ')', ''), ', ') FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { enumValues { name description } inputFields { name } } }', json_build_object('t', type)) #> '{data,__type}'
      -> CASE WHEN type ~ 'exp$' THEN 'inputFields' ELSE 'enumValues' END) AS v
$$;
CREATE ROLE enums_owner;
CREATE ROLE enums_web;
CREATE SCHEMA enums AUTHORIZATION enums_owner;
GRANT USAGE ON SCHEMA enums TO enums_web;
SET gqlsvl.schemas = enums;
SET ROLE enums_owner;
CREATE TABLE enums.status (value text PRIMARY KEY, comment text);
CREATE TABLE enums.size (size varchar(10) PRIMARY KEY);
CREATE TABLE enums.parcel (id int PRIMARY KEY, status text NOT NULL DEFAULT 'new' REFERENCES enums.status, size varchar(10) REFERENCES enums.size, note text);
CREATE TABLE enums.two_keys (a text, b text, PRIMARY KEY (a, b));
CREATE TABLE enums.number_key (id int PRIMARY KEY);
CREATE TABLE enums.many_columns (v text PRIMARY KEY, a text, b text);
CREATE TABLE enums.number_comment (v text PRIMARY KEY, n int);
CREATE TABLE enums.bad_values (v text PRIMARY KEY);
INSERT INTO enums.bad_values VALUES ('two words'), ('true'), ('fine'), ('1st'), ('__x');
CREATE VIEW enums.no_table AS SELECT 'a'::text AS v;
INSERT INTO enums.status VALUES ('new', 'just ordered'), ('paid', NULL);
INSERT INTO enums.parcel VALUES (1, 'new'), (2, 'paid');
GRANT SELECT, INSERT, UPDATE ON enums.parcel TO enums_web;

-- What cannot be one is refused, and stays what it was.
SELECT gqlsvl.set_enum_table('enums.two_keys');
SELECT gqlsvl.set_enum_table('enums.number_key');
SELECT gqlsvl.set_enum_table('enums.many_columns');
SELECT gqlsvl.set_enum_table('enums.number_comment');
SELECT gqlsvl.set_enum_table('enums.no_table');
SELECT gqlsvl.set_enum_table('enums.bad_values');
SELECT gqlsvl.set_enum_table('enums.size');
SELECT gqlsvl.set_enum_table('enums.size', NULL);
RESET ROLE;
SELECT count(*) FROM gqlsvl.override WHERE kind = 'enum';
SET ROLE enums_web;
SELECT gqlsvl.set_enum_table('enums.status');
SET ROLE enums_owner;
SELECT gqlsvl.set_enum_table('enums.status');
SELECT gqlsvl.set_enum_table('enums.status'); -- again is the same

-- Who may not read the table sees the values all the same, with their comments, and only the operators of an enum.
SET ROLE enums_web;
SELECT pg_temp.values_of('enums_status_enum');
SELECT pg_temp.values_of('enums_status_enum_comparison_exp');
SELECT f ->> 'name', f #>> '{type,name}', f #>> '{type,ofType,name}' FROM json_array_elements(
  gqlsvl.resolve('{ __type(name: "enums_parcel") { fields { name type { name ofType { name } } } } }') #> '{data,__type,fields}') AS f;
SELECT gqlsvl.resolve('{ enums_parcel(where: {status: {_eq: paid}}) { id status } }');
SELECT gqlsvl.resolve('query($s: [enums_status_enum!]!) { enums_parcel(where: {status: {_in: $s}}, order_by: {id: desc}) { status } }', '{"s": ["new", "paid"]}');
SELECT gqlsvl.resolve('query($w: enums_parcel_bool_exp) { enums_parcel(where: $w) { id } }', '{"w": {"status": {"_nin": ["new"]}}}');
SELECT gqlsvl.resolve('mutation { insert_enums_parcel_one(object: {id: 3, status: paid}) { id status } update_enums_parcel_by_pk(pk_columns: {id: 1}, _set: {status: paid}) { status } }');
SELECT gqlsvl.resolve('{ enums_parcel_aggregate { aggregate { max { status } } } }');
-- Errors: no such value, a string instead of a value, a variable of another type, an operator that an enum has not, null.
SELECT gqlsvl.resolve('{ enums_parcel(where: {status: {_eq: gone}}) { id } }');
SELECT gqlsvl.resolve('{ enums_parcel(where: {status: {_eq: "paid"}}) { id } }');
SELECT gqlsvl.resolve('query($s: String!) { enums_parcel(where: {status: {_eq: $s}}) { id } }', '{"s": "paid"}');
SELECT gqlsvl.resolve('query($s: enums_status_enum!) { enums_parcel(where: {status: {_eq: $s}}) { id } }', '{"s": "gone"}');
SELECT gqlsvl.resolve('{ enums_parcel(where: {status: {_like: paid}}) { id } }');
SELECT gqlsvl.resolve('{ enums_parcel(where: {status: {_eq: null}}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_enums_parcel_one(object: {id: 4, status: gone}) { id } }');

-- Another session's row: not before its commit, and then at once. One that is rolled back: never, also not for the session itself.
RESET ROLE;
SELECT dblink_connect('writer', 'dbname=' || current_database() || ' port=' || current_setting('port') || ' host=' || split_part(current_setting('unix_socket_directories'), ',', 1));
SELECT dblink_exec('writer', 'BEGIN'), dblink_exec('writer', $$INSERT INTO enums.status VALUES ('sent')$$);
SET ROLE enums_web;
SELECT pg_temp.values_of('enums_status_enum');
RESET ROLE;
SELECT dblink_exec('writer', 'COMMIT');
SET ROLE enums_web;
SELECT pg_temp.values_of('enums_status_enum');
RESET ROLE;
BEGIN;
DELETE FROM enums.status WHERE value = 'sent';
UPDATE enums.status SET comment = 'money is here' WHERE value = 'paid';
SELECT pg_temp.values_of('enums_status_enum');
ROLLBACK;
SELECT pg_temp.values_of('enums_status_enum');
SELECT dblink_exec('writer', $$SET session_replication_role = replica$$), dblink_exec('writer', $$INSERT INTO enums.status VALUES ('back')$$);
SELECT pg_temp.values_of('enums_status_enum');

-- Values that GraphQL cannot write are left out; without any other the columns are strings. check() says so.
INSERT INTO enums.status VALUES ('on the way'), ('null');
SELECT pg_temp.values_of('enums_status_enum');
SELECT message, hint FROM gqlsvl.check() WHERE name = 'enum_table';
INSERT INTO enums.size VALUES ('XL');
SELECT gqlsvl.set_enum_table('enums.size');
SELECT gqlsvl.resolve('mutation { update_enums_parcel(where: {}, _set: {size: XL}) { returning { size } } }');
UPDATE enums.parcel SET size = NULL;
TRUNCATE enums.size CASCADE;
SELECT message, hint FROM gqlsvl.check() WHERE name = 'enum_table' AND message ~ 'size';
INSERT INTO enums.status VALUES ('new') ON CONFLICT DO NOTHING;
INSERT INTO enums.parcel VALUES (1, 'new');
SELECT gqlsvl.resolve('{ enums_parcel(where: {size: {_like: "X%"}}) { id } }');
ALTER TABLE enums.size DISABLE TRIGGER ALL;
ALTER TABLE enums.parcel DROP CONSTRAINT parcel_size_fkey;
ALTER TABLE enums.size DROP CONSTRAINT size_pkey;
SELECT message, hint FROM gqlsvl.check() WHERE name = 'enum_table' AND message ~ 'size';
ALTER TABLE enums.size ADD PRIMARY KEY (size);
SELECT message, hint FROM gqlsvl.check() WHERE name = 'enum_table' AND message ~ 'size';

-- Names: the enum follows the table's; a table or a type that has the name of the enum gets another one.
SELECT gqlsvl.rename_table('enums.status', 'State');
SELECT pg_temp.values_of('State_enum');
CREATE TYPE enums."State_enum" AS ENUM ('a');
CREATE TABLE enums.clash (id int PRIMARY KEY, e enums."State_enum");
SELECT gqlsvl.rename_table('enums.clash', 'State_enum');
SELECT f ->> 'name', f #>> '{type,name}' FROM json_array_elements(gqlsvl.resolve('{ __type(name: "State_enum_table") { fields { name type { name } } } }') #> '{data,__type,fields}') AS f;

-- No enum any more.
SELECT gqlsvl.set_enum_table('enums.status', false);
SELECT gqlsvl.set_enum_table('enums.status', false);
SELECT gqlsvl.resolve('{ enums_parcel(where: {status: {_like: "n%"}}) { status } }');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'enums.status'::regclass AND NOT tgisinternal;
SELECT gqlsvl.set_enum_table('enums.status', false), dblink_disconnect('writer');
DROP EXTENSION dblink;
DELETE FROM gqlsvl.override AS o USING pg_class AS c WHERE o.table_name = c.oid AND c.relnamespace = 'enums'::regnamespace;
DROP SCHEMA enums CASCADE;
SELECT count(*) FROM gqlsvl.check() WHERE name = 'enum_table';
RESET gqlsvl.schemas;
DROP ROLE enums_owner, enums_web;
