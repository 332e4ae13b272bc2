-- $
SELECT (SELECT gqlsvl.json_object(ARRAY['track', 'playlist'], (SELECT gqlsvl.json_object(ARRAY['name'], t2."name") FROM "public"."track" AS t2 WHERE t2."track_id" OPERATOR(pg_catalog.=) t1."track_id" LIMIT 1), (SELECT gqlsvl.json_object(ARRAY['name'], t3."name") FROM "public"."playlist" AS t3 WHERE t3."playlist_id" OPERATOR(pg_catalog.=) t1."playlist_id" LIMIT 1)) FROM "public"."playlist_track" AS t1 WHERE t1."playlist_id" OPERATOR(pg_catalog.=) $1 AND t1."track_id" OPERATOR(pg_catalog.=) $2 LIMIT 1);
-- $1 integer = "1"
-- $2 integer = "3402"
