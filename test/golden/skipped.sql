-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT CAST('{}' AS pg_catalog.json) AS o FROM "public"."artist" AS t1 LIMIT 1) AS t2), (SELECT CAST('{}' AS pg_catalog.json) FROM "public"."artist" AS t3 WHERE t3."artist_id" OPERATOR(pg_catalog.=) $1);
-- $1 integer = "1"
