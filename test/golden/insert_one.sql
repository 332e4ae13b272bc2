-- $.selectionSet.insert_album_one
INSERT INTO "public"."album" AS t0 ("album_id", "artist_id", "title") VALUES ($1, $2, $3) RETURNING t0."album_id", t0."title", t0."artist_id";
-- $1 integer = "9001"
-- $2 integer = "1"
-- $3 character varying = "New"
-- $.selectionSet.insert_album_one
SELECT (SELECT gqlsvl.json_object(ARRAY['album_id', 'title', 'artist'], t0."album_id", t0."title", CASE WHEN t1."artist_id" IS NOT NULL THEN gqlsvl.json_object(ARRAY['name', 'album_aggregate'], t1."name", (SELECT gqlsvl.json_object(ARRAY['aggregate'], gqlsvl.json_object(ARRAY['count'], pg_catalog.count(*))) FROM (SELECT  FROM "public"."album" AS t2 WHERE t2."artist_id" OPERATOR(pg_catalog.=) t1."artist_id") AS t3 HAVING true)) END) FROM (SELECT u."album_id", u."title", u."artist_id" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) AS u("album_id", "title", "artist_id")) AS t0 LEFT JOIN "public"."artist" AS t1 ON t1."artist_id" OPERATOR(pg_catalog.=) t0."artist_id" LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $4 integer[] from returned column 3
