-- hasura_lenient_validation: what only the specification refuses is refused with a hint that names the setting, and let pass with it.
-- Dialect: D9-variables D9-fragments
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE TABLE lenient_item (id int PRIMARY KEY);
INSERT INTO lenient_item VALUES (1);
CREATE TEMP TABLE lenient_request (n int, query text);
INSERT INTO lenient_request VALUES
  (1, 'query ($unused: Int) { lenient_item { id } }'),
  (2, '{ lenient_item { id } } fragment Unused on lenient_item { id }'),
  (3, '{ lenient_item { id ... on query_root { __typename } } }');
SELECT gqlsvl.resolve(query) FROM lenient_request ORDER BY n;
SET gqlsvl.hasura_lenient_validation = on;
SELECT gqlsvl.resolve(query) FROM lenient_request ORDER BY n;
-- A document must be right all the same, also where it is not used.
SELECT gqlsvl.resolve('{ lenient_item { id } } fragment Unused on lenient_item { nothing }');
-- A document that was let pass is refused again without the setting, however it was kept.
RESET gqlsvl.hasura_lenient_validation;
SELECT gqlsvl.resolve(query) #>> '{errors,0,message}' FROM lenient_request ORDER BY n;
-- It may be a role's own.
CREATE ROLE lenient_reader;
GRANT SELECT ON lenient_item TO lenient_reader;
ALTER ROLE lenient_reader SET gqlsvl.hasura_lenient_validation = on;
SELECT rolconfig FROM pg_roles WHERE rolname = 'lenient_reader';
DROP TABLE lenient_item;
DROP OWNED BY lenient_reader;
DROP ROLE lenient_reader;
