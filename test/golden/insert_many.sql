-- $.selectionSet.insert_artist
WITH t0 AS (INSERT INTO "public"."artist" AS t0 ("artist_id", "name") VALUES ($1, $2), ($3, DEFAULT), ($4, $5) RETURNING t0."artist_id", t0."name") SELECT pg_catalog.json_build_object('affected_rows', (SELECT pg_catalog.count(*) FROM t0), 'returning', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('artist_id', t0."artist_id", 'name', t0."name")), CAST('[]' AS pg_catalog.json)) FROM t0));
-- $1 integer = "9001"
-- $2 character varying = "A"
-- $3 integer = "9002"
-- $4 integer = "9003"
-- $5 character varying = null
