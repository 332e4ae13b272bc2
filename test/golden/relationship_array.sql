-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['album'], (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['title', 'track'], t3."title", (SELECT gqlsvl.json_list(t6.o) FROM (SELECT gqlsvl.json_object(ARRAY['name'], t5."name") AS o FROM "public"."track" AS t5 WHERE t5."album_id" OPERATOR(pg_catalog.=) t3."album_id" ORDER BY t5."track_id" ASC NULLS LAST LIMIT $1) AS t6)) AS o FROM "public"."album" AS t3 WHERE t3."artist_id" OPERATOR(pg_catalog.=) t1."artist_id" ORDER BY t3."title" DESC NULLS FIRST) AS t4)) AS o FROM "public"."artist" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.=) $2) AS t2);
-- $1 bigint = "2"
-- $2 integer = "1"
