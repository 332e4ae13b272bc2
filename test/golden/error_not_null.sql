-- $.selectionSet.insert_album_one
WITH t0 AS (INSERT INTO "public"."album" AS t0 ("album_id", "artist_id") VALUES ($1, $2) RETURNING t0."title") SELECT (SELECT gqlsvl.json_object(ARRAY['title'], t0."title") FROM t0 LIMIT 1);
-- $1 integer = "9001"
-- $2 integer = "1"
