-- The table of documents: hash and normal form, who may write it, and that gqlsvl.resolve is not limited by it.
-- Dialect: D10-allow-list
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
BEGIN;
CREATE TABLE thing (id int);
INSERT INTO gqlsvl.document (query, id) VALUES ('{ thing { id } }', 'things') RETURNING hash, hash = encode(sha256('{ thing { id } }'), 'hex');
\echo -- the same for the allow list: layout, comments, __typename, the order of an object
SELECT d, gqlsvl.normal_document(d) = gqlsvl.normal_document('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { id } }') FROM (VALUES
  ('query A ( $n : Int=1 ) { # comment
    thing(where: {id: {_gt: 0, _eq: $n}}) { id, __typename } }'),
  ('"described" query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { id } }'),
  ('query A($n: Int = 2) { thing(where: {id: {_eq: $n, _gt: 0}}) { id } }'),
  ('query A($n: Int! = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { id } }'),
  ('query B($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { id } }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { a: id } }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { id t: __typename } }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) @include(if: true) { id } }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { ...F } } fragment F on thing { id }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { ... on thing { id } } }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { ... { id } } }'),
  ('query A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: "0"}}) { id } }'),
  ('mutation A($n: Int = 1) { thing(where: {id: {_eq: $n, _gt: 0}}) { id } }')) AS v(d);
\echo -- not a document, an id that looks like a hash, an empty one, the same twice
SAVEPOINT before;
INSERT INTO gqlsvl.document (query) VALUES ('{ thing { id }');
ROLLBACK TO before;
INSERT INTO gqlsvl.document (query) VALUES ('type Query { a: Int }');
ROLLBACK TO before;
INSERT INTO gqlsvl.document (query, id) VALUES ('{ a }', 'sha256:00');
ROLLBACK TO before;
INSERT INTO gqlsvl.document (query, id) VALUES ('{ a }', '');
ROLLBACK TO before;
INSERT INTO gqlsvl.document (query) VALUES ('{ thing { id } }');
ROLLBACK TO before;
\echo -- a role neither reads nor writes it, unless granted; and resolve is not limited
CREATE ROLE graphql_documents_web;
GRANT SELECT ON thing TO graphql_documents_web;
SET LOCAL gqlsvl.allow_list = on;
SET LOCAL ROLE graphql_documents_web;
SELECT gqlsvl.resolve('{ thing { own: id } }');
SAVEPOINT web;
SELECT query FROM gqlsvl.document;
ROLLBACK TO web;
INSERT INTO gqlsvl.document (query) VALUES ('{ thing { own: id } }');
ROLLBACK TO web;
SET gqlsvl.allow_list = off;
ROLLBACK TO web;
SELECT * FROM gqlsvl.resolve('{ __schema { queryType { fields { name } } } }');
RESET ROLE;
GRANT SELECT, INSERT, UPDATE, DELETE ON gqlsvl.document TO graphql_documents_web;
SET LOCAL ROLE graphql_documents_web;
INSERT INTO gqlsvl.document (query) VALUES ('{ thing { own: id } }');
SELECT id, query FROM gqlsvl.document ORDER BY query;
ROLLBACK;
