-- $.selectionSet.insert_artist
WITH t0 AS (INSERT INTO "public"."artist" AS t0 ("artist_id", "name") VALUES ($1, $2), ($3, DEFAULT), ($4, $5) RETURNING t0."artist_id", t0."name") SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], (SELECT pg_catalog.count(*) FROM t0), (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['artist_id', 'name'], t0."artist_id", t0."name")) FROM t0));
-- $1 integer = "9001"
-- $2 character varying = "A"
-- $3 integer = "9002"
-- $4 integer = "9003"
-- $5 character varying = null
