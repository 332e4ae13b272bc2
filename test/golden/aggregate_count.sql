-- $
SELECT (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['all', 'one', 'several', 'distinct', 'pairs'], pg_catalog.count(*), pg_catalog.count(t2.c6), pg_catalog.count(ROW(t2.c6, t2.c3)), pg_catalog.count(DISTINCT t2.c3), pg_catalog.count(DISTINCT ROW(t2.c6, t2.c3)))) FROM (SELECT t1."album_id" AS c3, t1."composer" AS c6 FROM "public"."track" AS t1) AS t2 HAVING true);
