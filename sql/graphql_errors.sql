-- Each error that a request can meet: message, code and path as in the dialect (section 10), and those that are raised instead.
-- Dialect: D7-set D7-twice D9-syntax D10-shape D10-path D10-unknown-field D10-required D10-literal D10-variable D10-null D10-range D10-constraint D10-check D10-row-security
-- Dialect: D10-permission D10-data D10-conflict-target D10-serialization D10-raise D10-unexpected D10-subscription
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
BEGIN;
CREATE TABLE kind (id int PRIMARY KEY, name text UNIQUE NOT NULL);
CREATE TABLE thing (id int PRIMARY KEY, kind_id int NOT NULL REFERENCES kind ON DELETE RESTRICT, size int CHECK (size > 0), during int4range, key uuid, extra jsonb,
  EXCLUDE USING gist (during WITH &&));
INSERT INTO kind VALUES (1, 'a'), (2, 'b');
INSERT INTO thing VALUES (1, 1, 1, '[1,5)');
CREATE VIEW half AS SELECT 1 / (size - 1) AS id FROM thing;
CREATE VIEW small AS SELECT id, kind_id, size FROM thing WHERE size < 10 WITH CHECK OPTION;
CREATE TABLE own (id int, owner text DEFAULT current_user);
ALTER TABLE own ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON own USING (owner = current_user);
CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION USING MESSAGE = NEW.message, ERRCODE = NEW.state, DETAIL = 'the detail', HINT = 'the hint'; END$$;
CREATE TABLE raised (state text, message text);
CREATE TRIGGER raise BEFORE INSERT ON raised FOR EACH ROW EXECUTE FUNCTION raise();
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO secret_table VALUES (1); RETURN NEW; END$$;
CREATE TABLE breaks (id int);
CREATE TRIGGER broken BEFORE INSERT ON breaks FOR EACH ROW EXECUTE FUNCTION broken();
CREATE TABLE closed (id int);
CREATE FUNCTION peek() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO closed VALUES (1); RETURN NEW; END$$;
CREATE TABLE peeks (id int);
CREATE TRIGGER peek BEFORE INSERT ON peeks FOR EACH ROW EXECUTE FUNCTION peek();
CREATE ROLE graphql_errors_web;
GRANT ALL ON kind, thing, half, small, own, raised, breaks, peeks TO graphql_errors_web;
SET LOCAL ROLE graphql_errors_web;

\echo -- constraints
SELECT gqlsvl.resolve('mutation { insert_kind(objects: [{id: 3, name: "c"}, {id: 4, name: "a"}]) { affected_rows } }');
SELECT gqlsvl.resolve('mutation { insert_kind_one(object: {id: 1, name: "x"}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_thing_one(object: {id: 2, kind_id: 9}) { id } }');
SELECT gqlsvl.resolve('mutation { delete_kind_by_pk(id: 1) { id } }');
SELECT gqlsvl.resolve('mutation { insert_kind_one(object: {id: 3}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_thing_one(object: {id: 2, kind_id: 1, during: "[4,6)"}) { id } }');
SELECT gqlsvl.resolve('mutation { update_thing(where: {}, _set: {size: -1}) { affected_rows } }');
SELECT gqlsvl.resolve('mutation { update_kind(where: {}, _set: {name: "a"}) { affected_rows } }');
\echo -- rights: WITH CHECK OPTION, row security, a column without a grant inside a trigger
SELECT gqlsvl.resolve('mutation { insert_small_one(object: {id: 5, kind_id: 1, size: 11}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_own_one(object: {id: 1, owner: "postgres"}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_peeks_one(object: {id: 1}) { id } }');
SELECT gqlsvl.resolve('{ closed { id } }');
\echo -- data
SELECT gqlsvl.resolve('{ thing(where: {key: {_eq: "abc"}}) { id } }');
SELECT gqlsvl.resolve('{ half { id } }');
SELECT gqlsvl.resolve('{ thing(where: {extra: {_jsonb_path_match: "x"}}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_kind_one(object: {id: 3000000000, name: "x"}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_kind_one(object: {id: "3000000000", name: "x"}) { id } }');
SELECT gqlsvl.resolve('{ kind(where: {name: {_similar: "a%", _regex: "("}}) { id } }');
\echo -- RAISE EXCEPTION reaches the client, also with a state of its own
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "P0001", message: "the shop is closed"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "QX001", message: "no more soup"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "28P01", message: "wrong password"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "0A000", message: "not here"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "55P03", message: "locked"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "22025", message: "bad escape"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "42704", message: "no such constraint"}) { state } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "40002", message: "deferred"}) { state } }');
\echo -- what the client did not cause tells nothing of the inside of the database
SELECT gqlsvl.resolve('mutation { insert_breaks_one(object: {id: 1}) { id } }');
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "58030", message: "disk of the server"}) { state } }');

\echo -- the request itself
SELECT gqlsvl.resolve('');
SELECT gqlsvl.resolve('{ thing(where: {size: {_eq: 1}}) { id ');
SELECT gqlsvl.resolve('{ thing { idd } }');
SELECT gqlsvl.resolve('{ thing(wher: {}) { id } }');
SELECT gqlsvl.resolve('{ thing(where: {x: {}}) { id } }');
SELECT gqlsvl.resolve('mutation { delete_thing { affected_rows } }');
SELECT gqlsvl.resolve('mutation { delete_thing(where: null) { affected_rows } }');
SELECT gqlsvl.resolve('{ thing }');
SELECT gqlsvl.resolve('{ thing { id { x } } }');
SELECT gqlsvl.resolve('{ thing(limit: -1) { id } }');
SELECT gqlsvl.resolve('{ thing(limit: "1") { id } }');
SELECT gqlsvl.resolve('{ thing(order_by: {id: up}) { id } }');
SELECT gqlsvl.resolve('{ thing(order_by: {id: "asc"}) { id } }');
SELECT gqlsvl.resolve('{ thing(where: {id: {_eq: null}}) { id } }');
SELECT gqlsvl.resolve('query($n: Int) { thing(where: {id: {_eq: $n}}) { id } }');
SELECT gqlsvl.resolve('query($n: bigint!) { thing_by_pk(id: $n) { id } }', '{"n": 1}');
SELECT gqlsvl.resolve('query($n: Int!) { thing_by_pk(id: $n) { id } }');
SELECT gqlsvl.resolve('query($n: Int!) { thing_by_pk(id: $n) { id } }', '{"n": 1, "m": 2}');
SELECT gqlsvl.resolve('query($n: Int!) { thing_by_pk(id: $n) { id } }', '{"n": true}');
SELECT gqlsvl.resolve('query($n: Int!) { thing_by_pk(id: $n) { id } }', '[]');
SELECT gqlsvl.resolve('mutation { update_thing(where: {}, _set: {size: 1}, _inc: {size: 1}) { affected_rows } }');
SELECT gqlsvl.resolve('mutation { update_thing(where: {}, _set: {kind_id: null}) { affected_rows } }');
SELECT gqlsvl.resolve('subscription { thing { id } }');
SELECT gqlsvl.resolve('query A { thing { id } } query B { thing { id } }');
SELECT gqlsvl.resolve('query A { thing { id } } query B { thing { id } }', '{}', 'C');

\echo -- raised, not answered: they belong to the caller (cancel and shutdown, serialization failure, deadlock, resources, internal errors)
SAVEPOINT before;
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "57014", message: "canceled"}) { state } }');
ROLLBACK TO before;
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "57P01", message: "shutting down"}) { state } }');
ROLLBACK TO before;
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "40001", message: "serialization"}) { state } }');
ROLLBACK TO before;
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "40P01", message: "deadlock"}) { state } }');
ROLLBACK TO before;
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "53200", message: "memory"}) { state } }');
ROLLBACK TO before;
SELECT gqlsvl.resolve('mutation { insert_raised_one(object: {state: "XX000", message: "internal"}) { state } }');
ROLLBACK TO before;
\echo -- a real time limit
SET LOCAL statement_timeout = '50ms';
SELECT gqlsvl.resolve('{ a: thing_aggregate { nodes { kind { thing { kind { thing { id } } } } } } }') IS NOT NULL FROM generate_series(1, 1000000);
ROLLBACK;
