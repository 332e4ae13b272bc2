-- $.selectionSet.update_artist_by_pk
UPDATE "public"."artist" AS t0 SET "name" = $1 WHERE t0."artist_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."artist_id", t0."name";
-- $1 character varying = "Its \"quoted\" \\ ; DROP"
-- $2 integer = "1"
-- $.selectionSet.update_artist_by_pk
SELECT (SELECT gqlsvl.json_object(ARRAY['name', 'album'], t0."name", (SELECT gqlsvl.json_list(t2.o) FROM (SELECT gqlsvl.json_object(ARRAY['title', 'artist'], t1."title", CASE WHEN t3."artist_id" IS NOT NULL THEN gqlsvl.json_object(ARRAY['name'], t3."name") END) AS o FROM "public"."album" AS t1 LEFT JOIN "public"."artist" AS t3 ON t3."artist_id" OPERATOR(pg_catalog.=) t1."artist_id" WHERE t1."artist_id" OPERATOR(pg_catalog.=) t0."artist_id") AS t2)) FROM (SELECT u."artist_id", u."name" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u("artist_id", "name")) AS t0 LIMIT 1);
-- $1 bigint from affected rows
-- $2 integer[] from returned column 1
-- $3 character varying[] from returned column 2
-- $.selectionSet.update_artist_by_pk
WITH t0 AS (UPDATE "public"."artist" AS t0 SET "name" = $1 WHERE t0."artist_id" OPERATOR(pg_catalog.=) $2 RETURNING t0."name") SELECT (SELECT gqlsvl.json_object(ARRAY['name'], t0."name") FROM t0 LIMIT 1);
-- $1 character varying = "Its \"quoted\" \\ ; DROP"
-- $2 integer = "-1"
