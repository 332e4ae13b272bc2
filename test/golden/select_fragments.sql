-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['name', 'artist_id', 'album'], t1."name", t1."artist_id", (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['title'], t3."title") AS o FROM "public"."album" AS t3 WHERE t3."artist_id" OPERATOR(pg_catalog.=) t1."artist_id" ORDER BY t3."album_id" ASC NULLS LAST) AS t4)) AS o FROM "public"."artist" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.<) $1 ORDER BY t1."artist_id" ASC NULLS LAST) AS t2);
-- $1 integer = "3"
