-- gqlsvl.explain: the SQL of an operation with its plan, measured when asked to; and a warning where a policy keeps a condition from its index.
BEGIN;
SELECT plan(19);
CREATE SCHEMA shown;
SET LOCAL gqlsvl.schemas = 'shown';
CREATE TABLE shown.doc (id int PRIMARY KEY, owner int NOT NULL DEFAULT 1, price numeric, title text, body jsonb);
CREATE INDEX doc_price ON shown.doc (price);
CREATE INDEX doc_owner ON shown.doc (owner);
CREATE INDEX doc_title ON shown.doc (title text_pattern_ops);
CREATE INDEX doc_body ON shown.doc USING gin (body);
INSERT INTO shown.doc SELECT n, n % 2, n, 'title ' || n, jsonb_build_object('n', n) FROM generate_series(1, 100) n;
CREATE ROLE shown_reader;
GRANT USAGE ON SCHEMA shown TO shown_reader;
GRANT ALL ON shown.doc TO shown_reader;

CREATE FUNCTION explained(document text, variables json DEFAULT '{}', measured boolean DEFAULT false) RETURNS json LANGUAGE sql AS $$
  SELECT gqlsvl.explain(document, variables, "analyze" => measured) $$;
CREATE FUNCTION warnings(document text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(w, E'\n'), 'none') FROM json_array_elements(explained(document)->'statements') s, json_array_elements_text(s->'warnings') w $$;

SELECT is(explained('{ shown_doc_by_pk(id: 7) { id } }')->'statements'->0->'parameters'->>0, '{"type":"integer","value":"7"}', 'parameters with their types and values');
SELECT ok((explained('{ shown_doc { id } }')->'statements'->0->'plan'->'Plan')::jsonb ? 'Node Type', 'the plan is there');
SELECT ok(NOT (explained('{ shown_doc { id } }')->'statements'->0->'plan'->'Plan')::jsonb ? 'Actual Rows', 'without analyze nothing has run');
SELECT ok((explained('query($n: Int!) { shown_doc(where: {id: {_lt: $n}}) { id } }', '{"n": 5}', true)->'statements'->0->'plan'->'Plan')::jsonb ? 'Actual Rows', 'with analyze it has');
SELECT is(explained('mutation { delete_shown_doc(where: {}) { affected_rows } }', '{}', true)->'errors'->0->'extensions'->>'code', 'not-supported', 'a mutation is not run to be explained');
SELECT is((explained('mutation { delete_shown_doc(where: {}) { affected_rows } }')->'statements'->0->'plan'->'Plan')::jsonb ? 'Node Type', true, 'its plan is shown without');
SELECT is((SELECT count(*) FROM shown.doc), 100::bigint, 'and nothing was deleted');
SELECT is(explained('mutation { insert_shown_doc(objects: [{id: 1000}]) { returning { id body } } }')->'statements'->0->>'error', NULL, 'an insert has a plan too');
SELECT matches(explained('query($n: numeric!) { shown_doc(where: {price: {_gt: $n}}) { id } }', '{"n": "x"}')->'statements'->0->>'error', 'invalid input syntax', 'a value that Postgres refuses is told in place of the plan');
SELECT is((SELECT count(*) FROM shown.doc), 100::bigint, 'the transaction goes on after it');

SET LOCAL ROLE shown_reader;
SELECT is(warnings('{ shown_doc(where: {price: {_eq: "5"}, title: {_like: "a%"}}) { id } }'), 'none', 'without policies there is nothing to warn of');
RESET ROLE;
ALTER TABLE shown.doc ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shown.doc FOR SELECT TO shown_reader USING (owner = 1);
CREATE POLICY others ON shown.doc FOR SELECT TO pg_monitor USING (true);
SET LOCAL ROLE shown_reader;
SELECT matches(warnings('{ shown_doc(where: {price: {_eq: "5"}}) { id } }'), '^The condition "price =" on table shown.doc cannot use index "doc_price": operator = is not leakproof, so the table''s policies \(own\) are checked first',
  'numeric = is named, with table, policy, operator and index');
SELECT matches(warnings('{ shown_doc(where: {title: {_like: "a%"}}) { id } }'), '"title ~~".*"doc_title"', 'LIKE is named where an index would serve it');
SELECT matches(warnings('{ shown_doc(where: {body: {_contains: {n: 1}}}) { id } }'), '"body @>".*"doc_body".*LEAKPROOF', 'jsonb @> is named, and what to do');
SELECT matches(warnings('{ shown_doc(where: {_or: [{price: {_in: ["5", "6"]}}]}) { id } }'), '"price ="', '_in too');
SELECT is(warnings('{ shown_doc(where: {id: {_eq: 5}, owner: {_eq: 1}}) { id } }'), 'none', 'integer = is leakproof');
SELECT is(warnings('{ shown_doc(where: {title: {_ilike: "a%"}}) { id } }'), 'none', 'an operator that no index knows is no loss');
RESET ROLE;
SELECT is(warnings('{ shown_doc(where: {price: {_eq: "5"}}) { id } }'), 'none', 'the owner is not subject to the policies');

-- Which plan serves is left to Postgres: with skewed values it goes on planning for the value at hand.
CREATE TABLE shown.skew (id int PRIMARY KEY, status text NOT NULL, filler text NOT NULL);
INSERT INTO shown.skew SELECT n, CASE WHEN n <= 10 THEN 'rare' ELSE 'common' END, repeat('x', 50) FROM generate_series(1, 20000) n;
CREATE INDEX ON shown.skew (status);
ANALYZE shown.skew;
CREATE FUNCTION seq_scans(status text, times int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE before bigint := pg_stat_get_xact_numscans('shown.skew'::regclass);
BEGIN
  FOR i IN 1 .. times LOOP
    PERFORM gqlsvl.resolve('query($s: String!) { shown_skew_aggregate(where: {status: {_eq: $s}}) { aggregate { max { filler } } } }', json_build_object('s', status));
  END LOOP;
  RETURN pg_stat_get_xact_numscans('shown.skew'::regclass) - before;
END $$;
SELECT is(ARRAY[seq_scans('rare', 12), seq_scans('common', 1), seq_scans('rare', 1)], ARRAY[0, 1, 0]::bigint[], 'twelve rare values by the index, a common one by a scan, and back');
SELECT * FROM finish();
ROLLBACK;
