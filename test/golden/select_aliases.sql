-- $
SELECT (SELECT COALESCE(pg_catalog.json_agg(t2.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('id', t1."artist_id", 'artist_id', t1."artist_id") AS o FROM "public"."artist" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.=) $1) AS t2), (SELECT COALESCE(pg_catalog.json_agg(t4.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('name', t3."name") AS o FROM "public"."artist" AS t3 WHERE t3."artist_id" OPERATOR(pg_catalog.=) $2) AS t4);
-- $1 integer = "1"
-- $2 integer = "2"
