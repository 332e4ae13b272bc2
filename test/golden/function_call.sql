-- $.selectionSet.copy_artist
SELECT t0."artist_id", t0."name" FROM "public"."copy_artist"($1, $2) AS t0 WHERE NOT (t0 IS NULL);
-- $1 integer = "1"
-- $2 pg_catalog.text = "Copy"
-- $.selectionSet.copy_artist
SELECT (SELECT gqlsvl.json_object(ARRAY['name', 'album'], t0."name", (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['title'], t1."title") AS o FROM "public"."album" AS t1 WHERE t1."artist_id" OPERATOR(pg_catalog.=) t0."artist_id") AS t2)) FROM (SELECT u."artist_id", u."name" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("artist_id", "name")) AS t0 LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $.selectionSet.touch_genres
SELECT (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['genre_id', 'name'], t1."genre_id", t1."name") AS o FROM "public"."touch_genres"($1) AS t1 WHERE t1."genre_id" OPERATOR(pg_catalog.>) $2 ORDER BY t1."genre_id" DESC NULLS FIRST) AS t2);
-- $1 integer = "3"
-- $2 integer = "1"
