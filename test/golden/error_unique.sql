-- $.selectionSet.insert_artist_one
WITH t0 AS (INSERT INTO "public"."artist" AS t0 ("artist_id") VALUES ($1) RETURNING t0."name") SELECT (SELECT gqlsvl.json_object(ARRAY['name'], t0."name") FROM t0 LIMIT 1);
-- $1 integer = "1"
