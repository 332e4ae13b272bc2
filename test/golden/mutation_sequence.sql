-- $.selectionSet.insert_artist_one
WITH t0 AS (INSERT INTO "public"."artist" AS t0 ("artist_id", "name") VALUES ($1, $2) RETURNING t0."name") SELECT (SELECT gqlsvl.json_object(ARRAY['name'], t0."name") FROM t0 LIMIT 1);
-- $1 integer = "9001"
-- $2 character varying = "A"
-- $.selectionSet.update_artist
WITH t0 AS (UPDATE "public"."artist" AS t0 SET "name" = $1 WHERE t0."artist_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."name") SELECT gqlsvl.json_object(ARRAY['returning'], (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['name'], t0."name")) FROM t0));
-- $1 character varying = "B"
-- $2 integer = "9001"
-- $.selectionSet.delete_artist_by_pk
WITH t0 AS (DELETE FROM "public"."artist" AS t0 WHERE t0."artist_id" OPERATOR(pg_catalog.=) $1 RETURNING t0."name") SELECT (SELECT gqlsvl.json_object(ARRAY['name'], t0."name") FROM t0 LIMIT 1);
-- $1 integer = "9001"
