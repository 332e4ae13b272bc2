-- $.selectionSet.insert_artist_one
WITH t0 AS (INSERT INTO "public"."artist" AS t0 ("artist_id") VALUES ($1) RETURNING t0."artist_id") SELECT (SELECT gqlsvl.json_object(ARRAY['artist_id'], t0."artist_id") FROM t0 LIMIT 1);
-- $1 integer = "9001"
-- $.selectionSet.insert_album
INSERT INTO "public"."album" AS t0 ("album_id", "artist_id", "title") VALUES ($1, $2, $3);
-- $1 integer = "9001"
-- $2 integer = "-1"
-- $3 character varying = "x"
-- $.selectionSet.insert_album
SELECT gqlsvl.json_object(ARRAY['affected_rows'], $1);
-- $1 bigint from affected rows
