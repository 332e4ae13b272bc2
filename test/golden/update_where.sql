-- $.selectionSet.update_track
WITH t0 AS (UPDATE "public"."track" AS t0 SET "composer" = $1, "unit_price" = t0."unit_price" OPERATOR(pg_catalog.+) $2 WHERE (t0."album_id" OPERATOR(pg_catalog.=) $3 AND t0."track_id" OPERATOR(pg_catalog.<) $4) RETURNING t0."track_id", t0."composer", t0."unit_price") SELECT pg_catalog.json_build_object('affected_rows', (SELECT pg_catalog.count(*) FROM t0), 'returning', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('track_id', t0."track_id", 'composer', t0."composer", 'unit_price', t0."unit_price")), CAST('[]' AS pg_catalog.json)) FROM t0));
-- $1 character varying = null
-- $2 numeric = "0.01"
-- $3 integer = "1"
-- $4 integer = "8"
