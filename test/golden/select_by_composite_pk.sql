-- $
SELECT (SELECT gqlsvl.json_object(ARRAY['track', 'playlist'], CASE WHEN t2."track_id" IS NOT NULL THEN gqlsvl.json_object(ARRAY['name'], t2."name") END, CASE WHEN t3."playlist_id" IS NOT NULL THEN gqlsvl.json_object(ARRAY['name'], t3."name") END) FROM "public"."playlist_track" AS t1 LEFT JOIN "public"."track" AS t2 ON t2."track_id" OPERATOR(pg_catalog.=) t1."track_id" LEFT JOIN "public"."playlist" AS t3 ON t3."playlist_id" OPERATOR(pg_catalog.=) t1."playlist_id" WHERE t1."playlist_id" OPERATOR(pg_catalog.=) $1 AND t1."track_id" OPERATOR(pg_catalog.=) $2);
-- $1 integer = "1"
-- $2 integer = "3402"
