-- $.selectionSet.insert_artist
INSERT INTO "public"."artist" AS t0 ("artist_id") VALUES ($1), ($2);
-- $1 integer = "9001"
-- $2 integer = "9002"
-- $.selectionSet.insert_artist
SELECT gqlsvl.json_object(ARRAY['affected_rows', '__typename'], $1, 'artist_mutation_response');
-- $1 bigint from affected rows
