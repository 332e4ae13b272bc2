-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['artist_id', 'name'], t1."artist_id", t1."name") AS o FROM "public"."artist" AS t1 WHERE (t1."name" OPERATOR(pg_catalog.~~*) $1 OR t1."artist_id" OPERATOR(pg_catalog.=) ANY ($2)) ORDER BY t1."name" DESC NULLS FIRST LIMIT 2) AS t2);
-- $1 pg_catalog.text = "%queen%"
-- $2 integer[] = "{\"1\",\"2\"}"
