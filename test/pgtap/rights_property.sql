-- For random grants on columns, memberships and policies (some calling functions that read other tables or claims), every query, aggregate
-- and change through gqlsvl.resolve has the result of hand-written SQL under SET ROLE, and introspection shows exactly the columns granted.
-- Every other request finds objects first in its search_path that are called as Postgres's own and raise when they are called.
-- Seeded: a failure names its round and the query; SELECT pg_temp.play(round) plays one again.
BEGIN;
SELECT plan(11);
SET LOCAL client_min_messages = warning;
CREATE SCHEMA prop;
SET LOCAL gqlsvl.schemas = 'prop';
SET LOCAL search_path = prop, public;
CREATE ROLE prop_low;
CREATE ROLE prop_mid;
CREATE ROLE prop_top;
GRANT prop_low TO prop_mid;
GRANT USAGE ON SCHEMA prop TO PUBLIC;
CREATE TABLE prop.audience (name text, level int);   -- read by policies' functions; granted at random, too
INSERT INTO prop.audience VALUES ('ana', 1), ('bo', 2), ('ana', 3);
CREATE FUNCTION prop.claim() RETURNS text LANGUAGE sql STABLE AS $$ SELECT gqlsvl.claim('sub') $$;
CREATE FUNCTION prop.may_see(level int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN EXISTS (SELECT FROM prop.audience AS a WHERE a.name = prop.claim() AND a.level = may_see.level); END $$;
CREATE FUNCTION prop.may_see_as_owner(level int) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN EXISTS (SELECT FROM prop.audience AS a WHERE a.name = prop.claim() AND a.level = may_see_as_owner.level); END $$;

-- None of what the policies' functions use: those are re-parsed under the caller's path, as in hand-written SQL.
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE FUNCTION evil.trap(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil was called'; END $$;
CREATE FUNCTION evil.trap(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil was called'; END $$;
CREATE OPERATOR evil.<> (FUNCTION = evil.trap, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR evil.>= (FUNCTION = evil.trap, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR evil.> (FUNCTION = evil.trap, LEFTARG = int, RIGHTARG = int);
CREATE FUNCTION evil.trapped(state int, value int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil was called'; END $$;
CREATE FUNCTION evil.counted(state bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE 'evil was called'; END $$;
CREATE AGGREGATE evil.max(int) (SFUNC = evil.trapped, STYPE = int, INITCOND = '0');
CREATE AGGREGATE evil.count(*) (SFUNC = evil.counted, STYPE = bigint, INITCOND = '0');
CREATE FUNCTION evil.json_object(text[], VARIADIC "any") RETURNS json LANGUAGE internal AS 'json_build_object';
CREATE DOMAIN evil.int4 AS text CHECK (false);
CREATE DOMAIN evil.text AS pg_catalog.text CHECK (false);

CREATE FUNCTION pg_temp.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;
CREATE FUNCTION pg_temp.chance(p float) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT random() < p $$;

-- A world: two tables with rows, grants, policies, all of the round's seed.
CREATE FUNCTION pg_temp.make_world(round int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE t text; r text; c text; rule text;
BEGIN
  PERFORM setseed(round / 1000.0);
  DROP TABLE IF EXISTS prop.child, prop.parent;
  CREATE TABLE prop.parent (id int PRIMARY KEY, level int, owner text, secret text);
  CREATE TABLE prop.child (id int PRIMARY KEY, parent_id int REFERENCES prop.parent, level int, owner text, note text);
  INSERT INTO prop.parent SELECT i, 1 + i % 4, pg_temp.pick('ana', 'bo', 'cy'), 's' || i FROM generate_series(1, 8) AS i;
  INSERT INTO prop.child SELECT i, 1 + floor(random() * 8)::int, 1 + i % 4, pg_temp.pick('ana', 'bo', 'cy', NULL), 'n' || i FROM generate_series(1, 20) AS i;
  EXECUTE 'REVOKE ALL ON prop.audience FROM prop_low, prop_mid, prop_top';
  FOREACH r IN ARRAY ARRAY['prop_low', 'prop_mid', 'prop_top'] LOOP
    IF pg_temp.chance(0.7) THEN EXECUTE format('GRANT SELECT ON prop.audience TO %I', r); END IF;
    FOREACH t IN ARRAY ARRAY['parent', 'child'] LOOP
      IF pg_temp.chance(0.3) THEN EXECUTE format('GRANT SELECT ON prop.%I TO %I', t, r); END IF;
      IF pg_temp.chance(0.2) THEN EXECUTE format('GRANT DELETE ON prop.%I TO %I', t, r); END IF;
      FOR c IN SELECT attname FROM pg_attribute WHERE attrelid = format('prop.%I', t)::regclass AND attnum > 0 LOOP
        IF pg_temp.chance(0.6) THEN EXECUTE format('GRANT SELECT (%I) ON prop.%I TO %I', c, t, r); END IF;
        IF pg_temp.chance(0.4) THEN EXECUTE format('GRANT UPDATE (%I) ON prop.%I TO %I', c, t, r); END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  FOREACH t IN ARRAY ARRAY['parent', 'child'] LOOP
    CONTINUE WHEN pg_temp.chance(0.25);
    EXECUTE format('ALTER TABLE prop.%I ENABLE ROW LEVEL SECURITY', t);
    FOR i IN 1 .. 1 + floor(random() * 3)::int LOOP
      rule := pg_temp.pick('true', 'level < 3', 'owner = prop.claim()', 'prop.may_see(level)', 'prop.may_see_as_owner(level)', 'owner = current_user',
                           'EXISTS (SELECT FROM prop.audience AS a WHERE a.level = ' || t || '.level AND a.name = prop.claim())', 'owner IS NOT NULL AND level <> 2');
      EXECUTE format('CREATE POLICY p%s ON prop.%I AS %s FOR %s TO %s USING (%s)', i, t, CASE WHEN i > 1 AND pg_temp.chance(0.3) THEN 'RESTRICTIVE' ELSE 'PERMISSIVE' END,
                     pg_temp.pick('ALL', 'SELECT', 'SELECT', 'UPDATE', 'DELETE'), pg_temp.pick('PUBLIC', 'PUBLIC', 'prop_low', 'prop_mid'), rule);
    END LOOP;
  END LOOP;
END $$;

CREATE FUNCTION pg_temp.columns(t text, r text, privilege text) RETURNS text[] LANGUAGE sql AS $$
  SELECT coalesce(array_agg(attname::text ORDER BY attnum), '{}') FROM pg_attribute
  WHERE attrelid = ('prop.' || t)::regclass AND attnum > 0 AND has_column_privilege(r, attrelid, attnum, privilege)
$$;

-- What `statement` answers as the role, undone: its JSON, or "failed".
CREATE FUNCTION pg_temp.answer(r text, sub text, statement text, hostile boolean DEFAULT false) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE result jsonb; message text;
BEGIN
  BEGIN
    PERFORM set_config('request.jwt.claims', json_build_object('sub', sub)::text, true);
    EXECUTE format('SET LOCAL ROLE %I', r);
    IF hostile THEN SET LOCAL search_path = evil, pg_catalog, prop; END IF;
    EXECUTE statement INTO result;
    RAISE 'undo' USING ERRCODE = 'UNDO1', DETAIL = coalesce(result, 'null');
  EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
    GET STACKED DIAGNOSTICS message = PG_EXCEPTION_DETAIL;
    result := message;
  WHEN OTHERS THEN
    result := '"failed"';
  END;
  RETURN result;
END $$;
CREATE FUNCTION pg_temp.graphql(r text, sub text, query text, hostile boolean DEFAULT false) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE WHEN a ? 'errors' THEN CASE WHEN a #>> '{errors,0,extensions,code}' = 'validation-failed' THEN a ELSE '"failed"' END ELSE a -> 'data' END
  FROM pg_temp.answer(r, sub, format('SELECT gqlsvl.resolve(%L)::pg_catalog.jsonb', query), hostile) AS a
$$;

CREATE TABLE pg_temp.outcome (what text, round int, query text, expected jsonb, got jsonb);
CREATE FUNCTION pg_temp.compare(what text, round int, r text, sub text, query text, statement text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO pg_temp.outcome SELECT what, round, r || '/' || sub || ': ' || query, pg_temp.answer(r, sub, statement), pg_temp.graphql(r, sub, query, round % 2 = 0)
$$;

CREATE FUNCTION pg_temp.object(alias text, columns text[]) RETURNS text LANGUAGE sql AS $$
  SELECT 'json_build_object(' || string_agg(format('%L, %s.%I', c, alias, c), ', ') || ')' FROM unnest(columns) AS c
$$;
CREATE FUNCTION pg_temp.play(round int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r text; sub text; t text; read text[]; kids text[]; chosen text[]; filter text; sql_filter text; target text;
BEGIN
  PERFORM pg_temp.make_world(round);
  FOREACH r IN ARRAY ARRAY['prop_low', 'prop_mid', 'prop_top'] LOOP
    sub := pg_temp.pick('ana', 'bo', 'nobody');
    FOREACH t IN ARRAY ARRAY['parent', 'child'] LOOP
      read := pg_temp.columns(t, r, 'SELECT');
      INSERT INTO pg_temp.outcome SELECT 'introspection', round, r || ' ' || t, to_jsonb(read),
        coalesce((SELECT jsonb_agg(f ->> 'name' ORDER BY array_position(read, f ->> 'name')) FROM jsonb_array_elements(g #> '{__type,fields}') AS f
                  WHERE f #>> '{type,ofType,kind}' = 'SCALAR' OR f #>> '{type,kind}' = 'SCALAR'), '[]')
      FROM pg_temp.graphql(r, sub, format('{ __type(name: "prop_%s") { fields { name type { kind ofType { kind } } } } }', t)) AS g;
      IF read = '{}' THEN
        PERFORM pg_temp.compare('hidden', round, r, sub, format('{ __type(name: "prop_%s") { name } }', t), $q$SELECT '{"__type": null}'$q$);
        CONTINUE;
      END IF;
      chosen := (SELECT array_agg(c) FROM unnest(read) AS c WHERE c = read[1] OR pg_temp.chance(0.7));
      filter := ''; sql_filter := 'true';
      IF 'level' = ANY (read) AND pg_temp.chance(0.5) THEN filter := 'level: {_gte: 2}'; sql_filter := 'x.level >= 2'; END IF;
      IF 'owner' = ANY (read) AND pg_temp.chance(0.4) THEN filter := filter || ' owner: {_neq: "cy"}'; sql_filter := sql_filter || ' AND x.owner <> ''cy'''; END IF;
      -- Rows: all chosen columns, in their order, so that the order is the same although not unique.
      PERFORM pg_temp.compare('rows', round, r, sub,
        format('{ prop_%s(where: {%s}, order_by: [%s]) { %s } }', t, filter, (SELECT string_agg(format('{%s: asc}', c), ', ') FROM unnest(chosen) AS c), array_to_string(chosen, ' ')),
        format('SELECT json_build_object(%L, coalesce(json_agg(%s ORDER BY %s), ''[]'')) FROM prop.%I AS x WHERE %s', 'prop_' || t, pg_temp.object('x', chosen),
               (SELECT string_agg('x.' || quote_ident(c), ', ') FROM unnest(chosen) AS c), t, sql_filter));
      PERFORM pg_temp.compare('aggregate', round, r, sub,
        format('{ prop_%s_aggregate(where: {%s}) { aggregate { count max { %s } } } }', t, filter, chosen[1]),
        format('SELECT json_build_object(%L, json_build_object(''aggregate'', json_build_object(''count'', count(*), ''max'', json_build_object(%L, max(x.%I))))) FROM prop.%I AS x WHERE %s',
               'prop_' || t || '_aggregate', chosen[1], chosen[1], t, sql_filter));
      IF has_table_privilege(r, 'prop.' || t, 'DELETE') THEN
        PERFORM pg_temp.compare('delete', round, r, sub, format('mutation { delete_prop_%s(where: {%s}) { affected_rows } }', t, filter),
          format('WITH gone AS (DELETE FROM prop.%I AS x WHERE %s RETURNING 1) SELECT json_build_object(%L, json_build_object(''affected_rows'', count(*))) FROM gone', t, sql_filter, 'delete_prop_' || t));
      END IF;
      -- A change: affected rows, or refused by both.
      target := (SELECT c FROM unnest(pg_temp.columns(t, r, 'UPDATE')) AS c WHERE c IN ('owner', 'level', 'note', 'secret') ORDER BY random() LIMIT 1);
      CONTINUE WHEN target IS NULL;
      PERFORM pg_temp.compare('update', round, r, sub,
        format('mutation { update_prop_%s(where: {%s}, _set: {%s: %s}) { affected_rows } }', t, filter, target, CASE target WHEN 'level' THEN '3' ELSE '"bo"' END),
        format('WITH changed AS (UPDATE prop.%I AS x SET %I = %s WHERE %s RETURNING 1) SELECT json_build_object(%L, json_build_object(''affected_rows'', count(*))) FROM changed',
               t, target, CASE target WHEN 'level' THEN '3' ELSE '''bo''' END, sql_filter, 'update_prop_' || t));
      CONTINUE WHEN NOT 'id' = ANY (read);
      PERFORM pg_temp.compare('returning', round, r, sub,
        format('mutation { update_prop_%s(where: {id: {_eq: 3}}, _set: {%s: %s}) { returning { %s } } }', t, target, CASE target WHEN 'level' THEN '3' ELSE '"bo"' END, array_to_string(read, ' ')),
        format('WITH changed AS (UPDATE prop.%I AS x SET %I = %s WHERE x.id = 3 RETURNING %s AS o) SELECT json_build_object(%L, json_build_object(''returning'', coalesce(json_agg(o), ''[]''))) FROM changed',
               t, target, CASE target WHEN 'level' THEN '3' ELSE '''bo''' END, pg_temp.object('x', read), 'update_prop_' || t));
    END LOOP;
    -- A relationship, where both ends of it can be read.
    read := pg_temp.columns('parent', r, 'SELECT');
    kids := pg_temp.columns('child', r, 'SELECT');
    CONTINUE WHEN NOT (read @> '{id}' AND kids @> '{id,parent_id}');
    PERFORM pg_temp.compare('relationship', round, r, sub,
      format('{ prop_parent(order_by: {id: asc}, where: {child: {id: {_gt: 5}}}) { %s child(order_by: {id: asc}) { %s } } }', array_to_string(read, ' '), array_to_string(kids, ' ')),
      format('SELECT json_build_object(''prop_parent'', coalesce(json_agg(%s ORDER BY x.id), ''[]'')) FROM prop.parent AS x WHERE EXISTS (SELECT FROM prop.child AS k WHERE k.parent_id = x.id AND k.id > 5)',
        rtrim(pg_temp.object('x', read), ')') || format(', ''child'', (SELECT coalesce(json_agg(%s ORDER BY y.id), ''[]'') FROM prop.child AS y WHERE y.parent_id = x.id))', pg_temp.object('y', kids))));
    PERFORM pg_temp.compare('relationship', round, r, sub, '{ prop_child(order_by: {id: asc}) { id parent { id } } }',
      'SELECT json_build_object(''prop_child'', coalesce(json_agg(json_build_object(''id'', y.id, ''parent'', (SELECT json_build_object(''id'', x.id) FROM prop.parent AS x WHERE x.id = y.parent_id)) ORDER BY y.id), ''[]'')) FROM prop.child AS y');
  END LOOP;
END $$;

SELECT pg_temp.play(round) FROM generate_series(1, 60) AS round \g /dev/null

CREATE FUNCTION pg_temp.verdict(of text) RETURNS text LANGUAGE sql AS $$
  SELECT is((SELECT count(*) FROM pg_temp.outcome WHERE what = of AND expected IS DISTINCT FROM got), 0::bigint,
            format('%s: as hand-written SQL under SET ROLE, or as granted', of))
$$;
SELECT pg_temp.verdict(what) FROM unnest(ARRAY['introspection', 'rows', 'aggregate', 'update', 'returning', 'delete', 'relationship', 'hidden']) AS what;
-- The rounds were worth it: each kind was asked, some refused, some with few rows.
SELECT ok((SELECT count(DISTINCT what) = 8 AND count(*) FILTER (WHERE expected = '"failed"') > 20 AND count(*) FILTER (WHERE expected <> '"failed"') > 500
           FROM pg_temp.outcome), 'all kinds occurred, some refused and most answered');
SELECT is(pg_temp.answer('prop_low', 'ana', 'SELECT to_json(1 >= 2)') || pg_temp.answer('prop_low', 'ana', 'SELECT to_json(1 >= 2)', true), '[false, "failed"]',
          'the traps are found by SQL that does not name its schemas');
-- What policies ask for themselves: gqlsvl.claim means Postgres's own operators, whatever the caller's search_path holds.
CREATE OPERATOR evil.= (FUNCTION = evil.trap, LEFTARG = text, RIGHTARG = text);
SET LOCAL search_path = evil, pg_catalog, public;
SET LOCAL request.jwt.claims = '{"sub": "ana"}';
SELECT gqlsvl.claim('sub') AS claimed \gset
SET LOCAL search_path = prop, public;
SELECT is(:'claimed'::text, 'ana', 'gqlsvl.claim calls nothing of the caller''s search_path');
SELECT diag(format('round %s, %s: %s', round, what, query) || E'\n  expected ' || expected || E'\n  got      ' || got)
FROM pg_temp.outcome WHERE expected IS DISTINCT FROM got ORDER BY round LIMIT 10;
SELECT * FROM finish();
ROLLBACK;
