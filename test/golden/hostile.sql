-- A schema that takes every name our SQL uses and could have meant unqualified: whatever resolves to it raises (docs/rules.md, 8).
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;

-- Operators: for each, a function of exactly these types, which wins over pg_catalog's when evil comes first.
DO $$
DECLARE
  pair text[]; op text; number int := 0;
  comparisons text[] := '{=,<>,<,>,<=,>=}';
  operands text[] := '{{int4,int4},{int8,int8},{int4,int8},{numeric,numeric},{float8,float8},{text,text},{varchar,varchar},{varchar,text},
    {bpchar,bpchar},{bool,bool},{uuid,uuid},{date,date},{timestamp,timestamp},{timestamptz,timestamptz},{jsonb,jsonb},{int4[],int4[]},
    {text[],text[]}}';
  others text[] := '{{~~,text,text},{~~,varchar,text},{!~~,varchar,text},{~~*,varchar,text},{!~~*,varchar,text},{~,varchar,text},
    {!~,varchar,text},{~*,varchar,text},{!~*,varchar,text},{~,text,text},{+,int4,int4},{+,int8,int8},{+,numeric,numeric},{||,jsonb,jsonb},
    {||,text,text},{-,jsonb,text},{-,jsonb,int4},{#-,jsonb,text[]},{#>,jsonb,text[]},{#>,json,text[]},{@>,jsonb,jsonb},{<@,jsonb,jsonb},
    {?,jsonb,text},{?|,jsonb,text[]},{?&,jsonb,text[]},{@>,text[],text[]},{<@,text[],text[]},{@?,jsonb,jsonpath},{@@,jsonb,jsonpath}}';
BEGIN
  FOREACH pair SLICE 1 IN ARRAY operands LOOP
    FOREACH op IN ARRAY comparisons LOOP
      others := others || ARRAY[op, pair[1], pair[2]];
    END LOOP;
  END LOOP;
  FOREACH pair SLICE 1 IN ARRAY others LOOP
    number := number + 1;
    EXECUTE format('CREATE FUNCTION evil.operator_%s(%s, %s) RETURNS boolean LANGUAGE plpgsql AS $f$BEGIN RAISE ''hostile operator called: %s''; END$f$',
      number, pair[2], pair[3], pair[1]);
    EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.operator_%s)', pair[1], pair[2], pair[3], number);
  END LOOP;
END$$;

-- Functions and aggregates.
DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['json_build_object(text, integer) RETURNS json', 'json_build_object(text, text) RETURNS json',
    'json_build_object(text, varchar) RETURNS json', 'json_build_object(text, json) RETURNS json', 'unnest(integer[]) RETURNS SETOF integer',
    'unnest(varchar[]) RETURNS SETOF varchar', 'unnest(text[]) RETURNS SETOF text', 'generate_series(integer, bigint) RETURNS SETOF bigint',
    'similar_to_escape(text) RETURNS text', 'concat(text, text, text) RETURNS text', 'substr(text, integer) RETURNS text',
    '"left"(text, integer) RETURNS text', 'to_json(text) RETURNS json'] LOOP
    EXECUTE format('CREATE FUNCTION evil.%s LANGUAGE plpgsql AS $f$BEGIN RAISE ''hostile function called''; END$f$', signature);
  END LOOP;
END$$;
CREATE FUNCTION evil.count_state(bigint) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE 'hostile aggregate called'; END$$;
CREATE FUNCTION evil.integer_state(bigint, integer) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE 'hostile aggregate called'; END$$;
CREATE FUNCTION evil.numeric_state(numeric, numeric) RETURNS numeric LANGUAGE plpgsql AS $$BEGIN RAISE 'hostile aggregate called'; END$$;
CREATE FUNCTION evil.json_state(json, json) RETURNS json LANGUAGE plpgsql AS $$BEGIN RAISE 'hostile aggregate called'; END$$;
CREATE AGGREGATE evil.count(*) (SFUNC = evil.count_state, STYPE = bigint, INITCOND = 0);
CREATE AGGREGATE evil.count(integer) (SFUNC = evil.integer_state, STYPE = bigint, INITCOND = 0);
CREATE AGGREGATE evil.sum(integer) (SFUNC = evil.integer_state, STYPE = bigint);
CREATE AGGREGATE evil.sum(numeric) (SFUNC = evil.numeric_state, STYPE = numeric);
CREATE AGGREGATE evil.avg(integer) (SFUNC = evil.integer_state, STYPE = bigint);
CREATE AGGREGATE evil.max(integer) (SFUNC = evil.integer_state, STYPE = bigint);
CREATE AGGREGATE evil.min(integer) (SFUNC = evil.integer_state, STYPE = bigint);
CREATE AGGREGATE evil.json_agg(json) (SFUNC = evil.json_state, STYPE = json);

-- Types and tables.
CREATE DOMAIN evil.text AS pg_catalog.text CHECK (false);
CREATE DOMAIN evil.json AS pg_catalog.json CHECK (false);
CREATE DOMAIN evil.jsonb AS pg_catalog.jsonb CHECK (false);
CREATE DOMAIN evil.int4 AS pg_catalog.int4 CHECK (false);
CREATE TABLE evil.artist (artist_id integer, name pg_catalog.text);
CREATE TABLE evil.album (album_id integer, title pg_catalog.text, artist_id integer);
GRANT ALL ON ALL TABLES IN SCHEMA evil TO PUBLIC;

-- The trap works: an unqualified use of each kind falls into it.
SET search_path = evil, pg_catalog, public;
DO $$
DECLARE sql pg_catalog.text; caught boolean;
BEGIN
  FOREACH sql IN ARRAY CAST('{SELECT 1 = 1,SELECT CAST(1 AS integer) + 1,"SELECT json_build_object(CAST(''a'' AS pg_catalog.text), 1)",SELECT count(*) FROM public.genre,"SELECT CAST(''x'' AS text)"}' AS pg_catalog.text[]) LOOP
    caught := false;
    BEGIN
      EXECUTE sql;
    EXCEPTION WHEN raise_exception OR check_violation THEN caught := true;
    END;
    IF NOT caught THEN RAISE EXCEPTION 'not hostile enough: %', sql; END IF;
  END LOOP;
END$$;
RESET search_path;
