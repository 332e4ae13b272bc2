-- $.selectionSet.update_artist_many
WITH t0 AS (UPDATE "public"."artist" AS t0 SET "name" = $1 WHERE t0."artist_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."artist_id", t0."name") SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], (SELECT pg_catalog.count(*) FROM t0), (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['artist_id', 'name'], t0."artist_id", t0."name")) FROM t0));
-- $1 character varying = "First"
-- $2 integer = "1"
-- $.selectionSet.update_artist_many
WITH t0 AS (UPDATE "public"."artist" AS t0 SET "name" = $1 WHERE t0."name" OPERATOR(pg_catalog.=) $2 RETURNING t0."artist_id", t0."name") SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], (SELECT pg_catalog.count(*) FROM t0), (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['artist_id', 'name'], t0."artist_id", t0."name")) FROM t0));
-- $1 character varying = "Second"
-- $2 character varying = "First"
-- $.selectionSet.update_track_many
UPDATE "public"."track" AS t0 SET "bytes" = t0."bytes" OPERATOR(pg_catalog.+) $1 WHERE t0."track_id" OPERATOR(pg_catalog.=) $2;
-- $1 integer = "1"
-- $2 integer = "1"
-- $.selectionSet.update_track_many
SELECT gqlsvl.json_object(ARRAY['affected_rows'], $1);
-- $1 bigint from affected rows
-- $.selectionSet.update_track_many
UPDATE "public"."track" AS t0 SET "name" = $1 WHERE t0."track_id" OPERATOR(pg_catalog.=) $2;
-- $1 character varying = "x"
-- $2 integer = "-1"
-- $.selectionSet.update_track_many
SELECT gqlsvl.json_object(ARRAY['affected_rows'], $1);
-- $1 bigint from affected rows
