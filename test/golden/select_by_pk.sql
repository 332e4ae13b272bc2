-- $
SELECT (SELECT gqlsvl.json_object(ARRAY['title', 'artist'], t1."title", (SELECT gqlsvl.json_object(ARRAY['name'], t2."name") FROM "public"."artist" AS t2 WHERE t2."artist_id" OPERATOR(pg_catalog.=) t1."artist_id" LIMIT 1)) FROM "public"."album" AS t1 WHERE t1."album_id" OPERATOR(pg_catalog.=) $1 LIMIT 1), (SELECT gqlsvl.json_object(ARRAY['title'], t3."title") FROM "public"."album" AS t3 WHERE t3."album_id" OPERATOR(pg_catalog.=) $2 LIMIT 1);
-- $1 integer = "4"
-- $2 integer = "-1"
