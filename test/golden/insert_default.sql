-- $.selectionSet.insert_song
WITH t0 AS (INSERT INTO "public"."song" AS t0 ("id", "plays", "title") VALUES ($1, DEFAULT, DEFAULT), ($2, DEFAULT, $3), ($4, $5, $6) RETURNING t0."id", t0."title", t0."plays") SELECT gqlsvl.json_object(ARRAY['returning'], (SELECT gqlsvl.json_list(gqlsvl.json_object(ARRAY['id', 'title', 'plays'], t0."id", t0."title", t0."plays")) FROM t0));
-- $1 integer = "1"
-- $2 integer = "2"
-- $3 pg_catalog.text = null
-- $4 integer = "3"
-- $5 integer = "5"
-- $6 pg_catalog.text = "x"
