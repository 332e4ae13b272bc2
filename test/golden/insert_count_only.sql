-- $.selectionSet.insert_artist
INSERT INTO "public"."artist" AS t0 ("artist_id") VALUES ($1), ($2);
-- $1 integer = "9001"
-- $2 integer = "9002"
-- $.selectionSet.insert_artist
SELECT pg_catalog.json_build_object('affected_rows', $1, '__typename', 'artist_mutation_response');
-- $1 bigint from affected rows
