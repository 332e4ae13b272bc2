-- A query cannot write, whatever views, policies and functions it reaches; a mutation can (docs/rules.md, 3).
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
BEGIN;
CREATE TABLE item (id int PRIMARY KEY);
CREATE TABLE trail (item int);
INSERT INTO item VALUES (1);
CREATE FUNCTION note(item int) RETURNS int LANGUAGE plpgsql AS $$BEGIN INSERT INTO trail VALUES (item); RETURN item; END$$;
CREATE FUNCTION unlock(item int) RETURNS int LANGUAGE plpgsql AS $$BEGIN PERFORM set_config('transaction_read_only', 'off', true); RETURN note(item); END$$;
CREATE VIEW noted AS SELECT note(id) AS id FROM item;
CREATE VIEW unlocked AS SELECT unlock(id) AS id FROM item;
CREATE TABLE guarded (id int);
INSERT INTO guarded VALUES (1);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY noting ON guarded USING (note(id) = id);
CREATE ROLE graphql_read_only_web;
GRANT ALL ON item, trail, noted, unlocked, guarded TO graphql_read_only_web;
SET LOCAL ROLE graphql_read_only_web;
\echo -- a volatile function in a view
SELECT gqlsvl.resolve('{ noted { id } }');
\echo -- one that tries to make the transaction writable first
SELECT gqlsvl.resolve('{ unlocked { id } }');
\echo -- a function in a policy
SELECT gqlsvl.resolve('{ guarded { id } }');
\echo -- plain reads, and the caller may write afterwards
SELECT gqlsvl.resolve('{ item { id } }');
SHOW transaction_read_only;
INSERT INTO trail VALUES (0);
\echo -- the same policy in a mutation
SELECT gqlsvl.resolve('mutation { delete_guarded(where: {}) { affected_rows } }');
SELECT array_agg(item) FROM trail;
\echo -- in a read-only transaction of the caller a mutation is refused, a query is not, and it stays read-only
SET TRANSACTION READ ONLY;
SELECT gqlsvl.resolve('mutation { insert_item_one(object: {id: 2}) { id } }');
SELECT gqlsvl.resolve('{ item { id } }');
SHOW transaction_read_only;
ROLLBACK;
