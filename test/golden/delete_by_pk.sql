-- $.selectionSet.delete_playlist_track_by_pk
WITH t0 AS (DELETE FROM "public"."playlist_track" AS t0 WHERE t0."playlist_id" OPERATOR(pg_catalog.=) $1 AND t0."track_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."track_id") SELECT (SELECT gqlsvl.json_object(ARRAY['track_id'], t0."track_id") FROM t0 LIMIT 1);
-- $1 integer = "1"
-- $2 integer = "3402"
-- $.selectionSet.delete_playlist_track_by_pk
WITH t0 AS (DELETE FROM "public"."playlist_track" AS t0 WHERE t0."playlist_id" OPERATOR(pg_catalog.=) $1 AND t0."track_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."track_id") SELECT (SELECT gqlsvl.json_object(ARRAY['track_id'], t0."track_id") FROM t0 LIMIT 1);
-- $1 integer = "1"
-- $2 integer = "3402"
