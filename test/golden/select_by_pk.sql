-- $
SELECT (SELECT gqlsvl.json_object(ARRAY['title', 'artist'], t1."title", CASE WHEN t2."artist_id" IS NOT NULL THEN gqlsvl.json_object(ARRAY['name'], t2."name") END) FROM "public"."album" AS t1 LEFT JOIN "public"."artist" AS t2 ON t2."artist_id" OPERATOR(pg_catalog.=) t1."artist_id" WHERE t1."album_id" OPERATOR(pg_catalog.=) $1), (SELECT gqlsvl.json_object(ARRAY['title'], t3."title") FROM "public"."album" AS t3 WHERE t3."album_id" OPERATOR(pg_catalog.=) $2);
-- $1 integer = "4"
-- $2 integer = "-1"
