-- $.selectionSet.insert_artist
WITH t0 AS (INSERT INTO "public"."artist" AS t0 ("artist_id", "name") VALUES ($1, $2), ($3, $4) ON CONFLICT ON CONSTRAINT "artist_pkey" DO UPDATE SET "name" = excluded."name" RETURNING t0."artist_id", t0."name") SELECT gqlsvl.json_object(ARRAY['affected_rows', 'returning'], (SELECT pg_catalog.count(*) FROM t0), (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['artist_id', 'name'], t0."artist_id", t0."name")) FROM t0));
-- $1 integer = "1"
-- $2 character varying = "Changed"
-- $3 integer = "9001"
-- $4 character varying = "New"
