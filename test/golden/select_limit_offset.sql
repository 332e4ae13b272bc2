-- $
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['track_id', 'milliseconds', 'unit_price'], t1."track_id", t1."milliseconds", t1."unit_price") AS o FROM "public"."track" AS t1 ORDER BY t1."milliseconds" DESC NULLS FIRST, t1."track_id" ASC NULLS LAST LIMIT 2 OFFSET $1) AS t2);
-- $1 bigint = "3"
