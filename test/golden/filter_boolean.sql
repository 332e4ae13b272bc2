-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['artist_id'], t1."artist_id") AS o FROM "public"."artist" AS t1 WHERE ((t1."artist_id" OPERATOR(pg_catalog.>) $1 AND t1."artist_id" OPERATOR(pg_catalog.<) $2) OR (NOT t1."artist_id" OPERATOR(pg_catalog.>) $3)) ORDER BY t1."artist_id" ASC NULLS LAST) AS t2);
-- $1 integer = "1"
-- $2 integer = "4"
-- $3 integer = "1"
