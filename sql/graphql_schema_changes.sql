-- What DDL, comments and roles change is in the next call's schema: of this session, of others, inside the changing transaction, and gone
-- again after ROLLBACK. What changes nothing in it builds nothing anew: each build is told at DEBUG1.
-- Dialect: D8-views
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION dblink;
CREATE FUNCTION pg_temp.fields(type text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(f ->> 'name', ' ' ORDER BY n) FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name } inputFields { name } } }', json_build_object('t', type))
      #> '{data,__type}' -> CASE WHEN type LIKE '%\_input' THEN 'inputFields' ELSE 'fields' END) WITH ORDINALITY AS x (f, n)
$$;
CREATE FUNCTION pg_temp.type_of(type text, field text) RETURNS text LANGUAGE sql AS $$
  SELECT (f #> '{type}')::text FROM json_array_elements(
    gqlsvl.resolve('query($t: String!) { __type(name: $t) { fields { name type { kind name } } } }', json_build_object('t', type))
      #> '{data,__type,fields}') AS x (f) WHERE f ->> 'name' = field
$$;
CREATE FUNCTION pg_temp.in_another_session(command text) RETURNS void LANGUAGE sql AS $$
  SELECT dblink_connect('other', format('dbname=%s host=%s port=%s user=%s', current_database(),
    split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_user));
  SELECT dblink_exec('other', command);
  SELECT dblink_disconnect('other');
$$;
CREATE TYPE sc_state AS ENUM ('open', 'done');
CREATE TABLE sc_customer (id int PRIMARY KEY, name text);
CREATE TABLE sc_order (id int PRIMARY KEY, customer_id int, state sc_state);
INSERT INTO sc_order VALUES (1, NULL, 'open');

-- Columns: added, renamed, made NOT NULL, of another type, dropped.
SELECT pg_temp.fields('sc_order');
ALTER TABLE sc_order ADD COLUMN total numeric;
SELECT pg_temp.fields('sc_order');
ALTER TABLE sc_order RENAME COLUMN total TO price;
SELECT pg_temp.fields('sc_order'), gqlsvl.resolve('{ sc_order { price } }');
ALTER TABLE sc_order ALTER COLUMN customer_id SET NOT NULL;
UPDATE sc_order SET customer_id = 7;
ALTER TABLE sc_order ALTER COLUMN customer_id SET NOT NULL;
SELECT pg_temp.type_of('sc_order', 'customer_id');
ALTER TABLE sc_order ALTER COLUMN price TYPE text;
SELECT pg_temp.type_of('sc_order', 'price');
SELECT pg_temp.fields('sc_order_insert_input');
ALTER TABLE sc_order ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
SELECT pg_temp.fields('sc_order_insert_input');
ALTER TABLE sc_order DROP COLUMN price, ALTER COLUMN id DROP IDENTITY, ALTER COLUMN customer_id DROP NOT NULL;
SELECT pg_temp.fields('sc_order'), gqlsvl.resolve('{ sc_order { price } }');

-- Keys: a foreign key makes relationships, a unique constraint turns the array into an object, a primary key makes _by_pk.
UPDATE sc_order SET customer_id = NULL;
ALTER TABLE sc_order ADD FOREIGN KEY (customer_id) REFERENCES sc_customer;
SELECT pg_temp.fields('sc_order'), pg_temp.fields('sc_customer');
ALTER TABLE sc_order ADD CONSTRAINT sc_one UNIQUE (customer_id);
SELECT pg_temp.fields('sc_customer');
ALTER TABLE sc_order DROP CONSTRAINT sc_one, DROP CONSTRAINT sc_order_customer_id_fkey;
SELECT pg_temp.fields('sc_order'), pg_temp.fields('sc_customer');
SELECT gqlsvl.resolve('{ sc_order_by_pk(id: 1) { id } }');
ALTER TABLE sc_order DROP CONSTRAINT sc_order_pkey;
SELECT gqlsvl.resolve('{ sc_order_by_pk(id: 1) { id } }');
ALTER TABLE sc_order ADD PRIMARY KEY (id);
SELECT gqlsvl.resolve('{ sc_order_by_pk(id: 1) { id } }');

-- Tables: created, renamed, dropped, moved out of the exposed schemas and back.
CREATE TABLE sc_new (id int);
SELECT gqlsvl.resolve('{ sc_new { id } }');
ALTER TABLE sc_new RENAME TO sc_newer;
SELECT gqlsvl.resolve('{ sc_newer { id } }'), gqlsvl.resolve('{ sc_new { id } }');
CREATE SCHEMA sc_elsewhere;
ALTER TABLE sc_newer SET SCHEMA sc_elsewhere;
SELECT gqlsvl.resolve('{ sc_newer { id } }');
SET gqlsvl.schemas = 'public, sc_elsewhere';
SELECT gqlsvl.resolve('{ sc_elsewhere_sc_newer { id } }');
ALTER SCHEMA sc_elsewhere RENAME TO sc_moved;
SET gqlsvl.schemas = 'public, sc_moved';
SELECT gqlsvl.resolve('{ sc_moved_sc_newer { id } }');
RESET gqlsvl.schemas;
DROP TABLE sc_moved.sc_newer;

-- Enum values are known at once; the type's name is the scalar's.
SELECT gqlsvl.resolve('{ sc_order(where: {state: {_eq: "late"}}) { id } }');
ALTER TYPE sc_state ADD VALUE 'late';
SELECT gqlsvl.resolve('{ sc_order(where: {state: {_eq: "late"}}) { id } }');
ALTER TYPE sc_state RENAME TO sc_status;
SELECT pg_temp.type_of('sc_order', 'state');

-- Inside the changing transaction, and after ROLLBACK (TO SAVEPOINT).
BEGIN;
ALTER TABLE sc_order ADD COLUMN note text;
SELECT pg_temp.fields('sc_order');
SAVEPOINT s;
ALTER TABLE sc_order RENAME COLUMN note TO remark;
SELECT pg_temp.fields('sc_order');
ROLLBACK TO s;
SELECT pg_temp.fields('sc_order');
ROLLBACK;
SELECT pg_temp.fields('sc_order');

-- Another session's change is seen by the next call, also in a transaction that keeps its snapshot: the schema is never older than the catalogs.
SELECT pg_temp.in_another_session('ALTER TABLE sc_order ADD COLUMN elsewhere int DEFAULT 5');
SELECT pg_temp.fields('sc_order');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM sc_customer;
SELECT pg_temp.in_another_session('ALTER TABLE sc_order RENAME COLUMN elsewhere TO there');
SELECT pg_temp.fields('sc_order'), gqlsvl.resolve('{ sc_order { there } }');
COMMIT;
SELECT pg_temp.fields('sc_order');
ALTER TABLE sc_order DROP COLUMN there;

-- Comments are descriptions, of this session's and of another one's making, and of the transaction's own until ROLLBACK.
CREATE FUNCTION pg_temp.description() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' / ', t ->> 'description', t #>> '{fields,0,description}')
  FROM (SELECT gqlsvl.resolve('{ __type(name: "sc_customer") { description fields { description } } }') #> '{data,__type}') AS x (t)
$$;
SELECT pg_temp.description();
COMMENT ON TABLE sc_customer IS 'Who buys';
COMMENT ON COLUMN sc_customer.id IS 'Given by the shop';
SELECT pg_temp.description();
SELECT pg_temp.in_another_session('COMMENT ON COLUMN public.sc_customer.id IS ''Another text''');
SELECT pg_temp.description();
BEGIN;
COMMENT ON TABLE sc_customer IS NULL;
SELECT pg_temp.description();
ROLLBACK;
SELECT pg_temp.description();

-- A member of an extension is not part of the API from the moment it is one.
SELECT pg_temp.fields('sc_customer');
ALTER EXTENSION dblink ADD TABLE sc_customer;
SELECT pg_temp.fields('sc_customer');
ALTER EXTENSION dblink DROP TABLE sc_customer;
SELECT pg_temp.fields('sc_customer');

-- None of these changes the schema: no build.
CREATE FUNCTION pg_temp.builds(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = debug1;
  PERFORM gqlsvl.resolve('{ sc_order { id } }');
  RETURN what;
END $$;
SELECT pg_temp.builds('nothing');
ANALYZE sc_order;
SELECT pg_temp.builds('ANALYZE');
VACUUM sc_order;
SELECT pg_temp.builds('VACUUM');
CREATE INDEX sc_index ON sc_order (state);
SELECT pg_temp.builds('CREATE INDEX');
CREATE STATISTICS sc_statistics ON id, state FROM sc_order;
SELECT pg_temp.builds('CREATE STATISTICS');
CREATE TEMP TABLE sc_temp (id int PRIMARY KEY, customer_id int REFERENCES sc_temp, state sc_status);
CREATE TEMP VIEW sc_temp_view AS SELECT * FROM sc_order;
SELECT pg_temp.builds('CREATE TEMP TABLE');
DROP VIEW sc_temp_view;
DROP TABLE sc_temp;
SELECT pg_temp.builds('DROP TABLE of a temporary table');
ALTER TABLE sc_order ENABLE ROW LEVEL SECURITY; -- for others than the owner and superusers: their plans are made anew
SELECT pg_temp.builds('ENABLE ROW LEVEL SECURITY');
CREATE POLICY sc_policy ON sc_order USING (state = 'open');
SELECT pg_temp.builds('CREATE POLICY');
TRUNCATE sc_order;
SELECT pg_temp.builds('TRUNCATE');
CREATE TABLE sc_moved.not_exposed (id int);
SELECT pg_temp.builds('a table of a schema that is not exposed');
CREATE TABLE sc_part (id int) PARTITION BY LIST (id);
SELECT pg_temp.builds('a new table') AS counted;
CREATE TABLE sc_part_1 PARTITION OF sc_part FOR VALUES IN (1);
SELECT pg_temp.builds('a new partition');
CREATE ROLE sc_somebody;
CREATE ROLE sc_else IN ROLE sc_somebody;
SELECT pg_temp.builds('CREATE ROLE');
ALTER DATABASE contrib_regression SET work_mem = '4MB';
ALTER DATABASE contrib_regression RESET work_mem;
SELECT pg_temp.builds('ALTER DATABASE SET');
GRANT SELECT ON sc_order TO sc_somebody;
SELECT pg_temp.builds('GRANT to another role');
SELECT pg_temp.in_another_session('CREATE TEMP TABLE sc_other_temp (id int PRIMARY KEY)');
SELECT pg_temp.builds('a temporary table of another session');
DO $$ BEGIN FOR i IN 1 .. 400 LOOP EXECUTE 'CREATE TEMP TABLE sc_many (id int PRIMARY KEY)'; DROP TABLE sc_many; END LOOP; END $$;
SELECT pg_temp.builds('more changes than are remembered');
-- Views: what can be changed through one depends on what is below it.
CREATE VIEW sc_moved.below AS SELECT id FROM sc_customer;
CREATE VIEW sc_above AS SELECT id FROM sc_moved.below;
SELECT gqlsvl.resolve('mutation { delete_sc_above(where: {}) { affected_rows } }');
CREATE OR REPLACE VIEW sc_moved.below AS SELECT DISTINCT id FROM sc_customer;
SELECT gqlsvl.resolve('mutation { delete_sc_above(where: {}) { affected_rows } }');

SET client_min_messages = warning;
DROP VIEW sc_above, sc_moved.below;
DROP TABLE sc_order, sc_customer, sc_part, sc_moved.not_exposed;
DROP TYPE sc_status;
DROP SCHEMA sc_moved;
DROP ROLE sc_else, sc_somebody;
DROP EXTENSION dblink;
