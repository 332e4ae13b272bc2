-- $.selectionSet.update_track
WITH t0 AS (UPDATE "public"."track" AS t0 SET "unit_price" = t0."unit_price" OPERATOR(pg_catalog.+) $1, "composer" = $2 WHERE (t0."album_id" OPERATOR(pg_catalog.=) $3 AND t0."track_id" OPERATOR(pg_catalog.<) $4) RETURNING t0."track_id", t0."composer", t0."unit_price") SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], (SELECT pg_catalog.count(*) FROM t0), (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['track_id', 'composer', 'unit_price'], t0."track_id", t0."composer", t0."unit_price")) FROM t0));
-- $1 numeric = "0.01"
-- $2 character varying = null
-- $3 integer = "1"
-- $4 integer = "8"
