-- $
SELECT (SELECT COALESCE(pg_catalog.json_agg(t2.o), CAST('[]' AS pg_catalog.json)) FROM (SELECT pg_catalog.json_build_object('track_id', t1."track_id", 'milliseconds', t1."milliseconds", 'unit_price', t1."unit_price") AS o FROM "public"."track" AS t1 ORDER BY t1."milliseconds" DESC NULLS FIRST, t1."track_id" ASC NULLS LAST LIMIT $1 OFFSET $2) AS t2);
-- $1 bigint = "2"
-- $2 bigint = "3"
