-- $
SELECT (SELECT COALESCE(pg_catalog.json_agg(t2.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('artist_id', t1."artist_id", 'name', t1."name") AS o FROM "public"."artist" AS t1 ORDER BY t1."artist_id" ASC NULLS LAST LIMIT $1) AS t2);
-- $1 bigint = "1"
