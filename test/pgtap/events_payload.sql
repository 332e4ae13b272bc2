-- The payload of an event, whole: data, session variables and trace context, byte for byte as row_to_json writes the row.
BEGIN;
SELECT plan(34);
SET LOCAL client_min_messages = warning;
SET LOCAL TimeZone = 'UTC';

-- The payload of the last event, and what it must be.
CREATE FUNCTION last_payload() RETURNS text LANGUAGE sql AS $$SELECT payload::text FROM gqlsvl.event ORDER BY id DESC LIMIT 1$$;
CREATE FUNCTION expected(old json, new json, session_variables text DEFAULT 'null', trace_context text DEFAULT 'null') RETURNS text LANGUAGE sql AS $$
  SELECT '{"data":{"old":' || coalesce(old::text, 'null') || ',"new":' || coalesce(new::text, 'null') || '},"session_variables":' || session_variables
    || ',"trace_context":' || trace_context || '}' $$;
CREATE FUNCTION captured(name text, table_name regclass) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN PERFORM gqlsvl.create_trigger(name, table_name, 'http://127.0.0.1:9/'); END $$;

-- The three operations.
CREATE TABLE item (id int PRIMARY KEY, price numeric, twice numeric GENERATED ALWAYS AS (price * 2) STORED, gone int, "odd ""name"" \ é" text);
ALTER TABLE item DROP COLUMN gone;
SELECT captured('item', 'item');
INSERT INTO item VALUES (1, 1.50, DEFAULT, 'x');
SELECT is(last_payload(), expected(NULL, row_to_json(i)), 'INSERT: old is null, new the row with its generated column') FROM item i;
CREATE TEMP TABLE before AS SELECT row_to_json(i) AS row FROM item i;
UPDATE item SET price = 2.00;
SELECT is(last_payload(), expected(b.row, row_to_json(i)), 'UPDATE: both rows') FROM item i, before b;
UPDATE before SET row = (SELECT row_to_json(i) FROM item i);
ALTER TABLE item ADD COLUMN added text DEFAULT 'meanwhile';
UPDATE item SET price = 3;
SELECT is(last_payload(), expected((SELECT row_to_json(o) FROM (SELECT id, 2.00 AS price, 4.00 AS twice, "odd ""name"" \ é", added FROM item) o), row_to_json(i)),
  'a column added with a default is in the row as it was') FROM item i;
ALTER TABLE item RENAME COLUMN added TO renamed;
UPDATE item SET price = 4;
SELECT is(last_payload()::json #>> '{data,new,renamed}', 'meanwhile', 'a renamed column has its new name');
UPDATE before SET row = (SELECT row_to_json(i) FROM item i);
DELETE FROM item;
SELECT is(last_payload(), expected(b.row, NULL), 'DELETE: the old row, new is null') FROM before b;

-- Types: each value in the payload is what row_to_json says.
CREATE TYPE colour AS ENUM ('red', 'it''s "green"');
CREATE TYPE point3 AS (x int, "y z" numeric, t timestamptz);
CREATE DOMAIN positive AS numeric CHECK (value > 0);
CREATE DOMAIN document AS jsonb;
CREATE FUNCTION last_is_row(table_name regclass) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  same boolean;
BEGIN
  EXECUTE format('SELECT last_payload() = expected(NULL, row_to_json(t)) FROM %s t', table_name) INTO same;
  RETURN same;
END $$;
-- One table per type, so that a failure names the type.
CREATE FUNCTION as_type(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE one (id int PRIMARY KEY, v %s)', type);
  PERFORM captured('one', 'one');
  EXECUTE format('INSERT INTO one VALUES (1, %s)', literal);
  IF NOT last_is_row('one') THEN RETURN format('%s %s: %s', type, literal, last_payload()); END IF;
  PERFORM gqlsvl.drop_trigger('one');
  DROP TABLE one;
  RETURN NULL;
END $$;
SELECT is((SELECT string_agg(wrong, E'\n') FROM (SELECT as_type(type, literal) AS wrong FROM (VALUES
    ('numeric', '1e1000'), ('numeric', '-1e-1000'), ('numeric', '''NaN'''), ('numeric', '''Infinity'''), ('numeric', '''-Infinity'''), ('numeric', '0.00'),
    ('numeric(1000,2)', 'repeat(''9'', 900)::numeric')) v (type, literal)) t), NULL, 'numeric, however large');
SELECT is((SELECT string_agg(wrong, E'\n') FROM (SELECT as_type(type, literal) AS wrong FROM (VALUES
    ('float8', '''-0'''), ('float8', '''Infinity'''), ('float8', '''NaN'''), ('float8', '5e-324'), ('float8', '0.1::float8 + 0.2'), ('float4', '3.4e38'),
    ('smallint', '-32768'), ('bigint', '9223372036854775807'), ('oid', '4294967295'), ('money', '1.5')) v (type, literal)) t), NULL, 'other numbers');
SELECT is((SELECT string_agg(wrong, E'\n') FROM (SELECT as_type(type, literal) AS wrong FROM (VALUES
    ('timestamptz', '''2024-02-29 12:00:00.123456+02'''), ('timestamptz', '''0044-03-15 12:00 BC'''), ('timestamptz', '''infinity'''), ('timestamp', '''294276-12-31'''),
    ('date', '''-infinity'''), ('date', '''4713-01-01 BC'''), ('time', '''24:00'''), ('timetz', '''12:00+05:45'''), ('interval', '''-1 year 2 days -03:04:05.6''')
  ) v (type, literal)) t), NULL, 'dates and times');
SELECT is((SELECT string_agg(wrong, E'\n') FROM (SELECT as_type(type, literal) AS wrong FROM (VALUES
    ('json', '''{"a" :1, "a": 2}'''), ('jsonb', '''{"b": [1e3, null]}'''), ('json', '''"x"'''), ('document', '''{"d": 1}'''), ('json[]', 'ARRAY[''{"a" :1}'']::json[]')
  ) v (type, literal)) t), NULL, 'json');
SELECT is((SELECT string_agg(wrong, E'\n') FROM (SELECT as_type(type, literal) AS wrong FROM (VALUES
    ('text', 'E''q"\\\b\f\n\r\t\u0001\u007f\u2028é\U0001F600'''), ('char(5)', '''ab'''), ('"char"', '''x'''), ('name', '''n'''), ('bytea', '''\x00ff'''), ('uuid', 'gen_random_uuid()'),
    ('colour', '''it''''s "green"'''), ('bit(3)', 'B''101'''), ('varbit', 'B''1'''), ('inet', '''10.0.0.1/8'''), ('macaddr', '''08:00:2b:01:02:03'''), ('xml', '''<a>"</a>'''),
    ('tsvector', '''a:1 b'''), ('tsquery', '''a & b'''), ('regclass', '''item'''), ('pg_lsn', '''0/1'''), ('point', '''(1,2)'''), ('polygon', '''((0,0),(1,1))''')
  ) v (type, literal)) t), NULL, 'text-like types');
SELECT is((SELECT string_agg(wrong, E'\n') FROM (SELECT as_type(type, literal) AS wrong FROM (VALUES
    ('int[]', '''{{1,NULL},{3,4}}'''), ('int[]', '''{}'''), ('text[]', 'ARRAY[''a"b'', NULL]'), ('timestamptz[]', 'ARRAY[''2024-01-01''::timestamptz]'), ('point3', '(1, 2.50, ''2024-01-01'')'),
    ('point3[]', 'ARRAY[(1, 2, NULL)::point3]'), ('positive', '5.0'), ('positive[]', 'ARRAY[5.0]::positive[]'), ('int4range', '''[1,5)'''), ('int4multirange', '''{[1,2),[5,7)}'''),
    ('tstzrange', '''[2024-01-01 00:00+00,)'''), ('int2vector', '''1 2''')) v (type, literal)) t), NULL, 'arrays, composites, domains, ranges');
-- A cast to json, made by a user, is used as row_to_json uses it.
CREATE FUNCTION colour_json(colour) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT json_build_object('colour', $1::text)$$;
CREATE CAST (colour AS json) WITH FUNCTION colour_json(colour);
SELECT is(as_type('colour', '''red'''), NULL, 'a type with a cast to json');

-- Large values.
CREATE TABLE wide (id int PRIMARY KEY, body text, n int);
SELECT captured('wide', 'wide');
INSERT INTO wide SELECT 1, string_agg(md5(g::text), ''), 0 FROM generate_series(1, 20000) g;
SELECT ok(last_payload() = expected(NULL, row_to_json(w)), 'a value stored out of line is in the payload') FROM wide w;
UPDATE wide SET n = 1;
SELECT is(length(last_payload()::json #>> '{data,old,body}') + length(last_payload()::json #>> '{data,new,body}'), 1280000, 'also where the UPDATE did not touch it');
DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE many (' || string_agg('c' || g || CASE g WHEN 1 THEN ' int PRIMARY KEY' ELSE ' int' END, ', ') || ')' FROM generate_series(1, 1600) g); END $$;
SELECT captured('many', 'many');
INSERT INTO many (c1, c1600) VALUES (1, 2);
SELECT ok(last_is_row('many'), 'a row of 1,600 columns');
CREATE TABLE bare ();
SELECT captured('bare', 'bare');
INSERT INTO bare DEFAULT VALUES;
SELECT is(last_payload(), expected(NULL, '{}'), 'a row without columns');

-- Session variables and trace context.
CREATE FUNCTION session_of(hasura_user text, claims text, trace text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('hasura.user', hasura_user, true), set_config('request.jwt.claims', claims, true), set_config('hasura.tracecontext', trace, true);
  INSERT INTO item (id) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM item));
  RETURN substring(last_payload() FROM '"session_variables":.*');
END $$;
SELECT is(session_of('', ''), '"session_variables":null,"trace_context":null}', 'plain SQL has neither');
SELECT is(session_of('{"X-Hasura-Role": "user", "x-hasura-user-id": 42, "x-hasura-tags": ["a"], "other": "no"}', ''),
  '"session_variables":{"x-hasura-role":"user","x-hasura-user-id":"42","x-hasura-tags":"[\"a\"]"},"trace_context":null}', 'hasura.user: x-hasura-* in lower case, values as strings');
SELECT is(session_of('', '{"role": "web", "x-hasura-role": "web"}'), '"session_variables":{"x-hasura-role":"web"},"trace_context":null}', 'else request.jwt.claims');
SELECT is(session_of('', '{"sub": "7", "https://hasura.io/jwt/claims": {"x-hasura-user-id": "7"}}'),
  '"session_variables":{"x-hasura-user-id":"7"},"trace_context":null}', 'with their namespace');
SELECT is(session_of('{"x-hasura-role": "a"}', '{"x-hasura-role": "b"}'), '"session_variables":{"x-hasura-role":"a"},"trace_context":null}', 'hasura.user comes first');
SELECT is(session_of('{broken', ''), '"session_variables":null,"trace_context":null}', 'what is not JSON counts as absent: no writer fails for it');
SELECT is(session_of('[1]', '"x"', '7'), '"session_variables":null,"trace_context":null}', 'nor for JSON that is no object');
SELECT is(session_of('', '{"role": "web"}'), '"session_variables":null,"trace_context":null}', 'claims without session variables give null');
SELECT is(session_of('', '', '{"trace_id": "a1", "span_id": "b2"}'), '"session_variables":null,"trace_context":{"trace_id":"a1","span_id":"b2"}}', 'hasura.tracecontext');
SELECT is(session_of('', '', '00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
  '"session_variables":null,"trace_context":{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}}', 'or a traceparent in its place');
SELECT set_config('request.headers', '{"host": "x", "traceparent": "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-later"}', true);
SELECT is(session_of('', ''), '"session_variables":null,"trace_context":{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}}', 'or that of request.headers');
-- No writer fails for what a client sent.
SELECT is((SELECT string_agg(DISTINCT session_of('', '', wrong), '') FROM unnest(ARRAY['00', '00-0-0-0', '00-00000000000000000000000000000000-00f067aa0ba902b7-01', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902bé-1', '00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '{', '{"a":', '[]', 'null', repeat('[', 100000), '{"a":' || repeat('[', 1000) || repeat(']', 1000) || '}', repeat('"', 99999)]) AS wrong),
  '"session_variables":null,"trace_context":{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}}', 'a malformed trace context is none: that of request.headers counts');
SELECT is((SELECT string_agg(DISTINCT substring(session_of('', '', ''), '"trace_context".*'), '') FROM (SELECT set_config('request.headers', h, true) FROM unnest(ARRAY['', '{', '[1]', '{"traceparent": 7}', '{"traceparent": "x"}']) h) s),
  '"trace_context":null}', 'so is one in malformed headers');
SELECT is((SELECT string_agg(DISTINCT session_of(wrong, wrong), '') FROM unnest(ARRAY['{', '{"x-hasura-role"}', '{"x-hasura-role": "a"', '"x-hasura-role"', '{"x-hasura-role": "\ud800"}', '{x-hasura-role: 1}', E'\x01', repeat('{"x-hasura-a":', 100000),
    '{"x-hasura-a": 1e}', '{"x-hasura-a": "' || E'\t' || '"}', '{"X-HASURA-": nul}']) AS wrong), '"session_variables":null,"trace_context":null}', 'nor do malformed session variables fail anybody');
SELECT set_config('hasura.user', '{"x-hasura-role": "first"}', true);
INSERT INTO item (id) VALUES (1000);
SELECT set_config('hasura.user', '{"x-hasura-role": "second"}', true);
INSERT INTO item (id) VALUES (1001);
SELECT is(last_payload()::json #>> '{session_variables,x-hasura-role}', 'second', 'a change of hasura.user counts from the next statement on');

-- What the log and the store keep beside it.
SELECT is((SELECT created_at FROM gqlsvl.event ORDER BY id DESC LIMIT 1), now(), 'created_at is the start of the transaction');
SELECT is((SELECT count(DISTINCT gqlsvl.event_uuid(txid, id)) FROM gqlsvl.event), (SELECT count(*) FROM gqlsvl.event), 'each event has its own uuid');
SELECT matches((SELECT gqlsvl.event_uuid(txid, id)::text FROM gqlsvl.event LIMIT 1), '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'of version 8');
SELECT * FROM finish();
ROLLBACK;
