-- The JSON of gqlsvl.json_object and json_list says the same as Postgres's own, type by type; only the spaces are left out.
-- Dialect: D5-time D5-other
BEGIN;
SELECT plan(33);
CREATE TYPE mood AS ENUM ('sad', 'so "so"', 'happy');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN price AS numeric CHECK (VALUE >= 0);
CREATE DOMAIN prices AS price[];
CREATE DOMAIN document AS jsonb;
CREATE TYPE colour AS ENUM ('red');
CREATE FUNCTION colour_json(colour) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT json_build_object('colour', $1::text)$$;
CREATE CAST (colour AS json) WITH FUNCTION colour_json(colour);

-- One row for each kind of value; each must come out as to_json writes it.
CREATE FUNCTION same(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE ours text; theirs text;
BEGIN
  EXECUTE format('SELECT string_agg(gqlsvl.json_object(ARRAY[%L], v)::text, E''\n''), string_agg(format(%L, to_json(v)), E''\n'') FROM (SELECT %s) AS s(v)', 'k', '{"k":%s}', expression)
  INTO ours, theirs;
  RETURN is(ours, theirs, expression);
END $$;
SELECT same(e) FROM unnest(ARRAY[
  'unnest(ARRAY[true, false])',
  'unnest(ARRAY[0, -1, 32767, -32768]::int2[])',
  'unnest(ARRAY[0, -1, 2147483647, -2147483648]::int4[])',
  'unnest(ARRAY[0, -1, 9223372036854775807, -9223372036854775808]::int8[])',
  'unnest(ARRAY[0, -0.5, 1e-30, 3.4e38, ''NaN'', ''Infinity'', ''-Infinity'']::float4[])',
  'unnest(ARRAY[0, ''-0'', 0.1, 1e300, 5e-324, ''NaN'', ''Infinity'', ''-Infinity'']::float8[])',
  'unnest(ARRAY[0, -0.50, 1e100, 1e-100, ''NaN'', ''Infinity'', ''-Infinity'']::numeric[])',
  'unnest(ARRAY[''2026-01-31'', ''infinity'', ''-infinity'', ''0044-03-15 BC'', ''5874897-12-31'']::date[])',
  'unnest(ARRAY[''2026-01-31 23:59:59.123456'', ''infinity'', ''-infinity'', ''0044-03-15 00:00 BC'']::timestamp[])',
  'unnest(ARRAY[''2026-01-31 23:59:59.1+02'', ''infinity'', ''-infinity'']::timestamptz[])',
  'unnest(ARRAY[''23:59:59.5'', ''24:00'']::time[])',
  'unnest(ARRAY[''23:59:59+05:30'']::timetz[])',
  'unnest(ARRAY[''1 year 2 mons -3 days 04:05:06'']::interval[])',
  $e$unnest(ARRAY['', 'plain', 'q"b\s/', E'\b\f\n\r\t\x01\x1f\x7f', 'größe 漢字 🎉', repeat('long "', 5000)])$e$,
  $e$unnest(ARRAY['a "b"']::varchar[])$e$,
  $e$unnest(ARRAY['ab']::char(5)[])$e$,
  $e$unnest(ARRAY['a "b"']::name[])$e$,
  $e$unnest(ARRAY['{ "b" : 1, "a": [ ] }', 'null', '"x"']::json[])$e$,
  $e$unnest(ARRAY['{ "b" : 1.50, "a": [ ] }', 'null', '"x"']::jsonb[])$e$,
  $e$unnest(ARRAY['{"z": {"y": null}}']::document[])$e$,
  'unnest(enum_range(NULL::mood))',
  'unnest(enum_range(NULL::colour))', -- has a cast to json of its own
  $e$unnest(ARRAY['\xdeadbeef', '']::bytea[])$e$,
  $e$unnest(ARRAY['9e0f4b1c-1111-4222-8333-444455556666']::uuid[])$e$,
  $e$unnest(ARRAY['10.0.0.0/8']::inet[])$e$,
  $e$(ARRAY[ARRAY[1, NULL], ARRAY[3, 4]])$e$,
  $e$unnest(ARRAY[ROW(1, 'a "b"'), ROW(NULL, NULL)]::pair[])$e$,
  $e$'[1,5)'::int4range$e$
]) AS e;

SELECT is((SELECT string_agg(gqlsvl.json_object(ARRAY['price', 'prices', 'none', '__typename', 'w"k'], 1.50::price, ARRAY[1.50]::prices, NULL::int, 'Type', 0)::text, '')),
  '{"price":1.50,"prices":[1.50],"none":null,"__typename":"Type","w\"k":0}', 'domains, nulls and literals; keys in their order');
SELECT is(ARRAY[(SELECT gqlsvl.json_list(j)::text FROM (VALUES ('{"a":1}'::json), (NULL), ('[]')) AS v(j)), (SELECT gqlsvl.json_list(NULL)::text WHERE false), (SELECT gqlsvl.json_list(NULL::json)::text FROM generate_series(1, 0)),
    gqlsvl.json_join('{}', gqlsvl.json_object(ARRAY['a'], 1), NULL, gqlsvl.json_object(ARRAY['b'], 2))::text],
  ARRAY['[{"a":1},null,[]]', '[]', '[]', '{"a":1,"b":2}'], 'lists keep their rows in order and are never null; objects are joined in order');

-- Every type there is, by a text that its input function takes; arrays, ranges and row types too.
CREATE FUNCTION all_types(OUT tried bigint, OUT different text, OUT without_value text) LANGUAGE plpgsql AS $$
DECLARE
  kind record; sample text; ours text; theirs text; found boolean;
  samples CONSTANT text[] := ARRAY['1', '12:34:56.7', '2026-02-03 04:05:06', 'a "b"', '\x00ff', '(1,2)', '((1,2),(3,4))', '<(1,2),3>', '{1,2,3}', '{"a": [1.50]}', '10.0.0.1',
    '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '00000000-0000-0000-0000-000000000001', '[1,5)', '[2026-01-01,2026-02-01)', '[10.0,20.0)', '{[1,5)}', '{[2026-01-01,2026-02-01)}',
    '101', '(0,1)', '16/B374D848', '10:20:10,14,15', 'pg_class', 'int4', 'now(', 'now()', '+(integer,integer)', 'english', 'simple', 'public', 'postgres', '<a>1</a>', '$.a', 'C',
    '{}', '()', 'sad', 'red', '1:1', 'abs(integer)', '||/', '=r/postgres', '{=r/postgres}', 'YES'];
BEGIN
  tried := 0; different := ''; without_value := '';
  FOR kind IN SELECT t.oid, format_type(t.oid, NULL) AS name FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typtype <> 'p' AND (c.oid IS NULL OR c.relkind = 'c') AND NOT t.typname ~ '^(pg_node_tree|pg_ndistinct|pg_dependencies|pg_mcv_list|pg_brin.*|gtsvector)$' LOOP
    found := false;
    FOREACH sample IN ARRAY samples LOOP
      BEGIN
        EXECUTE format('SELECT gqlsvl.json_object(ARRAY[%L], v)::text, format(%L, to_json(v)) FROM (SELECT CAST(%L AS %s) AS v OFFSET 0) AS s', 'k', '{"k":%s}', sample, kind.name) INTO ours, theirs;
        found := true;
        tried := tried + 1;
        IF ours IS DISTINCT FROM theirs THEN different := different || format('%s %L: %s is not %s; ', kind.name, sample, ours, theirs); END IF;
      EXCEPTION WHEN OTHERS THEN -- not a text of this type
      END;
    END LOOP;
    IF NOT found THEN without_value := without_value || kind.name || ' '; END IF;
  END LOOP;
END $$;
SELECT is(a.different, '', 'all types of pg_type: ' || a.tried || ' values as to_json writes them') FROM all_types() a;
SELECT is(a.without_value, '', 'no type of pg_type went without a value') FROM all_types() a;

-- Grouped lists are kept side by side until the last row: a short one takes little memory.
CREATE FUNCTION list_memory_kb() RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  SET LOCAL work_mem = '256MB'; SET LOCAL enable_sort = off; SET LOCAL max_parallel_workers_per_gather = 0;
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) SELECT n, gqlsvl.json_list(''{"a":1}''::json) FROM generate_series(1, 20000) n GROUP BY n' INTO plan;
  RETURN plan->0->'Plan'->>'Peak Memory Usage';
END $$;
SELECT cmp_ok(list_memory_kb(), '<', 12000::numeric, '20,000 lists of one small object take less than 12 MB');
SELECT * FROM finish();
ROLLBACK;
