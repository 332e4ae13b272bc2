-- A view with only an INSTEAD OF INSERT trigger takes inserts, and answers with the row as the trigger left it.
-- Dialect: D6-views D8-views
BEGIN;
CREATE VIEW login AS SELECT NULL::text AS name, NULL::text AS password, NULL::text AS token WHERE false;
CREATE FUNCTION log_in() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.token := 'token of ' || NEW.name; RETURN NEW; END$$;
CREATE TRIGGER log_in INSTEAD OF INSERT ON login FOR EACH ROW EXECUTE FUNCTION log_in();
CREATE ROLE graphql_views_anonymous;
GRANT INSERT (name, password), SELECT (name, token) ON login TO graphql_views_anonymous;
SET LOCAL ROLE graphql_views_anonymous;
SELECT gqlsvl.resolve('mutation { insert_login_one(object: {name: "ana", password: "secret"}) { name token } }');
-- The password cannot be read back, nothing can be updated or deleted.
SELECT gqlsvl.resolve('mutation { insert_login_one(object: {name: "ana"}) { password } }');
SELECT gqlsvl.resolve('mutation { delete_login(where: {}) { affected_rows } }');
ROLLBACK;

-- Every kind of relation is a table of the API, with what Postgres can do with it.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
-- What the API lets one do: Query, Insert, Update, Delete, and by key.
CREATE FUNCTION pg_temp.can(name text) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', CASE WHEN name = ANY (fields) THEN 'Q' END, CASE WHEN 'insert_' || name = ANY (fields) THEN 'I' END,
    CASE WHEN 'update_' || name = ANY (fields) THEN 'U' END, CASE WHEN 'delete_' || name = ANY (fields) THEN 'D' END,
    CASE WHEN name || '_by_pk' = ANY (fields) THEN 'by key' END)
  FROM (SELECT array(SELECT f ->> 'name' FROM json_array_elements(s #> '{queryType,fields}') AS f
                     UNION ALL SELECT f ->> 'name' FROM json_array_elements(s #> '{mutationType,fields}') AS f)
        FROM (SELECT gqlsvl.resolve('{ __schema { queryType { fields { name } } mutationType { fields { name } } } }') #> '{data,__schema}') AS r (s)) AS x (fields)
$$;
CREATE TABLE vw_base (id int PRIMARY KEY, name text, price int);
INSERT INTO vw_base VALUES (1, 'tea', 3), (2, 'rum', 90);
SELECT pg_temp.can('vw_base');

-- Views: those that Postgres can update, column by column; no key, so no _by_pk; WITH CHECK OPTION is kept.
CREATE VIEW vw_cheap AS SELECT id, name, price, price * 2 AS twice FROM vw_base WHERE price < 10 WITH CHECK OPTION;
CREATE VIEW vw_total AS SELECT count(*) AS n FROM vw_base;
SELECT pg_temp.can('vw_cheap'), pg_temp.can('vw_total');
SELECT gqlsvl.resolve('{ vw_cheap { id twice } vw_total { n } vw_cheap_aggregate { aggregate { count } } }');
SELECT gqlsvl.resolve('mutation { insert_vw_cheap_one(object: {id: 3, name: "bun", price: 2}) { id twice } }');
SELECT gqlsvl.resolve('mutation { insert_vw_cheap_one(object: {id: 4, name: "gin", price: 50}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_vw_cheap_one(object: {id: 4, twice: 4}) { id } }');
SELECT gqlsvl.resolve('mutation { update_vw_cheap(where: {id: {_eq: 3}}, _inc: {price: 1}) { returning { price twice } } }');
SELECT gqlsvl.resolve('mutation { delete_vw_cheap(where: {id: {_eq: 3}}) { affected_rows } }');
-- A view reads with its owner's rights, one with security_invoker with those of the role.
CREATE VIEW vw_invoker WITH (security_invoker = true) AS SELECT id FROM vw_base;
CREATE ROLE graphql_views_reader;
GRANT SELECT ON vw_cheap, vw_invoker TO graphql_views_reader;
SET ROLE graphql_views_reader;
SELECT pg_temp.can('vw_cheap'), gqlsvl.resolve('{ vw_cheap { id } }'), gqlsvl.resolve('{ vw_invoker { id } }');
RESET ROLE;

-- Materialized views: read only; a REFRESH is seen at the next call.
CREATE MATERIALIZED VIEW vw_summary AS SELECT count(*) AS n, sum(price) AS total FROM vw_base;
SELECT pg_temp.can('vw_summary'), gqlsvl.resolve('{ vw_summary { n total } }');
DELETE FROM vw_base WHERE id = 2;
REFRESH MATERIALIZED VIEW vw_summary;
SELECT gqlsvl.resolve('{ vw_summary { n total } }');

-- Partitioned tables: the parent; its partitions are where rows are kept, no tables of the API. Children by plain inheritance are tables.
CREATE TABLE vw_log (day int, line int, text text, PRIMARY KEY (day, line)) PARTITION BY RANGE (day);
CREATE TABLE vw_log_1 PARTITION OF vw_log FOR VALUES FROM (1) TO (10);
CREATE TABLE vw_log_2 PARTITION OF vw_log FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (day);
CREATE TABLE vw_log_2_1 PARTITION OF vw_log_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE vw_child () INHERITS (vw_base);
SELECT pg_temp.can('vw_log'), pg_temp.can('vw_log_1'), pg_temp.can('vw_log_2'), pg_temp.can('vw_log_2_1'), pg_temp.can('vw_child');
SELECT gqlsvl.resolve('mutation { insert_vw_log(objects: [{day: 1, line: 1, text: "a"}, {day: 11, line: 1, text: "b"}]) { returning { day text } } }');
SELECT gqlsvl.resolve('mutation { update_vw_log_by_pk(pk_columns: {day: 1, line: 1}, _set: {day: 12}) { day text } }');
SELECT tableoid::regclass, day FROM vw_log ORDER BY day;
SELECT gqlsvl.resolve('mutation { insert_vw_log_one(object: {day: 99, line: 1}) { day } }');
-- Detached, a partition is a table like others.
ALTER TABLE vw_log DETACH PARTITION vw_log_1;
SELECT pg_temp.can('vw_log_1');

-- Foreign tables: what their wrapper can do.
CREATE EXTENSION file_fdw;
CREATE SERVER vw_files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE vw_file (id int, name text) SERVER vw_files OPTIONS (program 'printf "1,tea\n2,rum\n"', format 'csv');
SELECT pg_temp.can('vw_file'), gqlsvl.resolve('{ vw_file(where: {id: {_gt: 1}}) { id name } vw_file_aggregate { aggregate { count max { id } } } }');
CREATE EXTENSION postgres_fdw;
DO $$ BEGIN EXECUTE format('CREATE SERVER vw_loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname %L, host %L, port %L)', current_database(),
  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')); END $$;
CREATE USER MAPPING FOR CURRENT_USER SERVER vw_loop;
CREATE FOREIGN TABLE vw_far (id int OPTIONS (column_name 'id'), name text, price int) SERVER vw_loop OPTIONS (table_name 'vw_base');
SELECT pg_temp.can('vw_far');
SELECT gqlsvl.resolve('mutation { insert_vw_far_one(object: {id: 7, name: "far", price: 1}) { id name } }');
SELECT gqlsvl.resolve('mutation { update_vw_far(where: {id: {_eq: 7}}, _set: {name: "near"}) { returning { name } } delete_vw_far(where: {id: {_eq: 7}}) { affected_rows } }');
-- The options of the server and of the table count at the next call.
ALTER FOREIGN TABLE vw_far OPTIONS (ADD updatable 'false');
SELECT pg_temp.can('vw_far');
ALTER FOREIGN TABLE vw_far OPTIONS (DROP updatable);
ALTER SERVER vw_loop OPTIONS (ADD updatable 'false');
SELECT pg_temp.can('vw_far');

-- No key at all: everything but _by_pk. An unlogged table is a table; a sequence, a composite type, an index are not.
CREATE UNLOGGED TABLE vw_keyless (a int, b int);
INSERT INTO vw_keyless VALUES (1, 1), (1, 1);
SELECT pg_temp.can('vw_keyless');
SELECT gqlsvl.resolve('mutation { update_vw_keyless(where: {a: {_eq: 1}}, _inc: {b: 1}) { affected_rows returning { a b } } }');
SELECT gqlsvl.resolve('mutation { update_vw_keyless_by_pk(pk_columns: {a: 1}, _inc: {b: 1}) { a } }');
CREATE SEQUENCE vw_sequence;
CREATE TYPE vw_type AS (a int);
SELECT pg_temp.can('vw_sequence'), pg_temp.can('vw_type'), pg_temp.can('vw_base_pkey');

DROP EXTENSION file_fdw, postgres_fdw CASCADE;
DROP VIEW vw_cheap, vw_total, vw_invoker;
DROP MATERIALIZED VIEW vw_summary;
DROP TABLE vw_child, vw_base, vw_log, vw_log_1, vw_keyless;
DROP SEQUENCE vw_sequence;
DROP TYPE vw_type;
DROP ROLE graphql_views_reader;
