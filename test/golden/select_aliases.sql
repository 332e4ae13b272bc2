-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['id', 'artist_id'], t1."artist_id", t1."artist_id") AS o FROM "public"."artist" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.=) $1) AS t2), (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t3."name") AS o FROM "public"."artist" AS t3 WHERE t3."artist_id" OPERATOR(pg_catalog.=) $2) AS t4);
-- $1 integer = "1"
-- $2 integer = "2"
