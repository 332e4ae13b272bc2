-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['track_id'], t1."track_id") AS o FROM "public"."track" AS t1 WHERE ((t1."milliseconds" OPERATOR(pg_catalog.>) $1 AND t1."milliseconds" OPERATOR(pg_catalog.<=) $2) AND t1."track_id" OPERATOR(pg_catalog.<>) $3) ORDER BY t1."track_id" ASC NULLS LAST) AS t2), (SELECT gqlsvl.json_list(t4.o) FROM (SELECT gqlsvl.json_object(ARRAY['artist_id'], t3."artist_id") AS o FROM "public"."artist" AS t3 WHERE (t3."artist_id" OPERATOR(pg_catalog.>=) $4 AND t3."artist_id" OPERATOR(pg_catalog.<) $5) ORDER BY t3."artist_id" ASC NULLS LAST) AS t4);
-- $1 integer = "5000000"
-- $2 integer = "5286953"
-- $3 integer = "1"
-- $4 integer = "274"
-- $5 integer = "276"
